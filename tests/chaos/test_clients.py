"""Twenty clients that time out, send again, repeat their keys, change the order and crash: the register holds what they hold
as accepted, and nothing else."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest

from harness import system as systems
from harness.system import Account, System
from tests.conftest import size

pytestmark = pytest.mark.full
REGION: Final = "59"
CLIENTS: Final = 20
AT_ONCE: Final = 4  # requests of one client
PASSING: Final = (408, 409, 429, 503, 504)
BATCH: Final = 40


@dataclass
class Wish:
    """An appeal that a client wants registered: known by an id of its own, or by the key of its request."""

    number: int
    by_key: bool
    body: dict[str, str]

    @property
    def name(self) -> str:
        """What a repeat is recognised by."""
        return self.body.get("external_id") or f"key-{self.number}"


@dataclass
class Promises:
    """What a client holds as accepted, and what it has seen of it. `noted`: survives a crash; `fresh`: does not."""

    noted: dict[str, tuple[str, str]] = field(default_factory=dict)
    fresh: dict[str, tuple[str, str]] = field(default_factory=dict)
    contradictions: list[str] = field(default_factory=list)
    cut: int = 0
    repeated: int = 0
    crashes: int = 0

    def accept(self, name: str, appeal: str, number: str) -> None:
        """Keep what was answered; the same name has to be answered the same for ever."""
        known = self.noted.get(name) or self.fresh.get(name)
        if known is None:
            self.fresh[name] = (appeal, number)
        elif known != (appeal, number):
            self.contradictions.append(f"{name}: {known} and {(appeal, number)}")

    def note(self) -> None:
        """To the disk."""
        self.noted |= self.fresh
        self.fresh.clear()

    def crash(self) -> None:
        """All that was not noted is forgotten, and sent again."""
        self.crashes += 1
        self.fresh.clear()

    def holds(self, name: str) -> bool:
        """Whether it has been accepted, as far as the client knows."""
        return name in self.noted or name in self.fresh


class Troubled:
    """One client: it goes through its wishes in disorder until all of them are accepted."""

    def __init__(self, place: int, account: Account, http: httpx2.AsyncClient, wishes: list[Wish]) -> None:
        self.random = random.Random(place)
        self.account = account
        self.http = http
        self.wishes = wishes
        self.promises = Promises()

    async def run(self) -> None:
        """Round after round; the last ones without haste."""
        for patience in (0.02, 0.1, 0.5, 10.0, 60.0, 60.0):
            while left := [wish for wish in self.wishes if not self.promises.holds(wish.name)]:
                self.random.shuffle(left)
                before = len(left)
                await self._go_through(left, patience)
                if self.random.random() < 0.2 and patience < 60:
                    self.promises.crash()
                self.promises.note()
                if sum(not self.promises.holds(wish.name) for wish in left) > before * 0.7:
                    break  # more patience is needed
        self.promises.note()

    async def _go_through(self, wishes: list[Wish], patience: float) -> None:
        again = self.random.sample(wishes, len(wishes) // 10)
        self.promises.repeated += len(again)
        pieces = list(self._cut(wishes + again))
        limit = asyncio.Semaphore(AT_ONCE)

        async def send(piece: list[Wish]) -> None:
            async with limit:
                try:
                    await asyncio.wait_for(self._send(piece), patience * (1 + self.random.random() * 2))
                except (TimeoutError, httpx2.HTTPError, OSError):
                    self.promises.cut += 1

        await asyncio.gather(*map(send, pieces))

    def _cut(self, wishes: list[Wish]) -> Iterator[list[Wish]]:
        """Most go in batches, the others alone; what is known by its key goes alone."""
        together = [wish for wish in wishes if not wish.by_key and wish.number % 3]
        yield from ([wish] for wish in wishes if wish.by_key or not wish.number % 3)
        while together:
            size_of_batch = self.random.randint(1, BATCH)
            yield together[:size_of_batch]
            together = together[size_of_batch:]

    async def _send(self, piece: list[Wish]) -> None:
        headers = await asyncio.to_thread(self.account.headers)
        if len(piece) > 1:
            content = b"".join(json.dumps(wish.body).encode() + b"\n" for wish in piece)
            kind = {"Content-Type": "application/x-ndjson"}
            answer = await self.http.post(
                "/api/v1/appeals/batch", content=content, headers={**headers, **kind}
            )
            if answer.status_code in PASSING:
                return
            assert answer.status_code == 200, answer.text
            for line in map(json.loads, answer.text.splitlines()):
                self._judge(piece[line["line"] - 1], line["status"], line)
            return
        (wish,) = piece
        key = {"Idempotency-Key": wish.name} if wish.by_key else {}
        answer = await self.http.post("/api/v1/appeals", json=wish.body, headers={**headers, **key})
        self._judge(wish, answer.status_code, answer.json())

    def _judge(self, wish: Wish, status: int, answer: dict[str, Any]) -> None:
        if status in PASSING:
            return
        assert status in (200, 201), answer
        self.promises.accept(wish.name, answer["id"], answer["number"])


def wishes_of(place: int, count: int) -> list[Wish]:
    """A quarter is known by the key of its request only."""
    return [
        Wish(n, n % 4 == 0, {"text": f"Обращение {place}/{n}: не горит фонарь", "region": REGION})
        if n % 4 == 0
        else Wish(
            n,
            False,
            {"text": f"Обращение {place}/{n}: яма", "region": REGION, "external_id": f"{place}-{n}"},
        )
        for n in range(count)
    ]


def portal_of(system: System, place: int) -> Account:
    """A client of its own."""
    body = {
        "name": f"Портал {place}",
        "role": "portal",
        "regions": [REGION],
        "requests_per_minute": 10_000_000,
    }
    made = system.account("admin").post("/api/v1/clients", json=body)
    assert made.status_code == 201, made.text
    return Account(system, made.json()["client_id"], made.json()["client_secret"])


def own_register(account: Account) -> dict[str, str]:
    """What the register has of a client: id → number."""
    found: dict[str, str] = {}
    cursor = ""
    while True:
        params = {"region": REGION, "limit": 1000, "cursor": cursor}
        page = account.get("/api/v1/appeals", params=params).json()
        found |= {appeal["id"]: appeal["number"] for appeal in page["items"]}
        cursor = page["next_cursor"]
        if not cursor:
            return found


async def post_all(system: System, accounts: list[Account], each: int) -> list[Troubled]:
    """All clients at once."""
    limits = httpx2.Limits(max_connections=CLIENTS * AT_ONCE)
    async with httpx2.AsyncClient(base_url=system.url, timeout=120, limits=limits) as http:
        clients = [
            Troubled(place, account, http, wishes_of(place, each)) for place, account in enumerate(accounts)
        ]
        await asyncio.gather(*(client.run() for client in clients))
    return clients


def judge(clients: list[Troubled]) -> dict[str, int]:
    """The register against what the clients hold; figures of the proof."""
    lost = unexpected = unaccepted = 0
    numbers: list[int] = []
    for client in clients:
        accepted = dict(client.promises.noted.values())
        register = own_register(client.account)
        lost += len(accepted.items() - register.items())
        unexpected += len(register.items() - accepted.items())
        unaccepted += len(client.wishes) - len(client.promises.noted)
        numbers += [int(number.rsplit("-", 1)[1]) for number in register.values()]
    contradictions = [each for client in clients for each in client.promises.contradictions]
    assert contradictions == []
    assert (lost, unexpected, unaccepted) == (0, 0, 0)
    assert sorted(numbers) == list(range(1, len(numbers) + 1)), "numbers without gaps or doubles"
    return {
        "registered": len(numbers),
        "lost": lost,
        "unexpected": unexpected,
        "cut": sum(client.promises.cut for client in clients),
        "repeated": sum(client.promises.repeated for client in clients),
        "crashes": sum(client.promises.crashes for client in clients),
    }


# A hundred thousand requests are cut off, some while they connect: the client library then drops the socket for the collector.
@pytest.mark.filterwarnings(
    "ignore:Exception ignored in. <socket.socket:pytest.PytestUnraisableExceptionWarning"
)
def test_the_register_is_what_clients_hold_as_accepted(tmp_path: Path, proof: Callable[..., None]) -> None:
    each = size(100, 100_000 // CLIENTS)
    with systems.running(tmp_path) as system:
        accounts = [portal_of(system, place) for place in range(CLIENTS)]
        clients = asyncio.run(post_all(system, accounts, each))
        figures = judge(clients)
    assert figures["registered"] == CLIENTS * each
    assert figures["cut"] > 0, "some answers were never heard"
    assert figures["crashes"] > 0
    proof(**figures)
