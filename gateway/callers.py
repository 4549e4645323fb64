"""Whose address a request counts for: the connection's, or what a trusted reverse proxy says."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.types import Scope

UNIX = "unix"
PAGES_CALLER, PAGES_KEY = b"x-otklik-caller", b"x-otklik-pages-key"


@dataclass(frozen=True)
class ProxyNetworks:
    """The reverse proxies that are believed."""

    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    unix_socket: bool = False

    def contain(self, host: str | None) -> bool:
        """Whether a connection from `host` (None: a unix socket) comes from one of them."""
        if host is None:
            return self.unix_socket
        address = _address_of(host)
        return address is not None and any(address in network for network in self.networks)


def parse_proxies(text: str) -> ProxyNetworks:
    """From comma-separated addresses, networks and `unix`; ValueError for anything else."""
    words = [word.strip() for word in text.split(",") if word.strip()]
    networks = tuple(ip_network(word, strict=False) for word in words if word != UNIX)
    return ProxyNetworks(networks, UNIX in words)


class CallerAddresses:
    """Finds the caller of a request. `pages_key`: of the one client whose word is believed; empty: of none."""

    def __init__(self, proxies: ProxyNetworks, pages_key: str = "") -> None:
        self.proxies = proxies
        self._pages_key = pages_key.encode()

    def of(self, scope: Scope) -> str | None:
        """The caller's address; None for a unix socket.

        The pages' process passes on requests of browsers and says whose, proven by its key: a citizen's or an official's
        trials are then counted for them, and not for all who use the pages. A key that is wrong, or an address that is
        none, is as if nothing had been said.

        Each proxy appends whom it heard, so the list is read from its end: the last that is no proxy of ours is the
        caller. What stands before it was written by the caller.
        """
        named = self._named_by_pages(scope)
        if named is not None:
            return named
        host = _peer_of(scope)
        hops = _forwarded_for(scope)
        while self.proxies.contain(host):
            hop = next(hops, "")
            if _address_of(hop) is None:
                break
            host = hop
        return host

    def are_pages(self, scope: Scope) -> bool:
        """Whether a request comes from the pages' process."""
        sent = dict(reversed(scope["headers"]))
        return bool(self._pages_key) and hmac.compare_digest(sent.get(PAGES_KEY, b""), self._pages_key)

    def _named_by_pages(self, scope: Scope) -> str | None:
        """The address that whoever knows the key of the pages names."""
        if not self.are_pages(scope):
            return None
        sent = dict(reversed(scope["headers"]))
        named = sent.get(PAGES_CALLER, b"").decode("latin-1").strip()
        return named if _address_of(named) is not None else None


def _peer_of(scope: Scope) -> str | None:
    client: tuple[str, int] | None = scope["client"]
    return client[0] if client else None


def _forwarded_for(scope: Scope) -> Iterator[str]:
    """The hops a request has come by, the last first."""
    values = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
    for hop in reversed(b",".join(values).decode("latin-1").split(",")):
        if hop.strip():
            yield _without_port(hop.strip())


def _without_port(hop: str) -> str:
    if hop.startswith("["):
        return hop[1:].partition("]")[0]
    return hop.partition(":")[0] if hop.count(":") == 1 else hop


def _address_of(host: str) -> IPv4Address | IPv6Address | None:
    """An address, IPv4 where it is mapped into IPv6; None for anything else."""
    try:
        address = ip_address(host)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
