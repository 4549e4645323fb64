"""What owners of webhooks send and read."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from chassis.bodies import Body
from chassis.webhooks.rules.retrying import CallProblem, DeliveryState, PauseReason, WebhookState


def _callable_url(url: str) -> str:
    parts = urlsplit(url)
    try:
        well = parts.scheme in ("https", "http") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number
        well = False
    if not well:
        raise ValueError("must be an address that begins with https://")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise ValueError("must hold neither a name and password nor a fragment")
    return url


Url = Annotated[
    str,
    StringConstraints(min_length=1, max_length=2000, pattern=r"^[^\x00-\x20\x7f]+$"),
    AfterValidator(_callable_url),
]
Kind = Annotated[str, StringConstraints(pattern=r"^[a-z]+\.(\*|[a-z_]+)$", max_length=100)]


class NewWebhook(Body):
    """An address to call, and for what."""

    url: Url
    events: Annotated[list[Kind], Field(min_length=1, max_length=50)]


class Redelivery(Body):
    """What to call again: one event, or, without it, all that wait."""

    delivery_id: UUID | None = None


class WebhookSecret(BaseModel):
    """A secret, shown in this answer and never again."""

    id: UUID
    secret: str
    old_valid_until: datetime | None = None


class WebhookView(BaseModel):
    """A webhook as its owner sees it."""

    id: UUID
    url: str
    events: list[str]
    state: WebhookState
    paused_because: PauseReason | None
    failing_since: datetime | None
    created_at: datetime


class WebhookList(BaseModel):
    """The webhooks of a client, or of an organisation."""

    items: list[WebhookView]
    next_cursor: str | None


class DeliveryView(BaseModel):
    """One event and what became of calling it out."""

    id: UUID
    type: str
    subject_id: UUID
    state: DeliveryState
    attempts: int
    created_at: datetime
    tried_at: datetime | None
    next_at: datetime | None
    answered: int | None
    problem: CallProblem | None


class DeliveryList(BaseModel):
    """Calls of a webhook, the newest first."""

    items: list[DeliveryView]
    next_cursor: str | None


class RedeliveryView(BaseModel):
    """What is called again."""

    id: UUID
    state: WebhookState
    deliveries: int
