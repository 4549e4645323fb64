"""Workers rest as long as their step says, and what is daily is done once a day, whoever does it and whatever was missed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.db import create_engine, run, scalar
from chassis.resources import Resources
from chassis.wake_ups import WakeUps
from chassis.workers import Worker, daily, following, last_due
from harness.resources import database_resources
from harness.waiting import eventually
from tests.chassis.conftest import House

MIDNIGHT = time(0, 0)
instants = st.datetimes(timezones=st.just(UTC)).filter(lambda at: 1990 < at.year < 2100)


@pytest.fixture
async def resources(house: House) -> AsyncIterator[Resources]:
    """Of a service whose schema has nothing but the technical tables."""
    engine = create_engine(house.url, 5)
    yield database_resources(engine)
    await engine.dispose()


@given(instants, st.times())
def test_the_last_due_moment_has_come_and_the_next_has_not(now: datetime, at: time) -> None:
    day = last_due(now, at)
    assert datetime.combine(day, at, tzinfo=UTC) <= now < following(day, at)


async def test_a_worker_goes_on_at_once_while_there_is_more_and_is_woken_from_its_rest() -> None:
    rests = iter([0.0, 0.0, 3600.0, 3600.0])
    wake_ups, steps = WakeUps(["new"]), 0

    async def step(_: None) -> float:
        nonlocal steps
        steps += 1
        return next(rests)

    task = asyncio.create_task(Worker("worker", step, wake_up="new").run(None, wake_ups))
    await eventually(lambda: steps == 3)
    wake_ups["new"].ring()
    await eventually(lambda: steps == 4)
    task.cancel()


async def test_daily_work_is_done_by_one_replica_and_once_a_day(resources: Resources) -> None:
    done = 0

    async def work(_: Resources) -> None:
        nonlocal done
        await asyncio.sleep(0)
        done += 1

    worker = daily("counting", work, MIDNIGHT)
    rests = await asyncio.gather(*(worker.step(resources) for _ in range(4)))
    assert done == 1
    assert all(0 < rest <= 600 for rest in rests)
    await worker.step(resources)
    assert done == 1


async def test_after_an_outage_it_is_done_once_and_a_failure_is_tried_again(resources: Resources) -> None:
    done = 0

    async def work(_: Resources) -> None:
        nonlocal done
        done += 1
        if done == 1:
            raise RuntimeError("no room")

    async with resources.sessions.begin() as session:
        missed = datetime.now(UTC).date() - timedelta(days=5)
        await run(session, "INSERT INTO analytics.daily_run (name, day) VALUES ('x', :day)", day=missed)
    worker = daily("x", work, MIDNIGHT)
    with pytest.raises(RuntimeError):
        await worker.step(resources)
    async with resources.sessions() as session:
        assert await scalar(session, date, "SELECT day FROM analytics.daily_run") == missed
    for _ in range(3):
        await worker.step(resources)
    assert done == 2
