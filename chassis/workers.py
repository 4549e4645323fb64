"""Workers: what a service does by itself, one step and one transaction after the other."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Generic, TypeVar

from chassis.db import row, run
from chassis.resources import Resources
from chassis.tasks import turned
from chassis.wake_ups import WakeUp, WakeUps

R = TypeVar("R")
D = TypeVar("D", bound=Resources)
LONGEST_REST_SECONDS = 600.0  # of what is due once a day: machines' clocks are put right, replicas end


@dataclass(frozen=True)
class Worker(Generic[R]):
    """An endless task under supervision (see `tasks`); every replica runs one, they share the work by locks on rows.

    `step` does some of what there is to do, in a transaction of its own, and says for how many seconds it may rest: 0 when
    there is more. `wake_up`: the name of what ends a rest early (see `wake_ups`). `begin` comes once before the first step.
    `linger`: how many seconds it waits after a rest, so that one step serves what comes together. `in_front`: of a service that is
    two processes it runs in the one that answers requests, whose files it works with.
    """

    name: str
    step: Callable[[R], Awaitable[float]]
    wake_up: str = ""
    begin: Callable[[R], Awaitable[None]] | None = None
    linger: Callable[[R], float] | None = None
    in_front: bool = False

    async def run(self, resources: R, wake_ups: WakeUps) -> None:
        """Work until something breaks; the supervisor begins again. `resources`: of the service whose worker it is."""
        wake_up = wake_ups[self.wake_up] if self.wake_up else WakeUp()
        linger_seconds = self.linger(resources) if self.linger else 0.0
        if self.begin:
            await self.begin(resources)
        while True:
            rest_seconds = await self.step(resources)
            turned()
            if rest_seconds:
                await wake_up.wait(rest_seconds)
                await asyncio.sleep(linger_seconds)
            else:
                await asyncio.sleep(0)


@dataclass(frozen=True, slots=True)
class _Moment:
    """Whether this replica may work now, the database's time, and for which day the work was last done."""

    is_ours: bool
    now: datetime
    done_for: date | None


# The lock ends with the transaction, which changes nothing itself: one that has a number of its own would hold up the
# delta feeds for as long as the work takes.
_TAKE = """
SELECT pg_try_advisory_xact_lock(hashtext('otklik daily {schema}'), hashtext(:name)) AS is_ours, now() AS now,
    (SELECT day FROM {schema}.daily_run WHERE name = :name) AS done_for
"""
_DONE = """
INSERT INTO {schema}.daily_run (name, day) VALUES (:name, :day) ON CONFLICT (name) DO UPDATE SET day = excluded.day
"""


def daily(name: str, work: Callable[[D], Awaitable[None]], at: time) -> Worker[D]:
    """A worker whose `work` is done once a day, by one replica, at a time of day (UTC) or as soon after it as there is a
    process: after an outage it is done once for all the days that were missed, and one that fails is tried again."""

    async def step(resources: D) -> float:
        schema = resources.service
        async with resources.sessions.begin() as session:
            moment = await row(session, _Moment, _TAKE.format(schema=schema), name=name)
            assert moment is not None
            day = last_due(moment.now, at)
            if moment.is_ours and (moment.done_for is None or moment.done_for < day):
                await work(resources)
                await _note(resources, name, day)
        return min((following(day, at) - moment.now).total_seconds(), LONGEST_REST_SECONDS)

    return Worker(name, step)


async def _note(resources: Resources, name: str, day: date) -> None:
    async with resources.sessions.begin() as session:
        await run(session, _DONE.format(schema=resources.service), name=name, day=day)


def last_due(now: datetime, at: time) -> date:
    """The last day on which `at` (UTC) has come."""
    now = now.astimezone(UTC)
    return now.date() if now.time() >= at else now.date() - timedelta(days=1)


def following(day: date, at: time) -> datetime:
    """When it is due after that day."""
    return datetime.combine(day + timedelta(days=1), at, tzinfo=UTC)


def daily_run_statement(schema: str) -> str:
    """DDL as the owner: where the service remembers for which day its daily work was done."""
    return f"CREATE TABLE {schema}.daily_run (name text NOT NULL, day date NOT NULL, CONSTRAINT daily_run_pk PRIMARY KEY (name))"
