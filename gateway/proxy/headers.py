"""Headers as the proxy sees them: pairs of lower-case names and values, and which of them concern one connection only."""

from __future__ import annotations

from typing import Final

Headers = list[tuple[bytes, bytes]]

# Headers that concern one connection only (RFC 9110 §7.6.1), the framing of the body included.
HOP_BY_HOP: Final = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authentication-info",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
        b"http2-settings",
    }
)
_NEVER_NAMED: Final = frozenset({b"authorization", b"host"})
_NOTHING: Final = frozenset[bytes]()


def named_by_connection(headers: Headers) -> frozenset[bytes]:
    """The headers that Connection headers name as such, which are not passed on either."""
    words = b",".join([value for name, value in headers if name == b"connection"]).lower()
    if words in (b"keep-alive", b"close"):
        return _NOTHING
    return frozenset(word.strip() for word in words.split(b",")) - _NEVER_NAMED


def with_authorization(headers: Headers, authorization: bytes | None) -> Headers:
    """The same with another Authorization header; unchanged for None."""
    if authorization is None:
        return headers
    others = [pair for pair in headers if pair[0] != b"authorization"]
    return [*others, (b"authorization", authorization)]
