"""A process that follows the facts and is killed at a statement of its first batch: `… URL FOLDER STATEMENT`."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from chassis.db import create_engine, create_reading_sessions
from services.analytics.store.actions.folders import open_copy
from services.analytics.store.actions.following import Source
from services.analytics.store.queries.engine import Engine
from tests.analytics.copying import Copied, known_as_of

T = TypeVar("T")


class DyingCursor:
    """Counts the statements from the beginning of a transaction; dies before one of them, or after the last."""

    def __init__(self, cursor: Any, statement: int) -> None:
        self.cursor = cursor
        self.statement = statement
        self.count = 0

    def execute(self, sql: str, *parameters: Any) -> Any:
        """As the cursor does."""
        self.count += sql.startswith("BEGIN") or self.count > 0
        if self.count == self.statement:
            os.kill(os.getpid(), signal.SIGKILL)
        done = self.cursor.execute(sql, *parameters)
        if sql == "COMMIT" and self.statement > self.count:
            os.kill(os.getpid(), signal.SIGKILL)
        return done


class DyingEngine(Engine):
    """Its writer dies."""

    statement = 0

    def _with_cursor(self, function: Callable[[Any], T]) -> T:
        with self._root.cursor() as cursor:
            return function(DyingCursor(cursor, self.statement))


async def main(url: str, folder: Path, statement: int) -> None:
    """Follow until the end."""
    copy = open_copy(folder, 200)
    copy.engine.close()
    engine = DyingEngine(copy.folder / "temporary", 200)
    engine.statement = statement
    copy.engine = engine
    copied = Copied(copy, Source(create_reading_sessions(create_engine(url, 2)), known_as_of))
    await copied.begin()
    await copied.follow()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])))
