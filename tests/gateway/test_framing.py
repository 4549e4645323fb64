"""Nobody's bytes become part of somebody else's request: odd callers, and a victim beside them."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from chassis.http1.limits import BEHIND_THE_GATEWAY
from chassis.serve import bind, server_config
from contracts.parts import SERVICES
from harness.databases import Database
from tests.chassis.http1.mutations import Mutation
from tests.chassis.http1.requests import CASES, SERVED, Case
from tests.chassis.http1.verdicts import Served, verdict
from tests.conftest import size
from tests.gateway.conftest import RunningGateway, Services, listening, settings_of
from tests.gateway.odd_callers import OPEN, calling, mutated_case, send


@dataclass
class Echo:
    """A service that notes what reaches it and answers with the body it got."""

    served: list[Served] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body, more = b"", b"early" not in scope["raw_path"]
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
        query = scope["query_string"]
        target = scope["raw_path"] + b"?" + query if query else scope["raw_path"]
        self.served.append((scope["method"], target, len(body)))
        headers = [(b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


@dataclass
class Street:
    """A gateway, one echo behind it, and its port."""

    gateway: RunningGateway
    echo: Echo

    @property
    def port(self) -> int:
        return int(self.gateway.url.rpartition(":")[2])

    def noted(self, mark: bytes) -> list[Served]:
        """What reached the service of one caller, known by the end of its paths."""
        return [each for each in self.echo.served if each[1].endswith(mark)]


@pytest.fixture
async def street(shared_database: Database, tmp_path: Path) -> AsyncIterator[Street]:
    echo = Echo()
    config = server_config(echo, BEHIND_THE_GATEWAY, lifespan="off", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server._serve([bind(f"unix:{tmp_path}/{name}.sock") for name in SERVICES]))
    settings = settings_of(shared_database, Services(tmp_path), tmp_path, open_requests_per_minute=10**9)
    async with listening(settings) as gateway:
        yield Street(gateway, echo)
    server.should_exit = True
    await task


@pytest.mark.parametrize("bytewise", [False, True], ids=["pieces", "bytewise"])
@pytest.mark.parametrize("path", [b"a", b"early"], ids=["read", "early"])
async def test_odd_requests_reach_the_service_as_h11_reads_them_or_not_at_all(
    street: Street, path: bytes, bytewise: bool
) -> None:
    async def meet(number: int, case: Case) -> None:
        mark = b"-%d." % number
        sent = case.on(OPEN + path + mark, OPEN + b"next" + mark, OPEN + b"evil" + mark)
        await send(street.port, sent, bytewise)
        noted = street.noted(mark)
        wanted = [each for each in verdict(b"".join(sent.pieces)) if each[1].startswith(OPEN)]
        if path == b"early":
            noted, wanted = ([(method, target, 0) for method, target, _ in each] for each in (noted, wanted))
        assert noted == wanted[: len(noted)], case.name
        assert case.name not in SERVED or noted == wanted, case.name

    async with calling(street.port) as victim:
        everybody = asyncio.gather(*(meet(number, case) for number, case in enumerate(CASES)))
        while not everybody.done():
            await victim.posts_ten()
        await everybody
        await victim.posts_ten()
    assert all(target.endswith((b".", b"victim")) for _, target, _ in street.echo.served)


async def test_mutated_requests_reach_the_service_as_h11_reads_them_or_not_at_all(street: Street) -> None:
    mutation = Mutation(Random(8))
    async with calling(street.port) as victim:
        for _ in range(size(6, 200)):
            sent = [mutated_case(mutation, b"a") for _ in range(50)]
            allowed = Counter(each for case in sent for each in verdict(b"".join(case.pieces)))
            await asyncio.gather(*(send(street.port, case, bytewise=False) for case in sent))
            await victim.posts_ten()
            noted = Counter(each for each in street.echo.served if each[1] != OPEN + b"victim")
            assert noted <= allowed, noted - allowed
            street.echo.served.clear()


async def test_a_caller_who_breaks_off_gets_the_answer_to_what_was_whole(street: Street) -> None:
    head = b"POST %sa HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n" % OPEN
    for half in (head + b"ab", head[:-2]):
        answer = await send(street.port, Case("", (head + b"abcd" + half,), half_close=True), bytewise=False)
        first, _, second = answer.partition(b"abcd")
        assert first.startswith(b"HTTP/1.1 200 ")
        assert second.startswith(b"HTTP/1.1 400 ")
    assert len(street.echo.served) == 2


async def test_a_hundred_headers_and_those_of_the_gateway_reach_the_service(street: Street) -> None:
    head = b"POST %sa HTTP/1.0\r\n" % OPEN + b"X: y\r\n" * 100 + b"\r\n"
    answer = await send(street.port, Case("", (head,)), bytewise=False)
    assert answer.startswith(b"HTTP/1.1 200 ")
