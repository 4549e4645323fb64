"""Where a service's answer ends is decided as h11 decides it, or the answer is refused: never a third reading."""

from __future__ import annotations

from dataclasses import dataclass

import h11
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from gateway.proxy.answers import LARGEST_HEAD, Answer, Malformed
from tests.chassis.http1.mutations import Mutation
from tests.conftest import size

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
CHUNKS = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"
HINTS = b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n"

# What has to be understood, and what may be refused; each to be met as an answer to every method.
UNDERSTOOD = [
    OK,
    CHUNKS,
    HINTS + OK,
    HINTS + HINTS + CHUNKS,
    b"HTTP/1.1 100 Continue\r\n\r\n" + OK,
    b"HTTP/1.1 199 Odd\r\ncontent-length: 2\r\n\r\n" + OK,
    b"HTTP/1.1 200 OK\r\n\r\nok",
    b"HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok",
    b"HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 2\r\n\r\nok",
    b"HTTP/1.1 200\r\ncontent-length: 2\r\n\r\nok",
    b"HTTP/1.1 200 OK\r\nCONTENT-LENGTH:2\r\nX-Empty:\r\nX: \xd0\x96\t\x80\r\n\r\nok",
    b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok",
    b"HTTP/1.1 200 OK\r\nconnection: x-private, Close\r\nx-private: 1\r\ncontent-length: 2\r\n\r\nok",
    b"HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n",
    b"HTTP/1.1 204 No Content\r\n\r\n",
    b"HTTP/1.1 204 No Content\r\ncontent-length: 2\r\n\r\nok",
    b"HTTP/1.1 304 Not Modified\r\ncontent-length: 2\r\n\r\n",
    b"HTTP/1.1 304 Not Modified\r\ntransfer-encoding: chunked\r\n\r\n",
    b"HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\ntrailer: x\r\n\r\n2;a=b\r\nok\r\n0\r\nx: y\r\n\r\n",
    OK + b" and more",
    OK + OK,
    OK + b"\r\n",
    CHUNKS + OK,
    CHUNKS + b"\r\n",
]
ODD = [
    b"HTTP/1.1 101 Switching Protocols\r\n\r\n" + OK,
    b"HTTP/1.1 101 Switching Protocols\r\ncontent-length: 0\r\n\r\n" + OK,
    b"HTTP/1.1 101 Switching Protocols\r\nupgrade: foo\r\nconnection: upgrade\r\n\r\n" + OK,
    b"HTTP/1.1 200 OK\r\nupgrade: foo\r\nconnection: upgrade\r\ncontent-length: 2\r\n\r\nok",
    b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 9\r\n\r\nok",
    b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 2\r\n\r\nok",
    b"HTTP/1.1 200 OK\r\ncontent-length: 2, 2\r\n\r\nok",
    b"HTTP/1.1 200 OK\r\ncontent-length: +2\r\n\r\nok",
    b"HTTP/1.1 200 OK\r\ncontent-length: 0x2\r\n\r\nok",
    b"HTTP/1.1 200 OK\r\ncontent-length: 18446744073709551618\r\n\r\nok",
    b"HTTP/1.1 200 OK\r\ncontent-length: \r\n\r\nok",
    b"HTTP/1.1 200 OK\r\ncontent-length : 2\r\n\r\nok",
    b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-length: 2\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked, gzip\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\ntransfer-encoding: identity\r\ncontent-length: 2\r\n\r\nok",
    b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\ntransfer-encoding: \x0bchunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    b"HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\ncontent-length:\r\n 2\r\n\r\nok",
    b"HTTP/1.1 200 OK\r\nx: a\r\n content-length: 2\r\n\r\nok",
    b"HTTP/1.1 200 OK\ncontent-length: 2\n\nok",
    b"HTTP/1.1 200 OK\r\nx: a\rcontent-length: 2\r\n\r\nok",
    b"HTTP/1.1 200 OK\r\nx: a\x00b\r\ncontent-length: 2\r\n\r\nok",
    b"HTTP/1.1 200 OK\r\nx y: a\r\ncontent-length: 2\r\n\r\nok",
    b"HTTP/1.1 200 OK\r\ngarbage\r\ncontent-length: 2\r\n\r\nok",
    b"HTTP/1.1 2000 OK\r\ncontent-length: 2\r\n\r\nok",
    b"HTTP/1.1 099 OK\r\ncontent-length: 2\r\n\r\nok",
    b"HTTP/1.1 999 OK\r\ncontent-length: 2\r\n\r\nok",
    b"HTTP/2.0 200 OK\r\ncontent-length: 2\r\n\r\nok",
    b"ICY 200 OK\r\ncontent-length: 2\r\n\r\nok",
    b"\r\n" + OK,
    CHUNKS.replace(b"2\r\n", b"0x2\r\n"),
    CHUNKS.replace(b"2\r\n", b"+2\r\n"),
    CHUNKS.replace(b"2\r\n", b"2 \r\n"),
    CHUNKS.replace(b"2\r\n", b"10000000000000002\r\n"),
    CHUNKS.replace(b"2\r\nok\r\n", b"2\nok\n"),
    CHUNKS.replace(b"ok\r\n", b"okXX"),
    CHUNKS.replace(b"0\r\n\r\n", b"0\r\ncontent-length: 9\r\n\r\n"),
    CHUNKS.replace(b"0\r\n\r\n", b"0\n\n"),
]
METHODS = ["GET", "HEAD", "POST"]


@dataclass(frozen=True)
class Reading:
    """What became of an answer: whole or not, its status and body, and whether nothing is left on the connection."""

    whole: bool
    status: int = 0
    body: bytes = b""
    clean: bool = False


def by_h11(method: str, data: bytes, ended: bool) -> Reading:
    connection, status, body = h11.Connection(h11.CLIENT), 0, b""
    connection.send(h11.Request(method=method, target="/a", headers=[("host", "x"), ("content-length", "0")]))
    connection.send(h11.EndOfMessage())
    try:
        connection.receive_data(data)
        if ended:
            connection.receive_data(b"")
        while True:
            event = connection.next_event()
            if isinstance(event, h11.Response):
                status = event.status_code
            elif isinstance(event, h11.Data):
                body += event.data
            elif isinstance(event, h11.EndOfMessage):
                trailing = connection.trailing_data[0]
                return Reading(True, status, body, connection.their_state is h11.DONE and not trailing)
            elif event is h11.NEED_DATA or event is h11.PAUSED or isinstance(event, h11.ConnectionClosed):
                return Reading(False)
    except h11.RemoteProtocolError:
        return Reading(False)


def by_us(method: str, pieces: list[bytes], ended: bool) -> Reading:
    answer = Answer(method)
    try:
        for piece in pieces:
            if answer.complete:
                return Reading(True, answer.status, answer.take(), False)  # the connection closes: see there
            answer.feed(piece)
        if ended:
            answer.end()
    except Malformed:
        return Reading(answer.complete, answer.status, answer.take(), False)
    return Reading(answer.complete, answer.status, answer.take(), answer.is_clean)


def assert_same_reading(method: str, pieces: list[bytes], ended: bool) -> Reading:
    ours, theirs = by_us(method, pieces, ended), by_h11(method, b"".join(pieces), ended)
    if ours.whole:
        assert (theirs.whole, theirs.status, theirs.body) == (True, ours.status, ours.body), pieces
    assert theirs.clean or not ours.clean, pieces
    return ours


def pieces_of(data: bytes, bytewise: bool) -> list[bytes]:
    return [data[at : at + 1] for at in range(len(data))] if bytewise else [data]


@pytest.mark.parametrize("bytewise", [False, True], ids=["whole", "bytewise"])
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("ended", [False, True], ids=["open", "closed"])
@pytest.mark.parametrize("data", UNDERSTOOD)
def test_good_answers_are_read_as_h11_reads_them(
    data: bytes, ended: bool, method: str, bytewise: bool
) -> None:
    ours = assert_same_reading(method, pieces_of(data, bytewise), ended)
    theirs = by_h11(method, data, ended)
    assert (ours.whole, ours.whole and ours.body) == (theirs.whole, theirs.whole and theirs.body)
    declared = b"ransfer-encoding" not in data or method == "HEAD" or b" 304 " in data
    if declared and not bytewise and not ended:
        assert ours.clean == theirs.clean
    assert declared or not ours.clean


@pytest.mark.parametrize("bytewise", [False, True], ids=["whole", "bytewise"])
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("data", ODD)
def test_odd_answers_are_read_as_h11_reads_them_or_refused(data: bytes, method: str, bytewise: bool) -> None:
    for ended in (False, True):
        assert_same_reading(method, pieces_of(data, bytewise), ended)


@st.composite
def mutated(draw: st.DrawFn) -> list[bytes]:
    mutation = Mutation(draw(st.randoms(use_true_random=False)))
    data = mutation.of(draw(st.sampled_from(UNDERSTOOD + ODD)))
    cuts = sorted(draw(st.lists(st.integers(0, len(data)), max_size=4)))
    return [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True) if a < b]


@given(mutated(), st.sampled_from(METHODS), st.booleans())
@example([OK[:-2], b"ok", b"\r\n"], "GET", False)
@settings(
    max_examples=size(600, 40_000),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example],
)
def test_mutated_answers_get_no_third_reading(pieces: list[bytes], method: str, ended: bool) -> None:
    assert_same_reading(method, pieces, ended)


@pytest.mark.parametrize("data", ODD[:3])
def test_nobody_switches_protocols(data: bytes) -> None:
    with pytest.raises(Malformed):
        Answer("GET").feed(data)


def feed_all(answer: Answer, *pieces: bytes) -> None:
    for piece in pieces:
        answer.feed(piece)


@pytest.mark.parametrize("endless", [b"x: " + b"a" * LARGEST_HEAD, b"x: y\r\n" * LARGEST_HEAD])
def test_heads_and_trailers_end(endless: bytes) -> None:
    for data in (b"HTTP/1.1 200 OK\r\n" + endless, CHUNKS[:-2] + endless):
        with pytest.raises(Malformed):
            feed_all(Answer("GET"), data, *[endless] * 10)


def test_many_small_chunks_are_no_trailers() -> None:
    answer = Answer("GET")
    answer.feed(
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 100_000 + b"0\r\n\r\n"
    )
    assert answer.complete
    assert len(answer.take()) == 100_000
