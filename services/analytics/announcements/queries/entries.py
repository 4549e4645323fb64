"""Reading what was announced: by place, and never past a transaction that has not ended (ADR 13)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import row, rows, scalar
from chassis.feeds import settled
from services.analytics.announcements.rules import KEPT

AT_ONCE: Final = 500
LOOKED_FOR: Final = timedelta(minutes=5)  # so old at most is what a process knows of what is gone
_LAST_POSITION: Final = 2**63 - 1
_SETTLED: Final = settled("analytics")
_ENTRIES: Final = f"""
SELECT xid, position, region, municipality, organisation_id, event, data::text AS data, at FROM analytics.stream_entry
WHERE (xid, position) > (:xid, :position) AND (xid, position) <= (:last_xid, :last_position) AND xid < {_SETTLED}
ORDER BY xid, position LIMIT {AT_ONCE}
"""
# The newest entry that is too old is never purged, so that there is one for as long as there was any.
_GONE: Final = """
SELECT xid, position FROM analytics.stream_entry WHERE at < now() - CAST(:kept AS interval)
ORDER BY xid DESC, position DESC LIMIT 1
"""
_RECENT: Final = f"""
SELECT xid, position, region, municipality, organisation_id, event, data::text AS data, at FROM analytics.stream_entry
WHERE (xid, position) <= (:xid, :position) AND xid < {_SETTLED} ORDER BY xid DESC, position DESC LIMIT :limit
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
NOWHERE: Final = Place(0, 0)


@dataclass(frozen=True, slots=True)
class TooOld:
    """The place of an entry."""

    xid: int
    position: int


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


async def read_recent(session: AsyncSession, until: Place, limit: int) -> list[Entry]:
    """The last entries up to a place, oldest first."""
    found = await rows(session, Entry, _RECENT, xid=until.xid, position=until.position, limit=limit)
    return found[::-1]


async def read_gone(session: AsyncSession) -> Place:
    """Up to where entries are too old to be read on from: a little younger ones than may have been purged by now."""
    found = await row(session, TooOld, _GONE, kept=KEPT - LOOKED_FOR)
    return Place(found.xid, found.position) if found else NOWHERE
