"""What a service has webhooks for, and what of them its process holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy import Table

from chassis.principals import Role
from chassis.sealing import Keyring
from chassis.service import ServiceResources
from chassis.settings import WebhookSettings
from chassis.webhooks.receivers import Receivers

W = TypeVar("W", bound=WebhookSettings)
WEBHOOKS = "webhooks"  # the wake-up of the worker that reads the feed for them
CALLS = "webhook-calls"  # and of the one that calls


@dataclass(frozen=True)
class WebhookOffer:
    """A feed of changes that may be called out, and to whom.

    `entries`: SQL of entries of the feed, as `c`, that belong to the owner `p.owner`: xid, position, region, subject_id, change,
    status, version, external_id, at. `objects`: the table of their objects, with region, id, number and what `own_name` says.
    `noun`, `changes`: an event's kind is `noun.change`.
    """

    service: str
    role: Role
    webhook: Table
    delivery: Table
    noun: str
    changes: tuple[str, ...]
    entries: str
    objects: str
    own_name: str

    @property
    def kinds(self) -> tuple[str, ...]:
        """Every kind of event that may be asked for, and what stands for all of them."""
        return (f"{self.noun}.*", *(f"{self.noun}.{change}" for change in self.changes))


@dataclass(frozen=True)
class Webhooks:
    """Of one process."""

    offer: WebhookOffer
    keyring: Keyring
    receivers: Receivers

    @property
    def schema(self) -> str:
        """Where their tables stand."""
        return self.offer.service


class WebhookResources(ServiceResources[W], Generic[W]):
    """Of a service that has webhooks; what subclasses this sets `webhooks` when it is prepared."""

    webhooks: Webhooks

    def open_webhooks(self, offer: WebhookOffer, keyring: Keyring) -> None:
        """With these keys; ValueError for networks that are none, so that the service refuses to start."""
        self.webhooks = Webhooks(offer, keyring, Receivers(self.settings.listed_networks))

    async def close(self) -> None:
        """Also the connections to receivers."""
        await self.webhooks.receivers.close()
        await super().close()
