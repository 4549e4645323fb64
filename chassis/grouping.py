"""Group commit: what waits at the same time shares one transaction.

Items are collected while transactions are busy, then committed together; a group that the database refuses falls back to
one by one, so that one item never spoils the others.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar, Generic, TypeVar

import structlog

from chassis.causes import concerns_all
from chassis.problems import Problem, Unavailable, problem_of

log = structlog.get_logger()
LARGEST_GROUP = 200
SINGLES_IN_FLIGHT = 6

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class _Waiting(Generic[Item, Result]):
    """An item and whoever waits for its outcome."""

    item: Item
    outcome: asyncio.Future[Result | Problem]

    def answer(self, outcome: Result | Problem) -> None:
        """Give the outcome, unless the client has left."""
        if not self.outcome.done():
            self.outcome.set_result(outcome)


class Grouping(ABC, Generic[Item, Result]):
    """Collects waiting items of this process; nothing waits longer than for a free transaction."""

    groups_in_flight: ClassVar[int] = 2

    def __init__(self) -> None:
        self._waiting: list[_Waiting[Item, Result]] = []
        self._in_flight: set[asyncio.Task[None]] = set()
        self._fallbacks: set[asyncio.Task[None]] = set()
        self._singles = asyncio.Semaphore(SINGLES_IN_FLIGHT)
        self._scheduled = False

    @abstractmethod
    async def _in_one_transaction(self, items: Sequence[Item]) -> list[Result | Problem]:
        """Commit all of them; outcomes in their order."""

    async def submit(self, item: Item) -> Result | Problem:
        """Commit one item together with whatever else is waiting now."""
        loop = asyncio.get_running_loop()
        waiting: _Waiting[Item, Result] = _Waiting(item, loop.create_future())
        self._waiting.append(waiting)
        if not self._scheduled and len(self._in_flight) < self.groups_in_flight:
            self._scheduled = True
            # One turn of the loop: requests that arrived together are read first.
            loop.call_soon(self._start_groups)
        return await waiting.outcome

    async def submit_alone(self, item: Item) -> Result | Problem:
        """Commit one item in a transaction of its own."""
        waiting: _Waiting[Item, Result] = _Waiting(item, asyncio.get_running_loop().create_future())
        self._fall_back(waiting)
        return await waiting.outcome

    def _start_groups(self) -> None:
        self._scheduled = False
        while self._waiting and len(self._in_flight) < self.groups_in_flight:
            group, self._waiting = self._waiting[:LARGEST_GROUP], self._waiting[LARGEST_GROUP:]
            task = asyncio.create_task(self._commit_group(group))
            self._in_flight.add(task)
            task.add_done_callback(partial(self._end_group, group))

    def _end_group(self, group: Sequence[_Waiting[Item, Result]], task: asyncio.Task[None]) -> None:
        self._in_flight.discard(task)
        _answer_if_broken(group, task)
        self._start_groups()

    async def _commit_group(self, group: Sequence[_Waiting[Item, Result]]) -> None:
        outcomes = await self._commit_together([waiting.item for waiting in group])
        if outcomes is None:
            for waiting in group:
                self._fall_back(waiting)
            return
        for waiting, outcome in zip(group, outcomes, strict=True):
            waiting.answer(outcome)

    def _fall_back(self, waiting: _Waiting[Item, Result]) -> None:
        """Outside of the groups in flight: one that waits for its duplicate must not keep the others waiting."""
        task = asyncio.create_task(self._commit_fallback(waiting))
        self._fallbacks.add(task)
        task.add_done_callback(partial(self._end_fallback, waiting))

    def _end_fallback(self, waiting: _Waiting[Item, Result], task: asyncio.Task[None]) -> None:
        self._fallbacks.discard(task)
        _answer_if_broken([waiting], task)

    async def _commit_fallback(self, waiting: _Waiting[Item, Result]) -> None:
        waiting.answer(await self._commit_single(waiting.item))

    async def commit(self, items: Sequence[Item]) -> list[Result | Problem]:
        """Commit what is a group already."""
        outcomes = await self._commit_together(items)
        if outcomes is None:
            outcomes = list(await asyncio.gather(*(self._commit_single(item) for item in items)))
        return outcomes

    async def _commit_single(self, item: Item) -> Result | Problem:
        async with self._singles:
            outcomes = await self._commit_together([item])
        assert outcomes is not None
        return outcomes[0]

    async def _commit_together(self, items: Sequence[Item]) -> list[Result | Problem] | None:
        """Outcomes of one transaction; None when the group has to fall back to one by one."""
        try:
            return await self._in_one_transaction(items)
        except Exception as error:
            problem = _problem_of(error)
            if len(items) == 1 or concerns_all(error):
                return [problem] * len(items)
            log.warning("group repeated one by one", size=len(items), error=type(error).__name__)
            return None


def _answer_if_broken(group: Sequence[_Waiting[Item, Result]], task: asyncio.Task[None]) -> None:
    """Whatever broke the work itself: nobody waits for ever for an answer that nobody will give."""
    if task.cancelled() or task.exception() is not None:
        for waiting in group:
            waiting.answer(Unavailable())


def _problem_of(error: Exception) -> Problem:
    problem = problem_of(error)
    if problem is None:
        log.error("submission failed", error=type(error).__name__, exc_info=error)
    return problem or Unavailable()
