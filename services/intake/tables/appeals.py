"""Appeals as they were registered: the appeal, its texts, its number, and what makes a repeat recognisable."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.tables import BIG, IDENTITY, SMALL, Key, default, define_table
from services.intake.tables.base import BY_MONTH, BY_MONTH_OF_ID, client_hash, metadata


@dataclass(frozen=True, slots=True)
class Appeal:
    """What was sent and is not personal; and its state, which is recomputed from `appeal_history` and written by nothing
    else. `packed`: the names of topic and organisation, and the reason of the due day (see `history.rules.packed`).
    `danger`: whether its text, as it was sent, reports one; unknown in rows of older versions. `received_on`: the legal day
    of receipt of what was entered by hand; `reception_id`: the reception or live session it was made at. `flags`: what a
    moderator should know of its text, if anything; `held`: whether it waited for one because of them (`on_moderation`: because
    of its channel)."""

    region: Key[str]
    id: Key[UUID]
    number: str
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
    on_moderation: bool
    status: str
    topic_code: str | None
    organisation_id: UUID | None
    routed_municipality: str | None
    due_on: date | None
    packed: bytes | None
    # The same in clear, in rows of older versions.
    topic_name: str | None
    organisation_name: str | None
    due_reason: str | None
    promised_on: date | None
    answers: Annotated[int, default("0")]
    version: Annotated[int, default("1")]
    danger: bool | None = None
    received_on: date | None = None
    reception_id: UUID | None = None
    flags: Annotated[list[str] | None, ARRAY(Text)] = None
    held: bool | None = None


appeal = define_table(
    metadata,
    "appeal",
    Appeal,
    client_hash(),
    Index(None, "region", "status", "id"),
    Index(
        "appeal_reception_ix",
        "region",
        "reception_id",
        "id",
        postgresql_where=text("reception_id IS NOT NULL"),
    ),
    Index("appeal_client_ix", "region", "client_hash", "status", "id"),
    # What is public: few of many (ADR 42).
    Index("appeal_open311_ix", "region", "id", postgresql_where=text("channel = 'open311'")),
    partition=BY_MONTH_OF_ID,
)


@dataclass(frozen=True, slots=True)
class AppealText:
    """Written by the masking worker, once: the appeal's row itself is never rewritten for it.

    `normal`: the normal form of the text, where its words read otherwise than they are written: what a search looks at.
    """

    region: Key[str]
    appeal_id: Key[UUID]
    text: str
    address: str | None
    normal: str | None


appeal_text = define_table(
    metadata,
    "appeal_text",
    AppealText,
    Index(
        "appeal_text_words_ix",
        text("to_tsvector('russian'::regconfig, COALESCE(normal, text))"),
        postgresql_using="gin",
    ),
    partition=BY_MONTH,
)


@dataclass(frozen=True, slots=True)
class Original:
    """Applicant, original text, full address and tracking code, sealed together."""

    region: Key[str]
    appeal_id: Key[UUID]
    key_id: Annotated[int, SMALL]
    sealed: bytes


original = define_table(metadata, "original", Original, partition=BY_MONTH)


@dataclass(frozen=True, slots=True)
class Register:
    """One row per number, and the way from a tracking code to its appeal. Never partitioned: both are unique."""

    region: Key[str]
    year: Annotated[Key[int], SMALL]
    sequence: Key[int]
    appeal_id: UUID
    tracking_hash: bytes


register = define_table(metadata, "register", Register, UniqueConstraint("tracking_hash"))


@dataclass(frozen=True, slots=True)
class Counter:
    """The last number of a region's year. Its pages are filled to a tenth only: it is written with every appeal."""

    region: Key[str]
    year: Annotated[Key[int], SMALL]
    last: int


counter = define_table(metadata, "counter", Counter)


@dataclass(frozen=True, slots=True)
class SubmissionKey:
    """What makes a repeat recognisable: keyed hashes of (kind, client, key), of which `kind` decides how long they live."""

    key_hash: Key[bytes]
    kind: Annotated[int, SMALL]
    body_hash: bytes
    region: str
    appeal_id: UUID
    status: Annotated[int, SMALL]


submission_key = define_table(
    metadata,
    "submission_key",
    SubmissionKey,
    Index("submission_key_passing_ix", "appeal_id", postgresql_where=text("kind <> 1")),
)


@dataclass(frozen=True, slots=True)
class MaskingPending:
    """A committed appeal that the masking worker has not announced yet.

    `problem`: why it waits apart for a person, since when, and how often it was tried; empty for what is to be done.
    `past`: what a case of another system brought along, masked (see `AppealImported`).
    """

    position: Annotated[Key[int], BIG, IDENTITY]
    region: str
    appeal_id: UUID
    traceparent: str | None
    problem: str | None
    attempts: Annotated[int, default("0")]
    set_aside_at: datetime | None
    past: dict[str, Any] | None


masking_pending = define_table(metadata, "masking_pending", MaskingPending)
