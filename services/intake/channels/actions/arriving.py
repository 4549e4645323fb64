"""A delivery made ready outside of the transaction: hashed and sealed."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from chassis.idempotency import keyed_hash
from chassis.sealing import NONCE_BYTES, SealBroken
from services.intake.channels.rules.connection import Connection
from services.intake.channels.rules.evidence import Evidence, pack_evidence, unpack_evidence
from services.intake.channels.rules.reading import Change, Delivery, Reading, Reason
from services.intake.originals.rules import Secrets

SEALED_AS: Final = "channel_delivery"
UNREAD: Final = "unread"
Outcome = (
    Literal[
        "registered", "joined", "edited", "deleted", "restored", "repeated", "waiting", "unread", "paused"
    ]
    | Reason
)


@dataclass(frozen=True, slots=True)
class Arrived:
    """What one request brought, or one comment that was asked for."""

    connection: Connection
    received_at: datetime
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class Uncounted(Arrived):
    """Nothing to keep, only to count."""

    outcome: Outcome = "service"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival(Arrived):
    """Something to keep. `conversation`: of the person in the thread; None where the delivery names nobody.

    Without a `delivery` it could not be read.
    """

    delivery: Delivery | None
    event: bytes
    item: bytes
    conversation: bytes | None
    key_id: int
    sealed: bytes

    @property
    def at(self) -> datetime:
        """When it happened, as the network dates it, or else when it came."""
        return (self.delivery and self.delivery.at) or self.received_at

    @property
    def change(self) -> Change | Literal["unread"]:
        """What happened to the message."""
        return self.delivery.change if self.delivery else UNREAD


def prepare_arrival(
    secrets: Secrets,
    arrived: Arrived,
    reading: Reading | None,
    payload: bytes,
) -> Arrived:
    """Hash and seal. `reading`: None where the payload (JSON) could not be read: that is kept all the same."""
    connection = arrived.connection
    if connection.state == "paused":
        return Uncounted(connection, arrived.received_at, outcome="paused")
    if reading is not None and not isinstance(reading, Delivery):
        return Uncounted(connection, arrived.received_at, outcome=reading.reason)
    event = _hash(secrets, connection, "event", (reading.event if reading else "").encode() or payload)
    plain = pack_evidence(reading, payload)
    return Arrival(
        connection,
        arrived.received_at,
        arrived.traceparent,
        delivery=reading,
        event=event,
        item=_hash(secrets, connection, "item", reading.item.encode()) if reading else event,
        conversation=hash_conversation(secrets, connection, reading),
        key_id=secrets.keyring.current,
        sealed=secrets.keyring.seal(SEALED_AS, UUID(bytes=event), plain, os.urandom(NONCE_BYTES)),
    )


def keep_unread(arrival: Arrival) -> Arrival:
    """What was read and could not be taken all the same: kept like what could not be read, and known again."""
    return replace(arrival, delivery=None, conversation=None)


def _hash(secrets: Secrets, connection: Connection, what: str, value: bytes) -> bytes:
    return keyed_hash(secrets.hash_key, f"channel {what}".encode(), connection.id.bytes, value)[:16]


def hash_item(secrets: Secrets, connection: Connection, item: str) -> bytes:
    """How a message is kept."""
    return _hash(secrets, connection, "item", item.encode())


def hash_conversation(secrets: Secrets, connection: Connection, delivery: Delivery | None) -> bytes | None:
    """How a person in a thread is kept; None where a delivery names nobody."""
    if delivery is None or not delivery.author.id:
        return None
    named = f"{delivery.thread}\n{delivery.author.id}"
    return _hash(secrets, connection, "conversation", named.encode())


def open_evidence(secrets: Secrets, event: bytes, key_id: int, sealed: bytes) -> Evidence:
    """What is kept of a delivery; SealBroken where it does not open."""
    try:
        return unpack_evidence(secrets.keyring.open(SEALED_AS, UUID(bytes=event), key_id, sealed))
    except ValueError:
        raise SealBroken("the sealed data is damaged") from None
