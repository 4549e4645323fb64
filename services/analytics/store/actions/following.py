"""A file follows the facts: what batches of events noted as changed is fetched whole and written in one transaction with
the place in the notes that it is up to. A crash repeats a batch; nothing is lost, nothing counted twice."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import column, copy_to_file, open_work, row, rows
from chassis.feeds import FeedPlace, read_generations, settled
from chassis.resources import Sessions
from chassis.tasks import turned
from services.analytics.store.actions.folders import write_place
from services.analytics.store.queries.copies import Catalog, FigureCopy
from services.analytics.store.rules.copies import (
    CHANGED_NUMBERS,
    TABLES,
    changed_rows,
    delete_statement,
    load_statement,
)

NOTES_AT_ONCE = 200
_LAST_POSITION = 2**63 - 1
_SETTLED = settled("analytics")
_HORIZON = f"""
SELECT {_SETTLED} AS settled, coalesce((SELECT max(xid) FROM analytics.figure_purge), 0) AS purged,
    EXISTS (SELECT FROM analytics.figure_change WHERE xid >= {_SETTLED}) AS unsettled
"""
_NOTES = f"""
SELECT xid, position, regions, appeals FROM analytics.figure_change
WHERE (xid, position) > (:xid, :position) AND xid < {_SETTLED} ORDER BY xid, position LIMIT :limit
"""


class CopyBehind(Exception):
    """What the file has not read is gone, or belongs to another history of the database."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a copy is made from: sessions that read one snapshot, and how fresh the facts are."""

    sessions: Sessions
    read_as_of: Callable[[AsyncSession], Awaitable[datetime | None]]

    async def as_of(self) -> datetime | None:
        """In a transaction of its own: a snapshot that is taken later holds everything it promises."""
        async with self.sessions() as session:
            await open_work(session)
            return await self.read_as_of(session)


@dataclass(frozen=True, slots=True)
class Horizon:
    """The number below which every transaction has ended, the newest that was purged, whether there are later ones."""

    settled: int
    purged: int
    unsettled: bool


@dataclass(frozen=True, slots=True)
class Note:
    """Which appeals a batch changed."""

    xid: int
    position: int
    regions: list[str]
    appeals: list[UUID]


@dataclass(frozen=True, slots=True)
class Batch:
    """Appeals by number that are to be written anew from files; the place afterwards and how fresh it is there."""

    numbers: Sequence[int]
    files: dict[str, Path]
    place: FeedPlace
    as_of: datetime | None


@dataclass(frozen=True, slots=True)
class Step:
    """What a step of following came to: whether there may be more to read, and whether the file now equals the facts."""

    goes_on: bool
    is_whole: bool


async def follow(copy: FigureCopy, catalog: Catalog, source: Source) -> bool:
    """One batch of changes; whether there may be more. `CopyBehind` when the file cannot go on."""
    as_of = await source.as_of()
    async with source.sessions() as session:
        await open_work(session)
        return (await follow_in(session, copy, catalog, as_of)).goes_on


async def follow_in(
    session: AsyncSession, copy: FigureCopy, catalog: Catalog, as_of: datetime | None
) -> Step:
    """The same within a snapshot: a whole step leaves the file as the facts are in it."""
    horizon, notes, place = await _read_notes(session, catalog.place)
    goes_on = len(notes) == NOTES_AT_ONCE
    step = Step(goes_on, not goes_on and not horizon.unsettled)
    batch = await _fetch(session, copy.folder, notes, place, as_of if step.is_whole else catalog.as_of)
    if batch.numbers:
        await copy.engine.work(lambda cursor: write(cursor, catalog, batch))
        catalog.writes += 1
    catalog.place, catalog.as_of = batch.place, batch.as_of
    return step


async def end_of_notes(source: Source) -> FeedPlace:
    """The place from which a file has to follow whose rows are read from now on."""
    async with source.sessions() as session:
        await open_work(session)
        horizon = await row(session, Horizon, _HORIZON)
        assert horizon is not None
        generations = await read_generations(session, "analytics")
        return generations.place_after(horizon.settled - 1, _LAST_POSITION)


async def _read_notes(session: AsyncSession, after: FeedPlace) -> tuple[Horizon, list[Note], FeedPlace]:
    generations = await read_generations(session, "analytics")
    horizon = await row(session, Horizon, _HORIZON)
    assert horizon is not None
    if generations.resume(after) != after or after.xid < horizon.purged:
        raise CopyBehind
    notes = await rows(session, Note, _NOTES, xid=after.xid, position=after.position, limit=NOTES_AT_ONCE)
    if len(notes) < NOTES_AT_ONCE:
        return horizon, notes, generations.place_after(horizon.settled - 1, _LAST_POSITION)
    return horizon, notes, generations.place_after(notes[-1].xid, notes[-1].position)


async def _fetch(
    session: AsyncSession, folder: Path, notes: Sequence[Note], place: FeedPlace, as_of: datetime | None
) -> Batch:
    """The changed appeals' rows as they are in this snapshot; rows of later changes may be among them."""
    if not notes:
        return Batch([], {}, place, as_of)
    keys = {
        pair: None for note in notes for pair in zip(note.regions, note.appeals, strict=True)
    }  # each once, in order
    changed = {"regions": [region for region, _ in keys], "appeals": [appeal for _, appeal in keys]}
    numbers = await column(session, int, CHANGED_NUMBERS, **changed)
    files = {table: folder / f"changed-{table}.csv" for table in TABLES}
    for table, file in files.items():
        await copy_to_file(session, file, changed_rows(table), **changed)
    return Batch(numbers, files, place, as_of)


def write(cursor: Any, catalog: Catalog, batch: Batch) -> None:
    """In the writer's thread: all of a batch and its place, or nothing."""
    as_of = None if batch.as_of is None else batch.as_of.isoformat()
    with transaction(cursor):
        for table in batch.files:
            cursor.execute(delete_statement(catalog.name, table), [batch.numbers])
        load(cursor, catalog, batch.files)
        write_place(cursor, catalog, batch.place, as_of)


def load(cursor: Any, catalog: Catalog, files: Mapping[str, Path]) -> None:
    """Add what Postgres wrote, by table."""
    for table, file in files.items():
        if file.stat().st_size:
            cursor.execute(load_statement(catalog.name, table, file))


@contextmanager
def transaction(cursor: Any) -> Iterator[None]:
    """All or nothing."""
    cursor.execute("BEGIN TRANSACTION")
    try:
        yield
    except BaseException:
        cursor.execute("ROLLBACK")
        raise
    cursor.execute("COMMIT")


async def catch_up(copy: FigureCopy, catalog: Catalog, source: Source) -> None:
    """Until nothing is left that was noted before."""
    goes_on = True
    while goes_on:
        goes_on = await follow(copy, catalog, source)
        turned()
