"""Reading what was announced: by place, and never past a transaction that has not ended (ADR 13)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import rows, scalar
from chassis.feeds import settled
from services.analytics.announcements.rules import KEPT

AT_ONCE: Final = 500
_LAST_POSITION: Final = 2**63 - 1
_SETTLED: Final = settled("analytics")
_ENTRIES: Final = f"""
SELECT xid, position, region, municipality, organisation_id, event, data::text AS data, at FROM analytics.stream_entry
WHERE (xid, position) > (:xid, :position) AND (xid, position) <= (:last_xid, :last_position) AND xid < {_SETTLED}
ORDER BY xid, position LIMIT {AT_ONCE}
"""
# The newest entry that is too old is never purged, so that there is one for as long as there was any.
_GONE: Final = """
SELECT EXISTS (
    SELECT FROM analytics.stream_entry WHERE at < now() - CAST(:kept AS interval) AND (xid, position) > (:xid, :position)
)
"""
_CHANGES: Final = f"""
SELECT xid, position, regions FROM analytics.figure_change
WHERE (xid, position) > (:xid, :position) AND xid < {_SETTLED} ORDER BY xid, position LIMIT {AT_ONCE}
"""


class Place(NamedTuple):
    """After the row with this number and position."""

    xid: int
    position: int


FAR: Final = Place(_LAST_POSITION, _LAST_POSITION)


@dataclass(frozen=True, slots=True)
class Entry:
    """Something announced; `data` is JSON."""

    xid: int
    position: int
    region: str
    municipality: str | None
    organisation_id: UUID | None
    event: str
    data: str
    at: datetime

    @property
    def place(self) -> Place:
        """Where a reader stands who has read it."""
        return Place(self.xid, self.position)


@dataclass(frozen=True, slots=True)
class Change:
    """Of which regions a batch of events changed the facts."""

    xid: int
    position: int
    regions: list[str]

    @property
    def place(self) -> Place:
        """Where a reader stands who has read it."""
        return Place(self.xid, self.position)


async def read_end(session: AsyncSession) -> Place:
    """Behind everything that can be read now: whatever is committed later comes after it."""
    return Place((await scalar(session, int, f"SELECT {_SETTLED}") or 0) - 1, _LAST_POSITION)


async def read_entries(session: AsyncSession, after: Place, until: Place = FAR) -> list[Entry]:
    """What the session may see of the next entries, at most `AT_ONCE`."""
    return await rows(
        session,
        Entry,
        _ENTRIES,
        xid=after.xid,
        position=after.position,
        last_xid=until.xid,
        last_position=until.position,
    )


async def read_changes(session: AsyncSession, after: Place) -> list[Change]:
    """The next changes of facts, at most `AT_ONCE`."""
    return await rows(session, Change, _CHANGES, xid=after.xid, position=after.position)


async def is_gone(session: AsyncSession, after: Place) -> bool:
    """Whether something after a place may have been purged, for all regions alike: the session sees all rows."""
    found = await scalar(session, bool, _GONE, kept=KEPT, xid=after.xid, position=after.position)
    return bool(found)
