"""A submission made ready outside of the transaction: admitted, sealed, hashed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from uuid_utils.compat import uuid7

from chassis.attachments import require_none_attached
from chassis.idempotency import canonical, keyed_hash
from chassis.partitions import uuid7_time
from chassis.problems import Problem, Unprocessable
from chassis.sealing import NONCE_BYTES
from services.intake.history.rules.projection import Status
from services.intake.originals.rules import OriginalData, Secrets, contact, seal_original
from services.intake.registration.rules.admission import admits, comes_from_future
from services.intake.registration.rules.codes import LENGTH, make_code
from services.intake.registration.rules.numbers import local_year
from services.intake.registration.schemas import AppealFields, NewAppeal

# Kinds of submission keys: the portal's own id lives for ever, the others a week.
EXTERNAL_ID, IDEMPOTENCY_KEY, BATCH_LINE = 1, 2, 3


class RegimeNotAdmitted(Problem):
    status, slug, title = (
        422,
        "regime-not-admitted",
        "The law does not admit a statutory appeal through this channel",
    )


@dataclass(frozen=True, slots=True)
class Key:
    """What makes a repeat recognisable."""

    kind: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Submission:
    """A validated appeal ready to be stored. `row` has everything but the number."""

    id: UUID
    received_at: datetime
    code: str
    keys: tuple[Key, ...]
    body_hash: bytes
    row: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Accepted:
    """`answer` 201: registered now, or the first answer to the same Idempotency-Key again (`replayed`); 200: known."""

    id: UUID
    number: str
    code: str
    status: Status
    received_at: datetime
    answer: Literal[200, 201]
    replayed: bool = False


Outcome = Accepted | Problem


def make_key(secrets: Secrets, kind: int, client_id: str, value: str) -> Key:
    """The key of a client's own id, Idempotency-Key, or Idempotency-Key and line."""
    return Key(
        kind, keyed_hash(secrets.hash_key, b"key", bytes([kind]), client_id.encode(), value.encode())[:16]
    )


def hash_code(secrets: Secrets, normalised: str) -> bytes:
    """How a tracking code is stored."""
    return keyed_hash(secrets.hash_key, b"tracking", normalised.encode())


def check_admission(new: NewAppeal, now: datetime) -> None:
    """422 for what may not be registered at all."""
    if not admits(new.regime, new.channel):
        raise RegimeNotAdmitted(
            f"A statutory appeal can't come through `{new.channel}`; send it as a message."
        )
    if comes_from_future(new.submitted_at, now):
        raise Unprocessable(
            "See errors.",
            errors=[{"pointer": "/submitted_at", "message": "lies more than 5 minutes in the future"}],
        )
    require_none_attached(new.attachments)


def prepare_submission(
    secrets: Secrets,
    new: NewAppeal,
    *,
    client_id: str,
    now: datetime,
    once: Key | None = None,
    traceparent: str | None = None,
) -> Submission:
    """Seal and hash outside of the transaction. `once`: the key of the request, beside the external id."""
    check_admission(new, now)
    sent = new.model_dump(mode="json", exclude_unset=True)
    keys = (once,) if once else ()
    if new.external_id is not None:
        keys = (*keys, make_key(secrets, EXTERNAL_ID, client_id, new.external_id))
    return seal_submission(
        secrets,
        sent,
        new.text,
        client_id=client_id,
        at=now,
        keys=keys,
        columns=_plain_columns(new),
        traceparent=traceparent,
    )


def seal_submission(
    secrets: Secrets,
    sent: Mapping[str, Any],
    text: str,
    *,
    client_id: str,
    at: datetime,
    keys: tuple[Key, ...],
    columns: Mapping[str, Any],
    traceparent: str | None,
) -> Submission:
    """An appeal registered `at`. `sent`: the body as the client sent it; `columns`: what may be stored as it is."""
    # The moment of registration is the one inside the id, so that ranges of time are ranges of ids.
    appeal_id = uuid7(nanoseconds=int(at.timestamp() * 1e9))
    code = make_code(os.urandom(LENGTH))
    original = OriginalData(text, sent.get("address"), contact(sent.get("applicant")), code)
    received_at = uuid7_time(appeal_id)
    row = {
        "id": appeal_id,
        "year": local_year(columns["region"], received_at),
        "keys": len(keys),
        "client_id": client_id,
        "received_at": received_at,
        "key_id": secrets.keyring.current,
        "sealed": seal_original(secrets.keyring, appeal_id, original, os.urandom(NONCE_BYTES)),
        "tracking_hash": hash_code(secrets, code.replace("-", "")),
        "traceparent": traceparent,
        **columns,
    }
    body_hash = keyed_hash(secrets.hash_key, b"body", canonical(sent))[:16]
    return Submission(appeal_id, received_at, code, keys, body_hash, row)


def _plain_columns(new: NewAppeal) -> dict[str, Any]:
    return {
        **columns_of(new),
        "topic_wish": new.topic,
        "complained_about": new.complained_about,
        "submitted_at": new.submitted_at,
    }


def columns_of(told: AppealFields) -> dict[str, Any]:
    """What may be stored as it is: nothing here is personal."""
    return {
        "region": told.region,
        "regime": told.regime,
        "channel": told.channel,
        "external_id": told.external_id,
        "municipality": told.municipality,
        "lat": told.location.lat if told.location else None,
        "lon": told.location.lon if told.location else None,
    }
