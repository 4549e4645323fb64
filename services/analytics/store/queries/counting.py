"""What several ask at once, or again before anything has changed, is counted once."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from services.analytics.store.queries.engine import Answer

Count = Callable[[], Coroutine[Any, Any, Answer]]
MOST_ANSWERS: Final = 256
MOST_ROWS: Final = 2000  # of an answer that is kept; larger ones are counted for whoever waits, and forgotten


@dataclass(slots=True)
class _Counted:
    """An answer, or the way to it. `writes`: of the file when it began; `waiting`: how many wait for it."""

    writes: int
    task: asyncio.Task[Answer]
    waiting: int = 0


@dataclass
class CountedOnce:
    """Answers by question, each for as long as the file is as it was when it was counted."""

    _known: OrderedDict[str, _Counted] = field(default_factory=OrderedDict)

    async def answer(self, question: str, writes: int, count: Count) -> Answer:
        """The answer that is there or on its way, else what `count` gives. It is given up when nobody waits for it any more."""
        counted = self._known.get(question)
        if counted is None or counted.writes != writes:
            counted = self._begin(question, writes, count)
        self._known.move_to_end(question)
        counted.waiting += 1
        try:
            return await asyncio.shield(counted.task)
        finally:
            counted.waiting -= 1
            if not counted.waiting and not counted.task.done():
                self._drop(question, counted)
                counted.task.cancel()

    def clear(self) -> None:
        """Another file answers from now on."""
        self._known.clear()

    def _begin(self, question: str, writes: int, count: Count) -> _Counted:
        counted = _Counted(writes, asyncio.ensure_future(count()))
        counted.task.add_done_callback(partial(self._on_done, question, counted))
        self._known[question] = counted
        if len(self._known) > MOST_ANSWERS:
            self._known.popitem(last=False)
        return counted

    def _on_done(self, question: str, counted: _Counted, task: asyncio.Task[Answer]) -> None:
        if task.cancelled() or task.exception() is not None or len(task.result().rows) > MOST_ROWS:
            self._drop(question, counted)

    def _drop(self, question: str, counted: _Counted) -> None:
        if self._known.get(question) is counted:
            del self._known[question]
