"""A submission made ready outside of the transaction: admitted, sealed, hashed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final, Literal
from uuid import UUID

from uuid_utils.compat import uuid7

from chassis.idempotency import canonical, keyed_hash
from chassis.partitions import uuid7_time
from chassis.problems import Problem, Unprocessable
from chassis.sealing import NONCE_BYTES
from services.intake.history.rules.statuses import AppealStatus
from services.intake.local_time import local_year
from services.intake.originals.rules import OriginalData, Secrets, contact, seal_original
from services.intake.registration.rules.admission import admits, comes_from_future
from services.intake.registration.rules.codes import LENGTH, make_code
from services.intake.registration.rules.notices import DANGER_NOTICE, reports_danger
from services.intake.registration.schemas import AppealFields, NewAppeal

# Kinds of submission keys: the portal's own id lives for ever, the others a week.
EXTERNAL_ID, IDEMPOTENCY_KEY, BATCH_LINE, FORM_TOKEN = 1, 2, 3, 4
# What a submission is answered with, kept with its key: 201 Created, or 200 for an appeal that was there before.
REGISTERED: Final = 201
KNOWN: Final = 200


class RegimeNotAdmitted(Problem):
    status, slug, title = (
        422,
        "regime-not-admitted",
        "The law does not admit a statutory appeal through this channel",
    )


@dataclass(frozen=True, slots=True)
class RepeatKey:
    """What makes a repeat recognisable."""

    kind: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Arrival:
    """Who sends an appeal, when it counts as received, and what makes a repeat of it recognisable."""

    client_id: str
    at: datetime
    keys: tuple[RepeatKey, ...]
    traceparent: str | None = None


@dataclass  # without slots: their values are encoded faster
class SubmissionRow:
    """What the statement that registers appeals reads of each: everything but the number."""

    id: UUID
    region: str
    year: int
    key_count: int
    regime: str
    channel: str
    client_id: str
    external_id: str | None
    municipality: str | None
    lat: float | None
    lon: float | None
    requested_topic: str | None
    complained_about: UUID | None
    received_at: datetime
    submitted_at: datetime | None
    key_id: int
    sealed: bytes
    tracking_hash: bytes
    traceparent: str | None
    past: Mapping[str, Any] | None
    danger: bool
    received_on: date | None = None
    reception_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Submission:
    """A validated appeal ready to be stored."""

    code: str
    keys: tuple[RepeatKey, ...]
    body_hash: bytes
    row: SubmissionRow
    attachments: tuple[UUID, ...] = ()

    @property
    def id(self) -> UUID:
        """The id that the appeal will have."""
        return self.row.id

    @property
    def notice(self) -> str | None:
        """What its sender should read at once. The same text always has the same one, so that repeats are answered alike."""
        return DANGER_NOTICE if self.row.danger else None


@dataclass(frozen=True, slots=True)
class Accepted:
    """`answer`: REGISTERED also where the first answer to an Idempotency-Key is given again (`replayed`)."""

    id: UUID
    number: str
    code: str
    status: AppealStatus
    received_at: datetime
    answer: Literal[200, 201]
    replayed: bool = False


Outcome = Accepted | Problem


def make_key(secrets: Secrets, kind: int, client_id: str, value: str) -> RepeatKey:
    """The key of a client's own id, Idempotency-Key, or Idempotency-Key and line."""
    hashed = keyed_hash(secrets.hash_key, b"key", bytes([kind]), client_id.encode(), value.encode())
    return RepeatKey(kind, hashed[:16])


def hash_code(secrets: Secrets, normalised: str) -> bytes:
    """How a tracking code is stored."""
    return keyed_hash(secrets.hash_key, b"tracking", normalised.encode())


def check_admission(new: NewAppeal, now: datetime) -> None:
    """422 for what may not be registered at all."""
    if not admits(new.regime, new.channel):
        raise RegimeNotAdmitted(
            "A statutory appeal can't come through `{channel}`; send it as a message.",
            values={"channel": new.channel},
        )
    if comes_from_future(new.submitted_at, now):
        raise Unprocessable(
            "See errors.",
            errors=[{"pointer": "/submitted_at", "message": "lies more than 5 minutes in the future"}],
        )


def prepare_submission(
    secrets: Secrets,
    new: NewAppeal,
    *,
    client_id: str,
    now: datetime,
    once: RepeatKey | None = None,
    traceparent: str | None = None,
) -> Submission:
    """Seal and hash outside of the transaction. `once`: the key of the request, beside the external id."""
    check_admission(new, now)
    own = make_key(secrets, EXTERNAL_ID, client_id, new.external_id) if new.external_id else None
    keys = tuple(key for key in (once, own) if key)
    submission = seal_submission(secrets, new, new.text, Arrival(client_id, now, keys, traceparent))
    submission.row.requested_topic = new.topic
    submission.row.complained_about = new.complained_about
    submission.row.submitted_at = new.submitted_at
    submission.row.received_on = new.received_on
    submission.row.reception_id = new.reception_id
    return replace(submission, attachments=tuple(dict.fromkeys(new.attachments or ())))


def seal_submission(
    secrets: Secrets,
    fields: AppealFields,
    text: str,
    arrival: Arrival,
    *,
    past: Mapping[str, Any] | None = None,
) -> Submission:
    """An appeal as it will be registered. `past`: what its row has no column for, of a case of another system."""
    # The moment of registration is the one inside the id, so that ranges of time are ranges of ids.
    appeal_id = uuid7(nanoseconds=int(arrival.at.timestamp() * 1e9))
    received_at = uuid7_time(appeal_id)
    sent = fields.model_dump(mode="json", exclude_unset=True)
    code = make_code(os.urandom(LENGTH))
    original = OriginalData(text, sent.get("address"), contact(sent.get("applicant")), code)
    row = SubmissionRow(
        id=appeal_id,
        region=fields.region,
        year=local_year(fields.region, received_at),
        key_count=len(arrival.keys),
        regime=fields.regime,
        channel=fields.channel,
        client_id=arrival.client_id,
        external_id=fields.external_id,
        municipality=fields.municipality,
        lat=fields.location.lat if fields.location else None,
        lon=fields.location.lon if fields.location else None,
        requested_topic=None,
        complained_about=None,
        received_at=received_at,
        submitted_at=None,
        key_id=secrets.keyring.current,
        sealed=seal_original(secrets.keyring, appeal_id, original, os.urandom(NONCE_BYTES)),
        tracking_hash=hash_code(secrets, code.replace("-", "")),
        traceparent=arrival.traceparent,
        past=past,
        danger=reports_danger(text),
    )
    body_hash = keyed_hash(secrets.hash_key, b"body", canonical(sent))[:16]
    return Submission(code, arrival.keys, body_hash, row)
