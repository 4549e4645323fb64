"""Statistics, asked of a child process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

from chassis.child_processes import ask_child
from services.analytics.statistics.rules.messages import FOUND, LOOKING, ROWS, CountedRows, Found, Looking

MODULE: Final = "services.analytics.statistics.process"
LONGEST_SECONDS: Final = 900.0


async def look_through(looking: Looking, parts: AsyncIterator[CountedRows]) -> Found:
    """What statistics say of the rows. Raises ChildFailed."""
    return FOUND.validate_json(await ask_child(MODULE, _lines(looking, parts), LONGEST_SECONDS))


async def _lines(looking: Looking, parts: AsyncIterator[CountedRows]) -> AsyncIterator[bytes]:
    yield LOOKING.dump_json(looking)
    async for part in parts:
        yield ROWS.dump_json(part)
