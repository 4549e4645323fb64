"""No test reaches beyond this machine: whoever looks up or connects to another address fails there and then."""

from __future__ import annotations

import ipaddress
import sys
from typing import Any

EVENTS = frozenset(
    {"socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}
)


class Outside(RuntimeError):
    """A test wanted to speak with another machine."""


def is_here(host: object) -> bool:
    """Whether an address is this machine's own: loopback, or none at all (the path of a unix socket, any address)."""
    name = host.decode() if isinstance(host, bytes) else host
    if not isinstance(name, str) or name in ("", "localhost") or name.startswith(("/", "\0")):
        return True
    try:
        address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _host_of(event: str, arguments: tuple[Any, ...]) -> object:
    """`connect` and `sendto` name a socket and its peer, look-ups a host."""
    if event not in ("socket.connect", "socket.sendto"):
        return arguments[0]
    peer = arguments[1]
    return peer[0] if isinstance(peer, tuple) else None


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event in EVENTS and not is_here(host := _host_of(event, arguments)):
        raise Outside(f"{event} of {host!r}: tests speak with this machine only")


def stay_here() -> None:
    """From now on, for this process; the interpreter asks before each connection (PEP 578), so none is missed."""
    sys.addaudithook(_refuse)
