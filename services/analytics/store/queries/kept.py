"""Answers that hold for a while: as many as there is room for, the one asked for longest ago goes first."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import TypeVar

T = TypeVar("T")


class KeptAnswers:
    """`most` of them, each for `seconds`. What a key means is its user's business."""

    def __init__(self, most: int, seconds: float) -> None:
        self._most, self._seconds = most, seconds
        self._answers: OrderedDict[Hashable, tuple[float, object]] = OrderedDict()

    async def of(self, key: Hashable, kind: type[T], ask: Callable[[], Awaitable[T]]) -> T:
        """The kept answer, or the one that is asked for now."""
        found = self._answers.get(key)
        if found is not None and time.monotonic() - found[0] < self._seconds and isinstance(found[1], kind):
            self._answers.move_to_end(key)
            return found[1]
        answer = await ask()
        self._answers[key] = (time.monotonic(), answer)
        self._answers.move_to_end(key)
        while len(self._answers) > self._most:
            self._answers.popitem(last=False)
        return answer
