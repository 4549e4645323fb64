"""A form that is sent twice – a double click, an impatient citizen – is sent once, and both are shown its receipt."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

from web.citizen.views import Sent

_KEPT_SECONDS: Final = 900.0
_MOST: Final = 5000


@dataclass
class Sendings:
    """What was sent in the last minutes, by its identity; of this process alone. `clock`: monotonic, s."""

    clock: Callable[[], float] = time.monotonic
    _begun: dict[bytes, tuple[float, asyncio.Task[Sent]]] = field(default_factory=dict)

    async def once(self, identity: bytes, send: Callable[[], Awaitable[Sent]]) -> Sent:
        """The answer of the one sending; what has failed may be tried again.

        It goes on when the browser that asked first hangs up, as it does when a button is pressed twice."""
        self._purge()
        known = self._begun.get(identity)
        task = known[1] if known else asyncio.ensure_future(_wait_for(send))
        if known is None:
            self._begun[identity] = (self.clock(), task)
        try:
            return await asyncio.shield(task)
        except Exception:
            if task.done():
                self._begun.pop(identity, None)
            raise

    def _purge(self) -> None:
        before = self.clock() - _KEPT_SECONDS
        while self._begun:
            oldest = next(iter(self._begun))
            if len(self._begun) < _MOST and self._begun[oldest][0] > before:
                return
            del self._begun[oldest]


async def _wait_for(send: Callable[[], Awaitable[Sent]]) -> Sent:
    return await send()
