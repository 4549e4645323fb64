"""Which heads of requests are accepted; each refusal names its reason."""

from __future__ import annotations

import re

from chassis.http1 import refusals

Headers = list[tuple[bytes, bytes]]

_TARGET = re.compile(rb"/[!-\"$-~]*")  # printable ASCII without `#`, which no client may send
_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_VERSIONS = frozenset({"1.1", "1.0"})


def refusal_of(method: bytes, target: bytes, version: str, headers: Headers, most_bytes: int) -> bytes | None:
    """The answer to a head that is not accepted, None for a good one.

    Stricter than the parser where two readers could understand a request differently (RFC 9112 §3.2, §6.3, §11.2):
    whatever passes has one host, one target, and one way to tell where its body ends.
    """
    if version not in _VERSIONS:
        return refusals.UNKNOWN_VERSION
    if method == b"CONNECT" or not _TARGET.fullmatch(target):
        return refusals.BAD_TARGET
    hosts = lengths = codings = 0
    size = len(method) + len(target) + 12
    for name, value in headers:
        size += len(name) + len(value) + 4
        if _CONTROL.search(value):
            return refusals.BAD_VALUE
        if name == b"host":
            hosts += 1
        elif name == b"content-length":
            lengths += 1
        elif name == b"transfer-encoding":
            codings += 1
            if value.lower() != b"chunked":
                return refusals.UNKNOWN_CODING
    if size > most_bytes:
        return refusals.HEAD_TOO_LARGE
    if hosts > 1 or (hosts == 0 and version == "1.1"):
        return refusals.BAD_HOST
    if lengths + codings > 1 or (codings and version == "1.0"):
        return refusals.BAD_LENGTH
    return None


def declared_length(headers: Headers) -> int | None:
    """Bytes of the body by its Content-Length; 0 without a body, None for one in chunks."""
    for name, value in headers:
        if name == b"content-length":
            return int(value)
        if name == b"transfer-encoding":
            return None
    return 0


def without_offer(method: bytes, target: bytes, version: str, headers: Headers) -> bytes:
    """The same head without its Upgrade headers, as bytes for the parser.

    The parser takes an offered upgrade for accepted and does not read the body. Offers may be ignored (RFC 9110 §7.8),
    and here they always are.
    """
    lines = [b"%s %s HTTP/%s\r\n" % (method, target, version.encode())]
    lines += [b"%s: %s\r\n" % header for header in headers if header[0] != b"upgrade"]
    return b"".join([*lines, b"\r\n"])
