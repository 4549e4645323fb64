"""A question is counted once for all who ask before anything has changed, and for nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from services.analytics.store.queries.counting import MOST_ANSWERS, MOST_ROWS, CountedOnce
from services.analytics.store.queries.engine import Answer


class Register:
    """What is counted: how often it was, and how many gave up. `may_end`: an answer waits for it."""

    def __init__(self, rows: int = 1) -> None:
        self.times = self.given_up = 0
        self.rows = rows
        self.may_end = asyncio.Event()
        self.may_end.set()

    def count(self) -> Coroutine[Any, Any, Answer]:
        return self._count()

    async def _count(self) -> Answer:
        self.times += 1
        try:
            await self.may_end.wait()
        except asyncio.CancelledError:
            self.given_up += 1
            raise
        return Answer(("times",), [(self.times,)] * self.rows)


async def asked(counted: CountedOnce, register: Register, question: str = "q", writes: int = 1) -> object:
    return (await counted.answer(question, writes, register.count)).rows[0][0]


async def test_all_who_ask_at_once_and_again_have_one_answer_until_something_is_written() -> None:
    counted, register = CountedOnce(), Register()
    assert await asyncio.gather(*(asked(counted, register) for _ in range(20))) == [1] * 20
    assert await asked(counted, register) == 1
    assert await asked(counted, register, "another") == 2
    assert await asked(counted, register, writes=2) == 3
    assert await asked(counted, register, writes=2) == 3


async def test_whoever_goes_away_leaves_the_others_their_answer_and_the_last_one_ends_it() -> None:
    counted, register = CountedOnce(), Register()
    register.may_end.clear()
    first, second = (asyncio.create_task(asked(counted, register)) for _ in range(2))
    while not register.times:
        await asyncio.sleep(0)
    first.cancel()
    await asyncio.wait([first])
    assert register.given_up == 0
    second.cancel()
    await asyncio.wait([second])
    while not register.given_up:
        await asyncio.sleep(0)
    register.may_end.set()
    assert await asked(counted, register) == 2, "what was given up is counted anew"


async def test_what_fails_is_asked_again() -> None:
    counted, register = CountedOnce(), Register()

    async def fail() -> Answer:
        raise RuntimeError("no turn")

    for _ in range(2):
        with pytest.raises(RuntimeError):
            await counted.answer("q", 1, fail)
    assert await asked(counted, register) == 1


async def test_long_answers_and_those_that_nobody_asks_for_are_forgotten() -> None:
    counted, long, short = CountedOnce(), Register(MOST_ROWS + 1), Register()
    assert [await asked(counted, long, "long") for _ in range(2)] == [1, 2]
    await asked(counted, short, "first")
    for number in range(MOST_ANSWERS):
        await asked(counted, short, f"another {number}")
    before = short.times
    await asked(counted, short, f"another {MOST_ANSWERS - 1}")
    assert short.times == before
    await asked(counted, short, "first")
    assert short.times == before + 1
