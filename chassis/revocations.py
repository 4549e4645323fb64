"""Which tokens are void before their time: published by who issues them, asked at every call in memory (ADR 16).

A token carries the generation of its client's rights. Taking tokens back makes a new generation; the issuer publishes,
for as long as such tokens could still be valid, which generation is the first good one. No clock takes part in this.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from uuid import UUID

import httpx2
import structlog

from chassis.issuer import open_http_client
from chassis.metrics import OwnGauge
from chassis.principals import Principal
from chassis.problems import Unavailable
from chassis.tasks import turned

PATH = "/.well-known/revocations"
KEEP_SECONDS = (
    900.0  # longer than a token lives (600), however the clocks of two machines differ (60 either way)
)
POLL_SECONDS = 2.0
RETRY_SECONDS = 0.5
ANSWER_SECONDS = 2.0
STALE_SECONDS = 60.0
log = structlog.get_logger()
AGE = OwnGauge(
    "otklik_revocations_age_seconds", "Since the list of revoked tokens was last read, or the start"
)


def session_name(session_id: UUID | str) -> str:
    """What the end of one person's session is published under, beside the ids of clients; its tokens have generation 0."""
    return f"session:{session_id}"


class Revocations:
    """Client id → the first generation of its tokens that is good; who is not named has none taken back.

    Generations only grow, so readings are merged by the greater number, in whatever order and from whichever gateway
    they come. What nobody has named for KEEP_SECONDS is forgotten: such tokens have expired.
    """

    def __init__(self) -> None:
        self.is_known = False
        self._first_good: dict[str, int] = {}
        self._named_at: dict[str, float] = {}

    def void(self, client_id: str, generation: int) -> bool:
        """Whether a token of this client and generation was taken back."""
        return generation < self._first_good.get(client_id, 0)

    def voids(self, principal: Principal) -> bool:
        """Whether the token of this principal was taken back: by its generation, or with its person's session."""
        if self.void(principal.client_id, principal.generation):
            return True
        return principal.session is not None and self.void(session_name(principal.session), 0)

    def learn(self, named: Mapping[str, int], now: float) -> None:
        """Take over a reading (or one change); `now`: a monotonic clock, s."""
        for client_id, generation in named.items():
            self._first_good[client_id] = max(generation, self._first_good.get(client_id, 0))
            self._named_at[client_id] = now
        for client_id in [key for key, at in self._named_at.items() if at < now - KEEP_SECONDS]:
            del self._first_good[client_id], self._named_at[client_id]

    def named(self) -> dict[str, int]:
        """Everything that is known, by client id."""
        return dict(sorted(self._first_good.items()))


class RevocationFeed:
    """Keeps a service's revocations what the issuer publishes.

    Once known, they stay in force while the issuer cannot be asked, however long: a lost gateway must not stop the
    services, and while it is lost no new token is issued. `failures`: readings in a row that were in vain.
    """

    def __init__(self, address: str, revocations: Revocations) -> None:
        self.address = address
        self.revocations = revocations
        self.failures = 0
        self._etag = ""
        self._read_at = time.monotonic()
        self._warned = False

    async def require(self) -> None:
        """Read the list if it has never been read; 503 while it cannot be had."""
        if self.revocations.is_known:
            return
        async with open_http_client(self.address) as (client, base):
            if not await self._read(client, base):
                raise Unavailable("The list of revoked tokens is not reachable.")

    async def run(self) -> None:
        """Read it again and again; whatever the issuer does, this goes on."""
        AGE.follow(self._age)
        async with open_http_client(self.address) as (client, base):
            while True:
                well = await self._read(client, base)
                turned()
                await asyncio.sleep(POLL_SECONDS if well else RETRY_SECONDS)

    async def _read(self, client: httpx2.AsyncClient, base: str) -> bool:
        try:
            await self._fetch(client, base)
        except (httpx2.HTTPError, OSError, ValueError) as error:
            self.failures += 1
            if self._age() > STALE_SECONDS and not self._warned:
                self._warned = True
                log.warning("revocations cannot be read, the last known hold", error=type(error).__name__)
            return False
        self.failures, self._read_at, self._warned = 0, time.monotonic(), False
        return True

    async def _fetch(self, client: httpx2.AsyncClient, base: str) -> None:
        known = {"If-None-Match": self._etag} if self._etag else {}
        response = await client.get(base + PATH, headers=known, timeout=ANSWER_SECONDS)
        if response.status_code == 304:
            return
        response.raise_for_status()
        self.revocations.learn(parse(response.json()), time.monotonic())
        self.revocations.is_known = True
        self._etag = response.headers.get("etag", "")

    def _age(self) -> float:
        return time.monotonic() - self._read_at


def parse(document: object) -> dict[str, int]:
    """The published document `{"clients": {id: generation}}`; ValueError for anything else."""
    clients = document.get("clients") if isinstance(document, dict) else None
    if not isinstance(clients, dict) or not all(isinstance(number, int) for number in clients.values()):
        raise ValueError("not a list of revocations")
    return {str(client_id): number for client_id, number in clients.items()}
