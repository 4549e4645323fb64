"""Answers that hold for a while: as many as there is room for, the one asked for longest ago goes first."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import TypeVar

T = TypeVar("T")


class KeptAnswers:
    """Of one process: `most` of them, each for `seconds`. What a key means is its user's business."""

    def __init__(self, most: int, seconds: float) -> None:
        self._most, self._seconds = most, seconds
        self._answers: OrderedDict[Hashable, tuple[float, object]] = OrderedDict()

    def find(self, key: Hashable, kind: type[T]) -> T | None:
        """One that still holds."""
        kept_at, answer = self._answers.get(key, (0.0, None))
        if not isinstance(answer, kind) or time.monotonic() - kept_at >= self._seconds:
            return None
        self._answers.move_to_end(key)
        return answer

    def keep(self, key: Hashable, answer: object) -> None:
        """From now on."""
        self._answers[key] = (time.monotonic(), answer)
        self._answers.move_to_end(key)
        while len(self._answers) > self._most:
            self._answers.popitem(last=False)

    async def of(self, key: Hashable, kind: type[T], ask: Callable[[], Awaitable[T]]) -> T:
        """The kept answer, or the one that is asked for now."""
        found = self.find(key, kind)
        if found is None:
            found = await ask()
            self.keep(key, found)
        return found
