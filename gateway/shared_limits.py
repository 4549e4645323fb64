"""The limits of all gateways together, without asking a database at every request.

Each gateway counts by itself (`RateLimiter`). Once a second, and whenever a caller has used a slice (a twentieth of a minute's
allowance, one request at least) that the others do not know of, the gateway adds what was used to one row per caller in
Postgres and takes over what all gateways have used together: one statement for all callers, in the background.

Bound: whatever a caller does, N gateways together let through what one would, and at most N slices more at once (and make
up for them afterwards, because every request is counted in the end). So 2 gateways may allow 6600 requests instead of
6000 in a burst. A request waits for the database only when its caller is a slice ahead, PATIENCE_SECONDS at most. While
the database is away each gateway limits by what it knows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from chassis.db import rows, run
from chassis.idempotency import keyed_hash
from chassis.limits import WINDOW_SECONDS, RateLimiter
from chassis.tasks import turned
from chassis.wake_ups import WakeUp

SLICE_SECONDS = WINDOW_SECONDS / 20
ROUND_SECONDS = 1.0
PAUSE_SECONDS = 0.02  # between two rounds, however many callers are ahead
PATIENCE_SECONDS = 1.0
ANSWER_SECONDS = 2.0
MOST_AT_ONCE = 5_000

# A caller is at most two windows behind, so that a clock that was wrong for a while shuts nobody out for long.
_SHARE = f"""
INSERT INTO gateway.used_limit AS known (key, busy_until)
SELECT key, now() + make_interval(secs => seconds) FROM unnest(:keys::bytea[], :seconds::float8[]) AS used (key, seconds)
ON CONFLICT (key) DO UPDATE SET busy_until = EXCLUDED.busy_until
    + least(greatest(known.busy_until - now(), interval '0'), make_interval(secs => {2 * WINDOW_SECONDS}))
RETURNING key, extract(epoch FROM busy_until - now())::float8 AS seconds
"""
# Rows that are just being added to are not waited for: both would wait for each other.
_PURGE = """
DELETE FROM gateway.used_limit WHERE key IN
    (SELECT key FROM gateway.used_limit WHERE busy_until < now() FOR UPDATE SKIP LOCKED)
"""


@dataclass(frozen=True, slots=True)
class Usage:
    """How long, from now on, a caller's requests at all gateways keep the system busy (s)."""

    key: bytes
    seconds: float


class SharedLimits:
    """Counts requests by key; `clock` is monotonic, s."""

    def __init__(self, hash_key: str, clock: Callable[[], float]) -> None:
        self.limiter = RateLimiter()
        self.clock = clock
        self.is_shared = False  # whether the database answered last time; only `run` says so
        self._hash_key = hash_key
        self._wake_up = WakeUp()
        self._round_ended = asyncio.Event()

    async def hit(self, key: str, per_minute: int) -> float:
        """Count a request: 0.0, or the seconds to wait when it is one too many (and is not counted)."""
        if self._is_ahead(key):
            await self._catch_up(key)
        return self.limiter.hit(key, per_minute, self.clock())

    async def wait(self, key: str, per_minute: int) -> float:
        """What `hit` would answer, without counting."""
        if self._is_ahead(key):
            await self._catch_up(key)
        return self.limiter.wait(key, per_minute, self.clock())

    def state(self, key: str, per_minute: int) -> tuple[int, float]:
        """How many requests may come at once, and the seconds until a whole minute's worth may; as it is known here."""
        return self.limiter.state(key, per_minute, self.clock())

    def count(self, key: str, per_minute: int) -> None:
        """Count what has happened already."""
        self.limiter.hit(key, per_minute, self.clock())

    async def run(self, sessions: async_sessionmaker[AsyncSession]) -> None:
        """Share until it is cancelled."""
        try:
            while True:
                await self._share(sessions)
                self.is_shared = True
                turned()
                await asyncio.sleep(PAUSE_SECONDS)
                await self._wake_up.wait(ROUND_SECONDS)
        finally:
            self.is_shared = False
            self._end_round()

    def _is_ahead(self, key: str) -> bool:
        return self.is_shared and self.limiter.unshared.get(key, 0.0) >= SLICE_SECONDS

    async def _catch_up(self, key: str) -> None:
        """Wait for the round; when it is late this caller alone goes on by what is known here."""
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_SECONDS):
                while self._is_ahead(key):
                    self._wake_up.ring()
                    await self._round_ended.wait()

    async def _share(self, sessions: async_sessionmaker[AsyncSession]) -> None:
        """One round. What it took is not sent again when it fails: it may have arrived."""
        used = dict(islice(self.limiter.unshared.items(), MOST_AT_ONCE))
        if not used and self.is_shared:
            return
        keys = {keyed_hash(self._hash_key, b"limit", key.encode()): key for key in used}
        ordered = sorted(keys)  # two gateways never wait for each other
        began = self.clock()
        try:
            async with asyncio.timeout(ANSWER_SECONDS), sessions.begin() as session:
                seconds = [used[keys[hashed]] for hashed in ordered]
                usages = await rows(session, Usage, _SHARE, keys=ordered, seconds=seconds)
        finally:
            self.limiter.mark_shared(used)
            self._end_round()
        for usage in usages:
            self.limiter.adopt(keys[usage.key], began + usage.seconds)

    def _end_round(self) -> None:
        ended, self._round_ended = self._round_ended, asyncio.Event()
        ended.set()


async def purge_used_limits(session: AsyncSession) -> None:
    """Housekeeping: callers who have nothing to make up for."""
    await run(session, _PURGE)
