"""A watched page, its credentials, and which of them its network needs."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Final, Literal
from uuid import UUID

from services.intake.channels.rules.reading import Network, Page

State = Literal["active", "paused"]


@dataclass(frozen=True, slots=True)
class Credentials:
    """`secret`: what a network proves itself by; `confirmation`: what VK is answered once; the others: what we ask a
    network with."""

    secret: str | None = None
    confirmation: str | None = None
    access_token: str | None = None
    application_key: str | None = None
    application_secret: str | None = None

    def names(self) -> list[str]:
        """Of those that are there."""
        return [each.name for each in fields(self) if getattr(self, each.name)]


# Without these a connection could not work; VK's confirmation is known only after the address was entered there.
NEEDED: Final[Mapping[Network, tuple[str, ...]]] = {
    "vk": ("secret",),
    "telegram": ("secret",),
    "max": ("secret",),
    "ok": ("access_token", "application_key", "application_secret"),
}


def missing(network: Network, names: list[str]) -> list[str]:
    """Credentials that the network needs and that are not there."""
    return [name for name in NEEDED[network] if name not in names]


@dataclass(frozen=True, slots=True)
class Connection:
    """A watched page as deliveries are taken for it."""

    id: UUID
    region: str
    network: Network
    page: Page
    municipality: str | None
    state: State | Literal["removed"]
    credentials: Credentials = field(repr=False)

    def proves_itself(self, given: str) -> bool:
        """Whether the sender knows the secret; takes as long for every wrong one. Without a secret nobody does."""
        expected = self.credentials.secret or ""
        return hmac.compare_digest(given.encode(), expected.encode()) and bool(expected)
