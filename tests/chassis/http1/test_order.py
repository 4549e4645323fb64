"""A refusal comes after the answers to what was whole before it, and is the last thing written."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from chassis.http1 import Limits
from chassis.http1.limits import BEHIND_THE_GATEWAY
from tests.chassis.http1.server import GET, Server, pass_seconds, post, settle
from tests.chassis.http1.verdicts import Pipe, met

CHUNKED = b"POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
NEXT = GET.replace(b"/a", b"/c")
EXPECTING = CHUNKED[:-2] + b"Expect: 100-continue\r\n\r\n"


class Slow:
    """Begins each answer at once and ends it when told to."""

    def __init__(self, kind: bytes = b"text/plain") -> None:
        self.go_on = asyncio.Event()
        self.targets: list[bytes] = []
        self.headers = [(b"content-type", kind), (b"content-length", b"4")]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.targets.append(scope["raw_path"])
        await send({"type": "http.response.start", "status": 200, "headers": self.headers})
        await send({"type": "http.response.body", "body": b"be", "more_body": True})
        await self.go_on.wait()
        await send({"type": "http.response.body", "body": b"en"})


class Strict(Pipe):
    """A transport that refuses, as real ones do, to be written to after its end."""

    ended = False

    def write(self, data: Any) -> None:
        if self.ended:
            raise RuntimeError("Cannot call write() after write_eof()")
        super().write(data)

    def write_eof(self) -> None:
        self.ended = True


def hang_up_half(protocol: Any, pipe: Pipe) -> None:
    if not protocol.eof_received():
        pipe.close()  # as event loops do


def stay_silent(protocol: Any, pipe: Pipe) -> None:
    del pipe
    protocol.flow.resume_reading()  # as when the application listens for a hang-up
    pass_seconds(protocol, 20)


def crowd(protocol: Any, pipe: Pipe) -> None:
    del pipe
    protocol.data_received(b"x" * 5000)


@pytest.mark.parametrize(
    ("behind", "fault", "status"),
    [
        (post(9) + b"abcd", hang_up_half, b"400"),
        (CHUNKED + b"4\r\nabcd\r\n", hang_up_half, b"400"),
        (GET[:-2], hang_up_half, b"400"),
        (post(9000), stay_silent, b"408"),
        (post(9000), crowd, b"503"),
    ],
)
async def test_half_a_request_leaves_the_answer_before_it_whole(
    behind: bytes, fault: Callable[[Any, Pipe], None], status: bytes
) -> None:
    slow, pipe = Slow(), Strict()
    protocol, _ = Server(Limits(held_bytes=1000, held_small_bytes=1000), slow).connect(pipe)
    protocol.data_received(GET)
    await settle()
    protocol.data_received(behind)
    await settle()
    fault(protocol, pipe)
    await settle()
    assert pipe.written.endswith(b"\r\n\r\nbe")
    slow.go_on.set()
    await settle()
    answer, _, refusal = bytes(pipe.written).partition(b"been")
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert refusal.startswith(b"HTTP/1.1 " + status)
    assert refusal.count(b"HTTP/1.1 ") == 1
    assert slow.targets == [b"/a"]


@pytest.mark.parametrize(
    ("behind", "targets", "refused"),
    [
        (b"", [b"/a"], 0),
        (post(4) + b"abcd" + NEXT, [b"/a", b"/a", b"/c"], 0),
        (CHUNKED + b"4\r\nabcd\r\n0\r\n\r\n" + NEXT * 3, [b"/a", b"/a", b"/c", b"/c", b"/c"], 0),
        (post(4) + b"abcd" + NEXT + NEXT[:-2], [b"/a", b"/a", b"/c"], 1),
        (post(4) + b"abcd" + NEXT + post(9) + b"abcd", [b"/a", b"/a", b"/c"], 1),
    ],
)
@pytest.mark.parametrize("early", [False, True], ids=["answering", "unanswered"])
async def test_who_closes_its_half_gets_all_its_answers_and_then_the_end(
    behind: bytes, targets: list[bytes], refused: int, early: bool
) -> None:
    slow, pipe = Slow(), Strict()
    protocol, _ = Server(application=slow).connect(pipe)
    if early:
        protocol.data_received(GET + behind)
    else:
        protocol.data_received(GET)
        await settle()
        protocol.data_received(behind)
        await settle()
    hang_up_half(protocol, pipe)
    assert not pipe.closing
    slow.go_on.set()
    await settle()
    assert slow.targets[: len(targets)] == targets
    assert pipe.written.count(b"HTTP/1.1 200 ") == pipe.written.count(b"been") == len(targets)
    assert pipe.written.count(b"HTTP/1.1 400 ") == refused
    assert any((pipe.closing, pipe.ended))


async def test_a_stream_of_events_ends_with_its_caller() -> None:
    protocol, pipe = Server(application=Slow(b"text/event-stream")).connect()
    protocol.data_received(GET)
    await settle()
    hang_up_half(protocol, pipe)
    assert pipe.closing


async def test_a_gateway_that_sends_no_more_has_given_up() -> None:
    protocol, pipe = Server(BEHIND_THE_GATEWAY, Slow()).connect()
    protocol.data_received(GET)
    await settle()
    hang_up_half(protocol, pipe)
    assert pipe.closing


async def test_a_server_that_ends_lets_the_answer_before_half_a_request_be_whole() -> None:
    slow = Slow()
    protocol, pipe = Server(application=slow).connect()
    protocol.data_received(GET + post(9))
    await settle()
    hang_up_half(protocol, pipe)
    protocol.shutdown()
    slow.go_on.set()
    await settle()
    assert b"been" in pipe.written


async def test_who_is_being_answered_is_told_of_the_hang_up_behind_which_another_waits() -> None:
    told: list[str] = []

    async def listens(scope: Scope, receive: Receive, send: Send) -> None:
        del scope, send
        for _ in range(2):
            told.append((await receive())["type"])

    protocol, _ = Server(application=listens).connect()
    protocol.data_received(GET + post(9))
    await settle()
    protocol.connection_lost(None)
    await settle()
    assert told == ["http.request", "http.disconnect"]


@pytest.mark.parametrize("late", [False, True])
async def test_nothing_is_written_after_a_refusal(late: bool) -> None:
    faults: list[dict[str, Any]] = []
    gate = asyncio.Event()

    async def reads(scope: Scope, receive: Receive, send: Send) -> None:
        del scope, send
        if late:
            await gate.wait()
        await receive()

    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: faults.append(context))
    pipe = Strict()
    protocol, _ = Server(application=reads).connect(pipe)
    protocol.data_received(EXPECTING)
    await asyncio.sleep(0)  # so far that the application has asked for the body, if it does at once
    protocol.data_received(b"no chunk\r\n")
    gate.set()
    tasks = list(protocol.tasks)
    await settle()
    assert not faults
    assert all(task.done() and not task.exception() for task in tasks)
    begun = b"" if late else b"HTTP/1.1 100 Continue\r\n\r\n"
    assert pipe.written.startswith(begun + b"HTTP/1.1 400 ")


async def test_a_length_too_long_for_a_number_is_refused() -> None:
    served, written = await met(
        [b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: " + b"0" * 4400 + b"4\r\n\r\nabcd"]
    )
    assert served == []
    assert written.startswith(b"HTTP/1.1 400 ")
