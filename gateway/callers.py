"""Whose address a request counts for: the connection's, or what a trusted reverse proxy says."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network

from starlette.types import Scope

UNIX = "unix"


@dataclass(frozen=True)
class ProxyNetworks:
    """The reverse proxies that are believed."""

    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    unix_socket: bool = False

    def hold(self, host: str | None) -> bool:
        """Whether a connection from `host` (None: a unix socket) comes from one of them."""
        if host is None:
            return self.unix_socket
        try:
            address = ipaddress.ip_address(host.partition("%")[0])
        except ValueError:
            return False
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
            return any(address.ipv4_mapped in network for network in self.networks)
        return any(address in network for network in self.networks)


def parse_proxies(text: str) -> ProxyNetworks:
    """From comma-separated addresses, networks and `unix`; ValueError for anything else."""
    words = [word.strip() for word in text.split(",") if word.strip()]
    networks = tuple(ipaddress.ip_network(word, strict=False) for word in words if word != UNIX)
    return ProxyNetworks(networks, UNIX in words)


class CallerAddresses:
    """Finds the caller of a request."""

    def __init__(self, proxies: ProxyNetworks) -> None:
        self.proxies = proxies

    def of(self, scope: Scope) -> str | None:
        """The caller's address; None for a unix socket.

        Each proxy appends whom it heard, so the list is read from its end: the last that is no proxy of ours is the
        caller. What stands before it was written by the caller.
        """
        client = scope["client"]
        host: str | None = client[0] if client else None
        if not self.proxies.hold(host):
            return host
        for hop in reversed(_forwarded_for(scope)):
            if not _is_address(hop):
                return host
            host = hop
            if not self.proxies.hold(host):
                break
        return host


def _forwarded_for(scope: Scope) -> list[str]:
    values = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
    return [
        _without_port(hop.strip()) for hop in b",".join(values).decode("latin-1").split(",") if hop.strip()
    ]


def _without_port(hop: str) -> str:
    if hop.startswith("["):
        return hop[1:].partition("]")[0]
    return hop.partition(":")[0] if hop.count(":") == 1 else hop


def _is_address(hop: str) -> bool:
    try:
        ipaddress.ip_address(hop)
    except ValueError:
        return False
    return True
