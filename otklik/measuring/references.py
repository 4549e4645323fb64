"""The same questions asked of other stores: plain Postgres while the system runs, Parquet files when it has ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import create_engine, create_reading_sessions, open_all_rows
from otklik.measuring.questions import Asked
from otklik.measuring.timing import Times, measure
from services.analytics.store.queries.copies import typed
from services.analytics.store.queries.engine import Engine
from services.analytics.store.queries.percentiles import ColumnStore
from services.analytics.store.queries.stores import FactStore, Population
from services.analytics.store.rules.copies import TABLES
from services.analytics.store.rules.questions import Question
from services.analytics.store.rules.sources import Base

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

R = TypeVar("R", bound="DataclassInstance")


class ParquetStore:
    """Answers from one Parquet file a table, in the order of regions and time."""

    def __init__(self, engine: Engine, files: Mapping[str, Path]) -> None:
        self.engine = engine
        rows = {table: f"SELECT * FROM read_parquet('{file}')" for table, file in files.items()}
        assignments = rows["assignment"]
        self.sources: Mapping[Base, str] = {
            "appeal": rows["appeal"],
            "assignment": assignments,
            "assignment_on_map": assignments,
        }

    async def ask(self, kind: type[R], question: Question) -> list[R]:
        """As the copy does."""
        return typed(kind, await ColumnStore(self.engine.ask, self.sources).answer(question))

    async def find_names(
        self, kind: str, keys: Sequence[str], regions: Sequence[str] | None
    ) -> Mapping[str, str]:
        """None are kept there."""
        del kind, keys, regions
        return {}

    async def find_populations(self, regions: Sequence[str] | None) -> Sequence[Population]:
        """None are kept there."""
        del regions
        return ()


async def measure_postgres(url: str, questions: Sequence[Asked]) -> Times:
    """The facts themselves, without HTTP and without row security in the way."""
    engine = create_engine(url, 1)
    try:
        sessions = create_reading_sessions(engine)

        async def ask(asked: Asked) -> None:
            async with sessions() as session:
                await _ask(session, asked)

        return await measure(ask, questions)
    finally:
        await engine.dispose()


async def _ask(session: AsyncSession, asked: Asked) -> None:
    await open_all_rows(session)
    await asked.of(FactStore(session))


async def write_parquet(engine: Engine, copy: Path, folder: Path) -> dict[str, Path]:
    """The rows of a copy's file that nobody has open, as Parquet."""
    await engine.attach(copy, "measured")
    files = {table: folder / f"{table}.parquet" for table in TABLES}
    for table, file in files.items():
        statement = f"COPY (SELECT * FROM measured.{table}) TO '{file}' (FORMAT parquet, COMPRESSION zstd)"
        await engine.work(partial(_run, statement))
    await engine.detach("measured")
    return files


def _run(statement: str, cursor: Any) -> None:
    cursor.execute(statement)


async def measure_parquet(engine: Engine, files: Mapping[str, Path], questions: Sequence[Asked]) -> Times:
    """DuckDB over the files, without HTTP."""
    store = ParquetStore(engine, files)
    return await measure(lambda asked: asked.of(store), questions)
