"""Which addresses may be called: public ones, and those of networks that whoever runs the system has listed.

What leads into our own networks is refused: an address is somebody else's to choose, and what it answers must not tell what
stands behind it (server-side request forgery).
"""

from __future__ import annotations

from collections.abc import Collection
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Final, Literal

Network = IPv4Network | IPv6Network
Reach = Literal["public", "listed", "refused"]
_UNICAST: Final = IPv6Network("2000::/3")
# Ways of carrying IPv4 in IPv6 that nobody needs any more: who writes them means to be misread.
_CARRIERS: Final = (IPv6Network("2002::/16"), IPv6Network("2001::/32"))
_NAT64: Final = IPv6Network("64:ff9b::/96")  # RFC 6052: its last four bytes are the address that is reached
_OF_CLOUDS: Final = frozenset(
    {IPv4Address("168.63.129.16")}
)  # public by its number, a host's own agent by its use


def parse_networks(text: str) -> tuple[Network, ...]:
    """From comma-separated addresses and networks; ValueError for anything else."""
    return tuple(ip_network(word.strip(), strict=False) for word in text.split(",") if word.strip())


def reach_of(address: str, listed: Collection[Network]) -> Reach:
    """What an address, as a name was resolved to it, is to us."""
    found = _plain(ip_address(address))
    if any(found in network for network in listed):
        return "listed"
    return "public" if _is_public(found) else "refused"


def _plain(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that is really reached, where IPv6 only wraps it."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    if isinstance(address, IPv4Address):
        return address not in _OF_CLOUDS
    return address in _UNICAST and not any(address in network for network in _CARRIERS)
