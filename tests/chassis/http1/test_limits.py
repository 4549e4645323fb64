"""What one connection may cost: time is given by hand, a second at a time."""

from __future__ import annotations

import asyncio
from ipaddress import ip_network
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from chassis.http1 import Limits
from tests.chassis.http1.server import GET, Server, pass_seconds, post, settle
from tests.chassis.http1.verdicts import Pipe, met


@pytest.mark.parametrize("started", [b"", b"GET", b"\r\n", GET[:-2]])
async def test_a_head_has_ten_seconds(started: bytes) -> None:
    protocol, pipe = Server().connect()
    if started and started != b"\r\n":
        protocol.data_received(started)
    pass_seconds(protocol, 10)
    assert not pipe.written
    pass_seconds(protocol, 1)
    assert pipe.written.startswith(b"HTTP/1.1 408 ")
    pass_seconds(protocol, 3)
    assert pipe.closing


async def test_trickled_heads_gain_no_time() -> None:
    protocol, pipe = Server().connect()
    pass_seconds(protocol, 11, GET)
    assert pipe.written.startswith(b"HTTP/1.1 408 ")


async def test_a_second_head_has_its_own_ten_seconds() -> None:
    protocol, pipe = Server().connect()
    protocol.data_received(GET)
    await settle()
    pass_seconds(protocol, 60)  # nothing is expected of a caller between two requests
    protocol.data_received(GET[:5])
    pass_seconds(protocol, 10)
    assert pipe.written.count(b"HTTP/1.1 ") == 1
    pass_seconds(protocol, 1)
    assert pipe.written.count(b"HTTP/1.1 408 ") == 1


@pytest.mark.parametrize(
    ("length", "bytes_a_second", "cut_after"),
    [
        (600, 1, 6),
        (60_000, 1, 6),
        (900_000, 1, 6),
        (60_000, 1024, 16),
        (900_000, 1024, None),
        (9, 1, 6),
        (5, 1, None),
    ],
)
async def test_a_body_keeps_the_rate(length: int, bytes_a_second: int, cut_after: int | None) -> None:
    protocol, pipe = Server().connect()
    protocol.data_received(post(length))
    await settle()
    for second in range(1, 30):
        left = length - bytes_a_second * (second - 1)
        protocol.data_received(b"x" * min(bytes_a_second, max(left, 0)))
        await settle()
        protocol.tick(1.0)
        if cut_after is not None and second >= cut_after:
            assert pipe.written.startswith(b"HTTP/1.1 408 ")
        else:
            assert b" 408 " not in pipe.written, second


async def test_nobody_is_blamed_for_an_application_that_does_not_read() -> None:
    async def busy(scope: Scope, receive: Receive, send: Send) -> None:
        del scope, receive, send
        await asyncio.Event().wait()

    protocol, pipe = Server(application=busy).connect()
    protocol.data_received(post(900_000) + b"x" * 70_000)
    await settle()
    assert not pipe.reading
    pass_seconds(protocol, 100)
    assert not pipe.written
    for task in protocol.tasks:
        task.cancel()


@pytest.mark.parametrize(("size", "status"), [(65_400, b"200"), (65_600, b"431"), (300_000, b"431")])
async def test_a_head_has_64_kib(size: int, status: bytes) -> None:
    _, written = await met([b"GET /a HTTP/1.1\r\nHost: x\r\nX: " + b"a" * size + b"\r\n\r\n"])
    assert written.startswith(b"HTTP/1.1 " + status)
    many = b"".join(b"x%05d: %s\r\n" % (number, b"y" * (size // 99 - 10)) for number in range(99))
    _, written = await met([b"GET /a HTTP/1.1\r\nHost: x\r\n" + many + b"\r\n"])
    assert written.startswith(b"HTTP/1.1 " + status)


async def test_chunks_are_not_mostly_framing() -> None:
    head = b"POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    _, written = await met([head, *[b"1;" + b"e" * 1000 + b"\r\nx\r\n"] * 100])
    assert written.startswith(b"HTTP/1.1 400 ")
    served, _ = await met([head, *[b"1;e\r\nx\r\n"] * 20_000, b"0\r\n\r\n"])
    assert served == [("POST", b"/a", 20_000)]


async def test_trailers_are_not_headers() -> None:
    seen: list[bytes] = []

    async def notes_headers(scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive()).get("more_body"):
            pass
        seen.extend(name for name, _ in scope["headers"])
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})

    protocol, _ = Server(application=notes_headers).connect()
    protocol.data_received(b"POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
    protocol.data_received(b"1\r\nx\r\n0\r\nAuthorization: Bearer stolen\r\n\r\n")
    await settle()
    assert seen == [b"host", b"transfer-encoding"]


async def test_incomplete_heads_share_a_budget() -> None:
    server = Server(Limits(held_bytes=200_000, held_small_bytes=1000))
    fates = []
    for _ in range(10):
        protocol, pipe = server.connect()
        protocol.data_received(b"GET /a HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 40_000)
        fates.append(bytes(pipe.written[:12]))
    assert fates == [b""] * 4 + [b"HTTP/1.1 503"] * 6
    small, pipe = server.connect()
    small.data_received(GET[:-2])
    small.data_received(GET[-2:])
    await settle()
    assert pipe.written.startswith(b"HTTP/1.1 200")


async def test_what_is_sent_ahead_waits_as_bytes() -> None:
    held = asyncio.Event()

    async def waits(scope: Scope, receive: Receive, send: Send) -> None:
        await held.wait()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})

    protocol, pipe = Server(Limits(ahead_at_once=1000), waits).connect()
    protocol.data_received(GET * 1000)
    await settle()
    assert len(protocol.tasks) == 1
    assert len(protocol.pipeline) <= 1
    held.set()
    while pipe.written.count(b"HTTP/1.1 200") < 1000:
        await asyncio.sleep(0)


async def test_bodies_sent_ahead_stay_with_their_requests() -> None:
    for cut in range(len(post(6)) + 6):
        data = post(4) + b"abcd" + post(6) + b"abcdef" + GET
        at = len(post(4)) + 4 + cut
        served, _ = await met([data[:at], data[at:]])
        assert [size for _, _, size in served] == [4, 6, 0]


async def test_a_head_goes_out_with_its_body_or_at_once() -> None:
    class Counting(Pipe):
        writes = 0

        def write(self, data: Any) -> None:
            self.writes += 1
            super().write(data)

    protocol, pipe = Server().connect(Counting())
    protocol.data_received(GET)
    await settle()
    assert pipe.written.endswith(b"ok")
    assert pipe.writes == 1  # type: ignore[attr-defined]

    async def begins(scope: Scope, receive: Receive, send: Send) -> None:
        del scope, receive
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await asyncio.Event().wait()

    protocol, pipe = Server(application=begins).connect()
    protocol.data_received(GET)
    await settle()
    assert pipe.written.endswith(b"\r\n\r\n")
    for task in protocol.tasks:
        task.cancel()


async def test_an_idle_connection_is_closed_in_the_end() -> None:
    protocol, pipe = Server().connect()
    protocol.data_received(GET)
    await settle()
    pass_seconds(protocol, 75)
    assert not pipe.closing
    pass_seconds(protocol, 1)
    assert pipe.closing


async def test_an_address_has_so_many_connections_and_proxies_have_any_number() -> None:
    server = Server(Limits(connections_per_address=2))
    fates = [bytes(server.connect()[1].written[:12]) for _ in range(4)]
    assert fates == [b"", b"", b"HTTP/1.1 503", b"HTTP/1.1 503"]
    behind = Server(Limits(connections_per_address=2, exempt=(ip_network("127.0.0.0/8"),)))
    assert [bytes(behind.connect()[1].written) for _ in range(4)] == [b""] * 4
    protocol, _ = server.connect()
    for _ in range(5):
        protocol.patrol.release(protocol, "127.0.0.1")
    assert not server.connect()[1].written


async def test_an_answer_that_nobody_reads_ends_its_connection() -> None:
    class Full(Pipe):
        def get_write_buffer_size(self) -> int:
            return 100_000

    protocol, pipe = Server().connect(Full())
    protocol.data_received(GET)
    await settle()
    pass_seconds(protocol, 60)
    assert not pipe.closing
    pass_seconds(protocol, 3)
    assert pipe.closing


async def test_after_a_refusal_nothing_is_served() -> None:
    served, written = await met([b"GET /a HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", GET, GET])
    assert served == []
    assert written.count(b"HTTP/1.1 ") == 1


async def test_an_error_behind_a_request_lets_it_be_answered_first() -> None:
    served, written = await met([GET + GET + b"\x00" + GET])
    assert len(served) == 2
    assert written.count(b"HTTP/1.1 200 OK") == 2
    assert written.partition(b"HTTP/1.1 400 Bad Request")[0].count(b"HTTP/1.1 200 OK") == 2
    assert written.count(b"HTTP/1.1 4") == 1
