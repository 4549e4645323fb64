"""Delta feeds skip nothing; partitions follow the time inside the key."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import MetaData, Table, text
from uuid_utils.compat import uuid7

from chassis.cursors import Cursors
from chassis.feeds import FeedEntry, follow_feed, generation_table
from chassis.partitions import lowest_uuid7, next_period, period_start, uuid7_time
from chassis.tables import FeedPosition, Xid, define_table
from chassis.tasks import BackgroundTask, turned
from harness.waiting import eventually
from tests.chassis.conftest import House

MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(at=MOMENTS, later=st.timedeltas(timedelta(milliseconds=1), timedelta(days=400)))
def test_the_time_is_in_the_key(at: datetime, later: timedelta) -> None:
    assert abs(uuid7_time(lowest_uuid7(at)) - at) < timedelta(milliseconds=1)
    assert lowest_uuid7(at) < lowest_uuid7(at + later)
    for grain in ("month", "day"):
        start = period_start(at, grain)
        assert start <= at < next_period(start, grain)
        assert period_start(next_period(start, grain), grain) == next_period(start, grain)


@pytest.mark.parametrize("at", [datetime(1969, 12, 31, tzinfo=UTC), datetime.min.replace(tzinfo=UTC)])
def test_before_1970_every_key_is_later(at: datetime) -> None:
    assert lowest_uuid7(at).int == 0


def test_a_new_key_lies_in_its_own_month() -> None:
    now = datetime.now(UTC)
    start = period_start(now, "month")
    assert lowest_uuid7(start) < uuid7() < lowest_uuid7(next_period(start, "month"))


async def test_events_lie_in_the_partition_of_their_month(house: House) -> None:
    async with house.sessions() as session:
        month = datetime.now(UTC).strftime("%Y%m")
        statement = text(
            "INSERT INTO intake.outbox (id, region, aggregate_id, subject, payload) "
            "VALUES (:id, '46', :id, 's', 'p') RETURNING tableoid::regclass::text"
        )
        assert await session.scalar(statement, {"id": uuid7()}) == f"intake.outbox_p{month}"
        old = lowest_uuid7(datetime(2011, 10, 1, tzinfo=UTC))
        assert await session.scalar(statement, {"id": old}) == "intake.outbox_default"


@dataclass(frozen=True, slots=True)
class Written:
    owner: str
    n: int
    xid: Xid
    position: FeedPosition


@dataclass(frozen=True, slots=True)
class Numbered(FeedEntry):
    n: int


async def make_feed(house: House, name: str) -> Table:
    metadata = MetaData(schema="analytics")
    feed = define_table(metadata, name, Written)
    generation_table(metadata)
    async with house.sessions.kw["bind"].begin() as connection:
        await connection.run_sync(metadata.create_all)
        await connection.execute(text("INSERT INTO analytics.feed_generation VALUES (0, 'here')"))
    return feed


async def test_a_feed_skips_nothing_when_a_slow_writer_commits_late(house: House) -> None:
    """The slow transaction took its position first and commits last: a naive `position > last` would miss it."""
    feed = await make_feed(house, "feed")
    cursors, seen = Cursors("key"), list[int]()

    async def read(cursor: str) -> str:
        async with house.sessions() as session:
            rows, following = await follow_feed(
                session, Numbered, feed, cursors, owner={"owner": "a"}, cursor=cursor, limit=10
            )
        seen.extend(row.n for row in rows)
        return following

    insert = text("INSERT INTO analytics.feed (owner, n) VALUES (:owner, :n)")
    async with house.sessions() as slow:
        await slow.execute(insert, {"owner": "a", "n": 1})
        async with house.sessions.begin() as quick:
            await quick.execute(insert, {"owner": "a", "n": 2})
            await quick.execute(insert, {"owner": "b", "n": 99})
        cursor = await read("")
        assert seen == [], "nothing after a running transaction may be shown yet"
        await slow.commit()
    cursor = await read(cursor)
    assert sorted(seen) == [1, 2]
    assert await read(cursor) != ""
    assert sorted(seen) == [1, 2]


async def test_many_writers_and_a_follower_meet_every_row_once(house: House) -> None:
    feed = await make_feed(house, "busy")
    cursors, seen, cursor = Cursors("key"), list[int](), ""
    insert = text("INSERT INTO analytics.busy (owner, n) VALUES ('a', :n)")

    async def write(writer: int) -> None:
        for number in range(25):
            async with house.sessions.begin() as session:
                await session.execute(insert, {"n": writer * 100 + number})
                await session.execute(text("SELECT pg_sleep(random() * 0.01)"))

    writers = [asyncio.create_task(write(writer)) for writer in range(8)]

    async def followed() -> bool:
        nonlocal cursor
        async with house.sessions() as session:
            rows, cursor = await follow_feed(
                session, Numbered, feed, cursors, owner={"owner": "a"}, cursor=cursor, limit=7
            )
        seen.extend(row.n for row in rows)
        return not rows and all(writer.done() for writer in writers)

    await eventually(followed, every=0)
    await asyncio.gather(*writers)
    await eventually(followed, every=0)
    assert len(seen) == 200
    assert len(set(seen)) == 200


async def test_a_failing_background_task_is_restarted_and_shown() -> None:
    runs = 0

    async def fail_twice() -> None:
        nonlocal runs
        runs += 1
        if runs <= 2:
            raise ValueError("broken")
        turned()
        await asyncio.Event().wait()

    task = BackgroundTask("test", fail_twice)
    assert task.problem == "not started"
    task.start()
    await eventually(lambda: task.problem == "ValueError")
    await eventually(lambda: runs == 3 and task.problem == "")
    await task.stop()
