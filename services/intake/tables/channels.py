"""Pages in social networks that are watched, what the networks delivered of them, and the appeals that came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from sqlalchemy import Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.tables import BIG, NOW, SMALL, Key, define_table
from services.intake.tables.base import metadata


@dataclass(frozen=True, slots=True)
class ChannelConnection:
    """A watched page: where it is, whose it is, and the sealed credentials (`credential_names`: which there are).
    What was removed stays: its appeals came from there."""

    region: Key[str]
    id: Key[UUID]
    network: str
    page_id: str
    page_url: str
    page_title: str
    municipality: str | None
    organisation_id: UUID | None
    state: str
    credential_names: Annotated[list[str], ARRAY(Text)]
    key_id: Annotated[int, SMALL]
    sealed: bytes
    version: int
    changed_by: str
    changed_at: datetime


channel_connection = define_table(
    metadata,
    "channel_connection",
    ChannelConnection,
    UniqueConstraint("id"),
    Index(
        "channel_connection_page_ix",
        "network",
        "page_id",
        unique=True,
        postgresql_where=text("state <> 'removed'"),
    ),
)


@dataclass(frozen=True, slots=True)
class ChannelSource:
    """Where an appeal comes from. `conversation`: keyed hash of a person in a thread; `post_url`: the page's post or
    topic, without the person's own words; `last_at`: when the person wrote there last."""

    region: Key[str]
    appeal_id: Key[UUID]
    connection_id: UUID
    conversation: bytes
    post_url: str | None
    last_at: datetime


channel_source = define_table(
    metadata, "channel_source", ChannelSource, Index(None, "connection_id", "conversation", "appeal_id")
)


@dataclass(frozen=True, slots=True)
class ChannelDelivery:
    """What a network delivered, once however often it came: evidence, sealed.

    `event`, `item`: keyed hashes of the network's event and of the message it is about. `appeal_id`: the appeal that the
    message belongs to, once it does. `waits_until`: of a change whose message has not come: when it is taken alone.
    """

    region: str
    connection_id: Key[UUID]
    event: Key[bytes]
    item: bytes
    change: str
    at: datetime
    received_at: datetime
    appeal_id: UUID | None
    waits_until: datetime | None
    key_id: Annotated[int, SMALL]
    sealed: bytes


channel_delivery = define_table(
    metadata,
    "channel_delivery",
    ChannelDelivery,
    Index(None, "connection_id", "item"),
    Index(None, "appeal_id"),
    Index("channel_delivery_waits_ix", "waits_until", postgresql_where=text("waits_until IS NOT NULL")),
    Index("channel_delivery_unread_ix", "connection_id", "event", postgresql_where=text("change = 'unread'")),
)


@dataclass(frozen=True, slots=True)
class ChannelCount:
    """How often something became of what a network delivered; `last_at`: when last."""

    region: Key[str]
    connection_id: Key[UUID]
    outcome: Key[str]
    count: Annotated[int, BIG]
    last_at: Annotated[datetime, NOW]


channel_count = define_table(metadata, "channel_count", ChannelCount)


@dataclass(frozen=True, slots=True)
class ChannelPoll:
    """How far a page that has to be asked was read. `lease_until`: until then one process asks; `read_to`: comments dated
    up to then were read."""

    region: Key[str]
    connection_id: Key[UUID]
    lease_until: datetime
    next_at: datetime
    read_to: datetime | None
    failures: Annotated[int, SMALL]


channel_poll = define_table(metadata, "channel_poll", ChannelPoll)
