"""A new file from Postgres, some of a region's appeals after the other, so that neither side holds much at a time; and from
an older file, sorted. Either follows the facts from where they stood before the first row was read, and answers when it has
caught up."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog

from chassis.db import column, copy_to_file, open_all_rows, scalar
from chassis.priority import foreground
from chassis.tasks import turned
from services.analytics.store.actions.folders import (
    adopt_newest,
    create_catalog,
    drop,
    remove_retired,
    write_place,
)
from services.analytics.store.actions.following import (
    CopyBehind,
    Source,
    catch_up,
    end_of_notes,
    follow,
    load,
    transaction,
)
from services.analytics.store.queries.copies import SMALL_REGISTER, Catalog, FigureCopy
from services.analytics.store.rules.copies import TABLES, rows_between, sort_statement

CHUNK = 245_760  # appeals: two of the groups of rows that a file is written in
_LAST = UUID(int=2**128 - 1)
_REGIONS = """
WITH RECURSIVE known AS (
    (SELECT region FROM analytics.fact_appeal ORDER BY region LIMIT 1)
    UNION ALL
    SELECT (SELECT f.region FROM analytics.fact_appeal AS f WHERE f.region > k.region ORDER BY f.region LIMIT 1)
    FROM known AS k WHERE k.region IS NOT NULL
)
SELECT region FROM known WHERE region IS NOT NULL
"""
# Appeals' ids begin with the time (UUIDv7): a chunk lies in a few months of the facts.
_END = """
SELECT appeal_id FROM (
    SELECT appeal_id FROM analytics.fact_appeal WHERE region = :region AND appeal_id >= :first
    ORDER BY appeal_id LIMIT :most
) AS chunk ORDER BY appeal_id DESC LIMIT 1
"""
# An estimate from the files' sizes, which are always known: rows of facts take 150 bytes at least.
_SIZE = """
SELECT coalesce(sum(pg_relation_size(inhrelid)), 0)::bigint / 150 FROM pg_inherits
WHERE inhparent = 'analytics.fact_appeal'::regclass
"""
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Chunk:
    """Appeals of a region, by id from `first` to `last`, both inclusive."""

    region: str
    first: UUID
    last: UUID


async def begin_serving(copy: FigureCopy, source: Source) -> None:
    """The file of an earlier run if it can go on, else a new one."""
    await _measure_register(copy, source)
    catalog = None if copy.is_opened else await adopt_newest(copy)
    copy.is_opened = True
    if catalog is not None:
        try:
            await catch_up(copy, catalog, source)
        except CopyBehind:
            await drop(copy, catalog)
            catalog = None
    await replace_serving(copy, catalog or await build(copy, source))


async def _measure_register(copy: FigureCopy, source: Source) -> None:
    """Find out whether Postgres can answer meanwhile."""
    async with source.sessions() as session:
        copy.is_small = (await scalar(session, int, _SIZE) or 0) <= SMALL_REGISTER


async def build(copy: FigureCopy, source: Source) -> Catalog:
    """A file of all facts, following them; nothing of it is left when it fails."""
    as_of, place = await source.as_of(), await end_of_notes(source)
    catalog = await create_catalog(copy)
    try:
        async for chunk in _chunks(source):
            await foreground.yield_to()
            await _load(copy, catalog, source, chunk)
            turned()
        catalog.place, catalog.as_of = place, as_of
        await _complete(copy, catalog)
        await catch_up(copy, catalog, source)
    except BaseException:
        await drop(copy, catalog)
        raise
    log.info("figures copy built", bytes=catalog.file.stat().st_size)
    return catalog


async def resort(copy: FigureCopy, old: Catalog, source: Source) -> Catalog:
    """A file of the same rows in order, each change of theirs in place; the old one follows the facts meanwhile."""
    place, as_of = old.place, old.as_of
    catalog = await create_catalog(copy)
    try:
        found = await copy.engine.work(
            lambda cursor: cursor.execute(
                f"SELECT region FROM {old.name}.appeal UNION SELECT region FROM {old.name}.assignment ORDER BY 1"
            ).fetchall()
        )
        for (region,) in found:
            for table in TABLES:
                statement = sort_statement(catalog.name, table, old.name)
                await copy.engine.work(partial(_run, statement, region))
            await follow(copy, old, source)
            turned()
        catalog.place, catalog.as_of = place, as_of
        await _complete(copy, catalog)
        await catch_up(copy, catalog, source)
    except BaseException:
        await drop(copy, catalog)
        raise
    return catalog


async def replace_serving(copy: FigureCopy, catalog: Catalog) -> None:
    """Answer from the new file, and remove the old one as soon as nobody reads it."""
    copy.serve(catalog)
    await remove_retired(copy)


async def regions_of(source: Source) -> list[str]:
    """Regions that have facts, in order."""
    async with source.sessions() as session:
        await open_all_rows(session)
        return await column(session, str, _REGIONS)


async def _chunks(source: Source) -> AsyncIterator[Chunk]:
    for region in await regions_of(source):
        first = UUID(int=0)
        while (last := await _end_of_chunk(source, region, first)) is not None:
            yield Chunk(region, first, last)
            if last == _LAST:
                break
            first = UUID(int=last.int + 1)


async def _end_of_chunk(source: Source, region: str, first: UUID) -> UUID | None:
    async with source.sessions() as session:
        await open_all_rows(session)
        return await scalar(session, UUID, _END, region=region, first=first, most=CHUNK)


async def _load(copy: FigureCopy, catalog: Catalog, source: Source, chunk: Chunk) -> None:
    files = {table: copy.folder / f"chunk-{table}.csv" for table in TABLES}
    async with source.sessions() as session:
        await open_all_rows(session)
        for table, file in files.items():
            await copy_to_file(
                session, file, rows_between(table), region=chunk.region, first=chunk.first, last=chunk.last
            )
    await copy.engine.work(lambda cursor: _load_files(cursor, catalog, files))


def _load_files(cursor: Any, catalog: Catalog, files: dict[str, Path]) -> None:
    with transaction(cursor):
        load(cursor, catalog, files)


async def _complete(copy: FigureCopy, catalog: Catalog) -> None:
    """From now on the file says that it is whole."""
    as_of = None if catalog.as_of is None else catalog.as_of.isoformat()
    await copy.engine.work(lambda cursor: write_place(cursor, catalog, catalog.place, as_of))
    await copy.engine.work(lambda cursor: cursor.execute(f"CHECKPOINT {catalog.name}"))


def _run(statement: str, region: str, cursor: Any) -> None:
    cursor.execute(statement, [region])
