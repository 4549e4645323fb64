"""Requests that are sent ahead take turns: one caller's flood is not everybody's queue."""

from __future__ import annotations

import asyncio

from chassis.http1 import Limits
from tests.chassis.http1.server import GET, Server, settle
from tests.chassis.http1.verdicts import Pipe

OK = b"HTTP/1.1 200"
SLOW = Limits(ahead_at_once=3, ahead_pause_seconds=0.05)


async def answered(pipe: Pipe, number: int) -> None:
    async with asyncio.timeout(5):
        while pipe.written.count(OK) < number:
            await asyncio.sleep(0.005)


async def test_a_flood_is_answered_in_order_but_not_at_once() -> None:
    server = Server(SLOW)
    protocol, pipe = server.connect()
    protocol.data_received(GET * 8)
    for _ in range(5):
        await settle()
    assert pipe.written.count(OK) == 5, "the first, one in line behind it, and three that were sent ahead"
    neighbour, its_pipe = server.connect()
    neighbour.data_received(GET)
    await settle()
    assert its_pipe.written.count(OK) == 1, "nobody else waits"
    await answered(pipe, 8)
    assert not protocol._ahead


async def test_who_waits_for_answers_is_never_slowed() -> None:
    protocol, pipe = Server(Limits(ahead_at_once=3, ahead_pause_seconds=3600)).connect()
    for number in range(1, 20):
        protocol.data_received(GET)
        await settle()
        assert pipe.written.count(OK) == number
    for round_ in range(1, 10):
        protocol.data_received(GET * 3)
        await answered(pipe, 19 + 3 * round_)


async def test_who_hangs_up_while_its_turn_is_waited_for_is_forgotten() -> None:
    protocol, pipe = Server(SLOW).connect()
    protocol.data_received(GET * 8)
    for _ in range(5):
        await settle()
    protocol.transport.close()
    protocol.connection_lost(None)
    await asyncio.sleep(SLOW.ahead_pause_seconds * 3)
    assert pipe.written.count(OK) == 5


async def test_who_was_refused_is_not_read_for_ever() -> None:
    """Throwing away costs too: the rest waits at the caller's until the connection ends."""
    protocol, pipe = Server(Limits(refused_bytes=10_000)).connect()
    protocol.data_received(b"nonsense\r\n\r\n")
    assert pipe.written.startswith(b"HTTP/1.1 400")
    protocol.data_received(b"x" * 9_000)
    assert not protocol.flow.read_paused
    protocol.data_received(b"x" * 9_000)
    assert protocol.flow.read_paused
