"""SQL with named parameters in, typed rows out; tables that are defined by the class of their rows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Table, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.schema import CreateTable

from chassis.db import (
    column,
    create_engine,
    create_sessions,
    encode_json,
    insert_returning,
    insert_rows,
    row,
    rows,
    run,
    scalar,
    update_returning,
)
from chassis.db.statements import compile_statement
from chassis.tables import BIG, IDENTITY, NOW, SMALL, Key, Partition, create_metadata, default, define_table
from harness.databases import Database


@dataclass(frozen=True, slots=True)
class Parcel:
    """A row with everything a table may have."""

    region: Key[str]
    id: Key[UUID]
    state: Annotated[Literal["new", "sent"], default("'new'")]
    weight: Annotated[int, SMALL, default("1")]
    label: Annotated[dict[str, Any] | None, "on the outside"]
    due_on: date | None
    created_at: Annotated[datetime, NOW]
    position: Annotated[int, BIG, IDENTITY]


@dataclass(frozen=True, slots=True)
class NewParcel:
    region: str
    id: UUID
    label: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Weight:
    id: UUID
    weight: int


parcel: Table = define_table(
    create_metadata("typed"), "parcel", Parcel, partition=Partition(grain="month", column="id")
)


@pytest.fixture
async def session(database: Database) -> AsyncIterator[AsyncSession]:
    """A transaction with the table, taken back afterwards."""
    engine = create_engine(database.url("postgres"), 2)
    async with create_sessions(engine)() as session:
        await run(session, "CREATE SCHEMA typed")
        await session.execute(CreateTable(parcel))
        await run(session, "CREATE TABLE typed.all_parcels PARTITION OF typed.parcel DEFAULT")
        yield session
        await session.rollback()
    await engine.dispose()


def new_parcel(**label: Any) -> NewParcel:
    return NewParcel("46", uuid4(), label or None)


async def insert_both(session: AsyncSession, *parcels: NewParcel) -> None:
    """In a savepoint, one after the other."""
    async with session.begin_nested():
        for each in parcels:
            await insert_rows(session, parcel, [each])


def test_names_become_numbers_and_casts_and_texts_stay() -> None:
    statement = compile_statement("SELECT :a::text, ':quoted', :b + :a, now()::date, '10:30'")
    assert statement.sql == "SELECT $1::text, ':quoted', $2 + $1, now()::date, '10:30'"
    assert statement.names == ("a", "b")


def test_a_table_is_what_its_class_says() -> None:
    columns = {each.name: each for each in parcel.columns}
    assert [name for name, each in columns.items() if each.primary_key] == ["region", "id"]
    assert [name for name, each in columns.items() if each.nullable] == ["label", "due_on"]
    assert str(columns["weight"].type) == "SMALLINT"
    assert columns["position"].identity is not None
    assert parcel.info == {"partition": "month"}
    assert parcel.dialect_options["postgresql"]["partition_by"] == "RANGE (id)"


async def test_what_is_written_comes_back_typed(session: AsyncSession) -> None:
    written = new_parcel(to="Курск")
    await insert_rows(session, parcel, [written])
    read = await row(session, Parcel, "SELECT * FROM typed.parcel WHERE id = :id", id=written.id)
    assert read is not None
    assert (read.region, read.id, read.state, read.weight) == ("46", written.id, "new", 1)
    assert read.label == {"to": "Курск"}
    assert read.due_on is None
    assert read.created_at <= datetime.now(UTC)


async def test_fields_are_found_by_name_in_whatever_order(session: AsyncSession) -> None:
    made = await insert_returning(session, Weight, parcel, [new_parcel(), new_parcel()])
    found = await rows(session, Weight, "SELECT weight, region, id FROM typed.parcel ORDER BY position")
    assert found == made
    with pytest.raises(TypeError, match="gives no weight"):
        await rows(session, Weight, "SELECT id FROM typed.parcel")


async def test_single_values_and_counts(session: AsyncSession) -> None:
    await insert_rows(session, parcel, [new_parcel(), new_parcel()])
    assert (
        await scalar(session, int, "SELECT count(*) FROM typed.parcel WHERE region = :region", region="46")
        == 2
    )
    assert await scalar(session, date, "SELECT due_on FROM typed.parcel LIMIT 1") is None
    assert await column(session, str, "SELECT region FROM typed.parcel") == ["46", "46"]
    label = encode_json({"seen": True})
    assert await run(session, "UPDATE typed.parcel SET label = :label", label=label) == 2
    assert await run(session, "DELETE FROM typed.parcel WHERE label->>'seen' = :seen", seen="true") == 2


async def test_an_update_gives_what_was_asked_for(session: AsyncSession) -> None:
    (made,) = await insert_returning(session, Weight, parcel, [new_parcel()])
    heavier = [Weight(made.id, 7)]
    assert await update_returning(session, Weight, parcel, heavier, keys=("id",)) == heavier


async def test_a_savepoint_takes_its_statements_back_and_no_others(session: AsyncSession) -> None:
    first, second = new_parcel(), new_parcel()
    await insert_rows(session, parcel, [first])
    with pytest.raises(IntegrityError):
        await insert_both(session, second, first)
    assert await column(session, UUID, "SELECT id FROM typed.parcel") == [first.id]
    assert (await session.execute(text("SELECT count(*) FROM typed.parcel"))).scalar_one() == 1
