"""DuckDB in this process: one instance, one bound of memory, two questions at a time and one writer beside them.

Files of copies are attached to it under names of their own, so that a new one can be filled while the old one answers.
Statements run in threads; DuckDB lets go of the interpreter meanwhile.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from chassis.db.statements import compile_statement
from chassis.problems import Unavailable
from services.analytics.store.rules.questions import Statement

T = TypeVar("T")
AT_ONCE = 2
THREADS = 2
WAIT_SECONDS = 5.0
ANSWER_SECONDS = 30.0
_SETTINGS = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    # As in Postgres, so that the same expressions mean the same.
    "integer_division": "true",
    "default_null_order": "nulls_last_on_asc_first_on_desc",
}


class FiguresBusy(Unavailable):
    """More is being counted than there is room for."""

    slug = "figures-busy"
    title = "Too many figures are being counted at once; repeat the request"


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows of one statement and the names of their columns."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]


class Engine:
    """Begin it in the process that uses it; `close` gives everything back."""

    def __init__(self, temporary: Path, memory_mb: int) -> None:
        import duckdb

        self.errors: type[Exception] = duckdb.Error
        self.out_of_memory: type[Exception] = duckdb.OutOfMemoryException
        self.interrupted: type[Exception] = duckdb.InterruptException
        configuration: dict[str, str | bool | int | float | list[str]] = {
            **_SETTINGS,
            "threads": THREADS,
            "memory_limit": f"{memory_mb}MB",
            "temp_directory": str(temporary),
        }
        self._root = duckdb.connect(":memory:", config=configuration)
        self._readers = ThreadPoolExecutor(AT_ONCE, "figures")
        self._writer = ThreadPoolExecutor(1, "copy")
        self._free = asyncio.Semaphore(AT_ONCE)

    async def ask(self, statements: Sequence[Statement]) -> Answer:
        """What statements say of one state of the data; of several, the columns of their first rows side by side.

        `FiguresBusy` when they get no turn, take too long or too much.
        """
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                await self._free.acquire()
        except TimeoutError:
            raise FiguresBusy from None
        try:
            cursor = self._root.cursor()
            running = asyncio.get_running_loop().run_in_executor(
                self._readers, _fetch_all, cursor, statements
            )
        except BaseException:
            self._free.release()
            raise
        # The turn ends with the thread, which goes on when nobody waits for it any more.
        running.add_done_callback(self._on_done)
        try:
            return await asyncio.wait_for(asyncio.shield(running), ANSWER_SECONDS)
        except (TimeoutError, asyncio.CancelledError) as error:
            with suppress(self.errors):  # it may just have come to its end
                cursor.interrupt()
            if isinstance(error, TimeoutError):
                raise FiguresBusy from None
            raise
        except (self.out_of_memory, self.interrupted):
            raise FiguresBusy from None

    def _on_done(self, running: asyncio.Future[Answer]) -> None:
        self._free.release()
        if not running.cancelled():
            running.exception()  # seen, also where nobody waits for it

    async def work(self, function: Callable[[Any], T]) -> T:
        """Let the writer do something with a connection; one after the other."""
        return await asyncio.get_running_loop().run_in_executor(self._writer, self._with_cursor, function)

    def _with_cursor(self, function: Callable[[Any], T]) -> T:
        with self._root.cursor() as cursor:
            return function(cursor)

    async def attach(self, file: Path, name: str) -> None:
        """Open a file, or make it."""
        path = str(file).replace("'", "''")
        await self.work(lambda cursor: cursor.execute(f"ATTACH '{path}' AS {name}"))

    async def detach(self, name: str) -> None:
        """Close a file that nobody asks any more."""
        await self.work(lambda cursor: cursor.execute(f"DETACH {name}"))

    def close(self) -> None:
        """Wait for what runs, and close all files."""
        self._readers.shutdown()
        self._writer.shutdown()
        self._root.close()


def _fetch_all(cursor: Any, statements: Sequence[Statement]) -> Answer:
    """In a thread."""
    with cursor:
        cursor.execute("BEGIN TRANSACTION READ ONLY")
        answers = [_fetch(cursor, each) for each in statements]
        cursor.execute("COMMIT")
    if len(answers) == 1:
        return answers[0]
    names = tuple(name for answer in answers for name in answer.columns)
    return Answer(names, [tuple(value for answer in answers for value in answer.rows[0])])


def _fetch(cursor: Any, asked: Statement) -> Answer:
    """Organisations are texts in the copy."""
    statement = compile_statement(asked.sql)
    arguments = statement.arguments(dict(asked.parameters))
    cursor.execute(statement.sql, [str(each) if isinstance(each, UUID) else each for each in arguments])
    return Answer(tuple(column[0] for column in cursor.description), cursor.fetchall())
