"""Webhooks and what they are called with, in the schema of the service whose feed they follow."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from sqlalchemy import Index, MetaData, Table, Text, text
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.isolation import close_owned
from chassis.tables import BIG, NOW, SMALL, Key, default, define_table
from chassis.webhooks.rules.retrying import CallProblem, DeliveryState, PauseReason, WebhookState


@dataclass(frozen=True, slots=True)
class NewWebhook:
    """An address that is called when something happens to what is the owner's.

    `owner`: a client, or an organisation; `client_id`, `generation`: by which rights it was made, or resumed; `regions`: to which
    these reach, null for all. `xid`, `position`, `history`: how far the feed was read for it (see `feeds`).
    """

    id: Key[UUID]
    owner: str
    client_id: str
    generation: int
    regions: Annotated[list[str] | None, ARRAY(Text)]
    url: str
    events: Annotated[list[str], ARRAY(Text)]
    key_id: Annotated[int, SMALL]
    sealed: bytes
    xid: Annotated[int, BIG]
    position: Annotated[int, BIG]
    history: str


@dataclass(frozen=True, slots=True)
class Webhook(NewWebhook):
    """The same as it goes on. `old_sealed`: the secret that is good until `old_until`, too. `failures`: calls in a row that
    nobody took, since `failing_since`; before `rests_until` none is made."""

    created_at: Annotated[datetime, NOW]
    state: Annotated[WebhookState, default("'active'")]
    paused_because: PauseReason | None
    old_key_id: Annotated[int | None, SMALL]
    old_sealed: bytes | None
    old_until: datetime | None
    failures: Annotated[int, default("0")]
    failing_since: datetime | None
    rests_until: datetime | None


@dataclass(frozen=True, slots=True)
class NewWebhookDelivery:
    """An event that a webhook is called with, one row however often. `xid`, `position`: its place in the feed; null: a test."""

    webhook_id: Key[UUID]
    id: Key[UUID]
    xid: Annotated[int | None, BIG]
    position: Annotated[int | None, BIG]
    subject_id: UUID
    type: str
    body: str


@dataclass(frozen=True, slots=True)
class WebhookDelivery(NewWebhookDelivery):
    """The same as it goes on. `attempts`: since it waits; `claimed_until`: until then somebody calls; `answered`: the status of
    the last answer."""

    created_at: Annotated[datetime, NOW]
    state: Annotated[DeliveryState, default("'waiting'")]
    attempts: Annotated[int, SMALL, default("0")]
    first_tried_at: datetime | None
    tried_at: datetime | None
    next_at: Annotated[datetime, NOW]
    claimed_until: datetime | None
    answered: Annotated[int | None, SMALL]
    problem: CallProblem | None


_WAITING = "state = 'waiting'"


def webhook_tables(metadata: MetaData) -> tuple[Table, Table]:
    """Of a service that has webhooks: these, and their deliveries."""
    return (
        define_table(metadata, "webhook", Webhook, Index("webhook_owner_ix", "owner", "id")),
        define_table(
            metadata,
            "webhook_delivery",
            WebhookDelivery,
            Index("webhook_delivery_event_ix", "webhook_id", "xid", "position", unique=True),
            Index("webhook_delivery_due_ix", "webhook_id", "next_at", postgresql_where=text(_WAITING)),
            # Of one appeal, or assignment, events go out in their order.
            Index(
                "webhook_delivery_order_ix",
                "webhook_id",
                "subject_id",
                "xid",
                "position",
                postgresql_where=text(_WAITING),
            ),
            Index("webhook_delivery_age_ix", "created_at"),
        ),
    )


def webhook_statements(schema: str) -> Iterable[str]:
    """DDL as the owner: the tables as they were first made, closed to all but their owners."""
    webhook, delivery = f"{schema}.webhook", f"{schema}.webhook_delivery"
    yield f"""CREATE TABLE {webhook} (
    id uuid NOT NULL, owner text NOT NULL, client_id text NOT NULL, generation integer NOT NULL, regions text[],
    url text NOT NULL, events text[] NOT NULL, key_id smallint NOT NULL, sealed bytea NOT NULL, xid bigint NOT NULL,
    position bigint NOT NULL, history text NOT NULL, created_at timestamptz NOT NULL DEFAULT now(),
    state text NOT NULL DEFAULT 'active', paused_because text, old_key_id smallint, old_sealed bytea,
    old_until timestamptz, failures integer NOT NULL DEFAULT 0, failing_since timestamptz, rests_until timestamptz,
    CONSTRAINT webhook_pk PRIMARY KEY (id))"""
    yield f"CREATE INDEX webhook_owner_ix ON {webhook} (owner, id)"
    yield f"""CREATE TABLE {delivery} (
    webhook_id uuid NOT NULL, id uuid NOT NULL, xid bigint, position bigint, subject_id uuid NOT NULL, type text NOT NULL,
    body text NOT NULL, created_at timestamptz NOT NULL DEFAULT now(), state text NOT NULL DEFAULT 'waiting',
    attempts smallint NOT NULL DEFAULT 0, first_tried_at timestamptz, tried_at timestamptz,
    next_at timestamptz NOT NULL DEFAULT now(), claimed_until timestamptz, answered smallint, problem text,
    CONSTRAINT webhook_delivery_pk PRIMARY KEY (webhook_id, id))"""
    yield f"CREATE UNIQUE INDEX webhook_delivery_event_ix ON {delivery} (webhook_id, xid, position)"
    yield f"CREATE INDEX webhook_delivery_due_ix ON {delivery} (webhook_id, next_at) WHERE {_WAITING}"
    yield f"CREATE INDEX webhook_delivery_order_ix ON {delivery} (webhook_id, subject_id, xid, position) WHERE {_WAITING}"
    yield f"CREATE INDEX webhook_delivery_age_ix ON {delivery} (created_at)"
    yield from close_owned(webhook)
    yield from close_owned(delivery, f"EXISTS (SELECT FROM {webhook} w WHERE w.id = webhook_id)")
