"""Requests that servers and proxies have disagreed about: raw bytes, in pieces, to be met by every door of ours."""

from __future__ import annotations

from dataclasses import dataclass

PATH = b"/a"
NEXT_PATH = b"/next"
CHUNKS = b"4\r\nabcd\r\n0\r\n\r\n"
EVIL = b"GET /evil HTTP/1.1\r\nHost: x\r\n\r\n"


@dataclass(frozen=True)
class Case:
    """A name, the pieces to write, whether the caller closes its half after them."""

    name: str
    pieces: tuple[bytes, ...]
    half_close: bool = False

    def on(self, path: bytes, following: bytes, evil: bytes) -> Case:
        """The same with other paths."""
        pieces = tuple(
            piece.replace(b" /a", b" " + path)
            .replace(b" /next", b" " + following)
            .replace(b" /evil", b" " + evil)
            for piece in self.pieces
        )
        return Case(self.name, pieces, self.half_close)


def _request(*lines: bytes, method: bytes = b"POST", path: bytes = PATH) -> bytes:
    return b"\r\n".join((method + b" " + path + b" HTTP/1.1", b"Host: x", *lines, b"", b""))


NEXT = _request(method=b"GET", path=NEXT_PATH)


def _post(*lines: bytes, body: bytes = b"abcd") -> tuple[bytes, ...]:
    return (_request(*lines) + body + NEXT,)


def _chunked(body: bytes, *lines: bytes) -> tuple[bytes, ...]:
    return (_request(b"Transfer-Encoding: chunked", *lines) + body + NEXT,)


_SMUGGLED = b"33\r\nPOST /evil HTTP/1.1\r\nHost: x\r\nContent-Length: 7\r\n\r\n\r\n0\r\n\r\n"
_OFFER = (b"Connection: Upgrade", b"Upgrade: foo")

CASES: tuple[Case, ...] = (
    Case(
        "offer of h2c",
        _post(
            b"Connection: Upgrade, HTTP2-Settings",
            b"Upgrade: h2c",
            b"HTTP2-Settings: AAMAAABkAAQBAAAAAAIAAAAA",
            b"Content-Length: 4",
        ),
    ),
    Case(
        "offer of a websocket",
        _post(
            b"Connection: Upgrade",
            b"Upgrade: websocket",
            b"Sec-WebSocket-Version: 13",
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            b"Content-Length: 4",
        ),
    ),
    Case("offer of something", _post(*_OFFER, b"Content-Length: 4")),
    Case("offer and chunks", _post(*_OFFER, b"Transfer-Encoding: chunked", body=CHUNKS)),
    Case("offer, body later", (_request(*_OFFER, b"Content-Length: %d" % len(EVIL)), EVIL, NEXT)),
    Case("offer twice", _post(*_OFFER, *_OFFER, b"Content-Length: 4")),
    Case("offer and close", _post(b"Connection: close, Upgrade", b"Upgrade: foo", b"Content-Length: 4")),
    Case("offer without a body", (_request(*_OFFER) + NEXT,)),
    Case("CONNECT", (b"CONNECT x:1 HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nabcd" + NEXT,)),
    Case("preface of HTTP/2", (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",)),
    Case(
        "length, coding, evil behind",
        (_request(b"Content-Length: 4", b"Transfer-Encoding: chunked") + b"0\r\n\r\n" + EVIL,),
    ),
    Case(
        "length, coding, evil in a chunk",
        (_request(b"Content-Length: 4", b"Transfer-Encoding: chunked") + _SMUGGLED,),
    ),
    Case(
        "coding, then length", _post(b"Transfer-Encoding: chunked", b"Content-Length: 5", body=b"0\r\n\r\n")
    ),
    Case("same length twice", _post(b"Content-Length: 4", b"Content-Length: 4")),
    Case("two lengths", _post(b"Content-Length: 4", b"Content-Length: 5", body=b"abcde")),
    Case("same length in a list", _post(b"Content-Length: 4, 4")),
    Case("two lengths in a list", _post(b"Content-Length: 4, 5")),
    Case("length +4", _post(b"Content-Length: +4")),
    Case("length -4", _post(b"Content-Length: -4")),
    Case("length in hex", _post(b"Content-Length: 0x4")),
    Case("empty length", _post(b"Content-Length: ", body=b"")),
    Case("length over 64 bits", _post(b"Content-Length: 18446744073709551620")),
    Case("length of thousands of digits", _post(b"Content-Length: " + b"0" * 4400 + b"4")),
    Case("length 1_0", _post(b"Content-Length: 1_0")),
    Case("space before the colon", _post(b"Content-Length : 4")),
    Case("xchunked", _post(b"Transfer-Encoding: xchunked", body=CHUNKS)),
    Case("identity", _post(b"Transfer-Encoding: identity", b"Content-Length: 4")),
    Case("gzip, chunked", _post(b"Transfer-Encoding: gzip, chunked", body=CHUNKS)),
    Case("chunked, gzip", _post(b"Transfer-Encoding: chunked, gzip", body=CHUNKS)),
    Case("chunked twice", _post(b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked", body=CHUNKS)),
    Case("chunked, chunked", _post(b"Transfer-Encoding: chunked, chunked", body=CHUNKS)),
    Case("chunked behind a control character", _post(b"Transfer-Encoding: \x0bchunked", body=CHUNKS)),
    Case("ChUnKeD behind a tab", _post(b"TRANSFER-ENCODING:\tChUnKeD", body=CHUNKS)),
    Case(
        "chunked in HTTP/1.0",
        (
            b"POST /a HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n"
            + CHUNKS
            + NEXT,
        ),
    ),
    Case("folded length", _post(b"X-A: b\r\n Content-Length: 4", body=b"")),
    Case("folded coding", _post(b"Transfer-Encoding:\r\n chunked", body=CHUNKS)),
    Case("bare line feeds", (b"POST /a HTTP/1.1\nHost: x\nContent-Length: 4\n\nabcd" + NEXT,)),
    Case("bare carriage return", _post(b"X-A: b\rContent-Length: 4", body=b"")),
    Case("NUL in a value", _post(b"X-A: a\x00b", b"Content-Length: 4")),
    Case("space in a name", _post(b"X A: b", b"Content-Length: 4")),
    Case("line without a colon", _post(b"garbage", b"Content-Length: 4")),
    Case("empty name", _post(b": b", b"Content-Length: 4")),
    Case(
        "space before the first header",
        (b"POST /a HTTP/1.1\r\n Host: x\r\nContent-Length: 4\r\n\r\nabcd" + NEXT,),
    ),
    Case("two hosts", (b"GET /a HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n" + NEXT,)),
    Case("no host", (b"GET /a HTTP/1.1\r\n\r\n" + NEXT,)),
    Case("absolute form", (b"GET http://other/a?q=1 HTTP/1.1\r\nHost: x\r\n\r\n" + NEXT,)),
    Case("HTTP/0.9", (b"GET /a\r\n\r\n",)),
    Case("HTTP/2.0", (b"GET /a HTTP/2.0\r\nHost: x\r\n\r\n" + NEXT,)),
    Case("two spaces", (b"GET  /a HTTP/1.1\r\nHost: x\r\n\r\n" + NEXT,)),
    Case("control character in the target", (b"GET /a\x01 HTTP/1.1\r\nHost: x\r\n\r\n" + NEXT,)),
    Case("fragment in the target", (b"GET /a#b HTTP/1.1\r\nHost: x\r\n\r\n" + NEXT,)),
    Case("two slashes", (b"GET //a HTTP/1.1\r\nHost: x\r\n\r\n" + NEXT,)),
    Case("asterisk", (b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n" + NEXT,)),
    Case("chunk extension", _chunked(b"4;a=b\r\nabcd\r\n0\r\n\r\n")),
    Case("chunk extension with a bare line feed", _chunked(b"4;a\nabcd\r\n0\r\n\r\n")),
    Case("trailer with a length", _chunked(b"4\r\nabcd\r\n0\r\nContent-Length: 9\r\n\r\n")),
    Case("chunks with bare line feeds", _chunked(b"4\nabcd\n0\n\n")),
    Case("chunk size in 0x", _chunked(b"0x4\r\nabcd\r\n0\r\n\r\n")),
    Case("chunk size +4", _chunked(b"+4\r\nabcd\r\n0\r\n\r\n")),
    Case("chunk size over 64 bits", _chunked(b"10000000000000004\r\nabcd\r\n0\r\n\r\n")),
    Case("chunk without its end", _chunked(b"4\r\nabcdXX0\r\n\r\n")),
    Case("garbage behind", (_request(b"Content-Length: 4") + b"abcdGARBAGE\r\n\r\n",)),
    Case("close", _post(b"Content-Length: 4", b"Connection: close")),
    Case(
        "expectation",
        (_request(b"Content-Length: 4", b"Expect: 100-continue"), b"abcd" + NEXT),
    ),
    Case("half a body", (_request(b"Content-Length: 9") + b"abcd",), half_close=True),
    Case(
        "half a chunked body",
        (_request(b"Transfer-Encoding: chunked") + b"4\r\nabcd\r\n",),
        half_close=True,
    ),
    Case("many ahead", (NEXT * 40 + _request(b"Content-Length: 4") + b"abcd" + NEXT,)),
)

# Stock clients send these: they have to be served, body and following request included.
SERVED = {
    "offer of h2c",
    "offer of a websocket",
    "offer of something",
    "offer and chunks",
    "offer, body later",
    "offer twice",
    "offer and close",
    "offer without a body",
    "ChUnKeD behind a tab",
    "chunk extension",
    "close",
    "expectation",
    "many ahead",
}
