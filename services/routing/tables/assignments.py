"""Assignments, what their organisations answered and asked for, and the delta feed of their queues."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from sqlalchemy import Index, PrimaryKeyConstraint, text
from sqlalchemy.dialects.postgresql import JSONB

from chassis.feeds import generation_table
from chassis.sealed_columns import SealedColumns
from chassis.tables import NOW, SMALL, FeedPosition, Key, Partition, Xid, default, define_table
from contracts.intake import Regime
from contracts.routing import Outcome, Role
from services.routing.assignments.rules.explanations import StoredExplanation
from services.routing.assignments.rules.replies import StoredReply
from services.routing.assignments.rules.statuses import CLAIMABLE, UNATTENDED, Status
from services.routing.assignments.rules.words import AssignmentWords, unpack_reason, unpack_words
from services.routing.tables.base import metadata


@dataclass(frozen=True, slots=True)
class NewAssignment:
    """One question of an appeal, given to an organisation or to triage. `packed` holds its words.

    `offered_at`: since when its organisation has it to accept, for the first time or anew. `received_on`: the legal day of
    receipt of paper and calls; without it the day of `received_at` at the place.
    """

    region: Key[str]
    id: Key[UUID]
    appeal_id: UUID
    number: str
    role: Annotated[Role, default("'lead'")]
    status: Status
    organisation_id: UUID | None
    topic: str | None
    regime: Regime
    channel: str
    importance: Annotated[str, default("'normal'")]
    kind: Annotated[str, default("'problem'")]
    municipality: str | None
    complained_about: UUID | None
    packed: bytes | None
    predecessor_id: UUID | None
    hops: Annotated[int, SMALL, default("0")]
    version: Annotated[int, default("1")]
    received_at: datetime
    created_at: datetime
    accepted_at: datetime | None
    answered_at: datetime | None
    offered_at: datetime | None
    received_on: date | None


@dataclass(frozen=True, slots=True)
class Assignment(NewAssignment):
    """The same with what comes later. Deadline, lease and what the organisation notes are never part of `version`.

    `external_ref`: its number in the organisation's own system; `person`: who works on it there (names stay with the
    gateway), `returns_to` whom it comes back to at `returns_at`, after an absence. `is_asked_about`: its organisation has asked
    for documents or for more days, which leaves its version as it is.

    In rows of older versions the words stand in clear in `text`, `address`, `explanation`, `triage_reason`, `due_reason`.
    """

    cycle: Annotated[int, SMALL, default("1")]
    asked_at: datetime | None
    reopened_answer_id: UUID | None
    due_at: datetime | None
    due_on: date | None
    due_packed: bytes | None
    deadline_sequence: Annotated[int, default("0")]
    lease_token: bytes | None
    lease_expires_at: datetime | None
    external_ref: str | None
    person: UUID | None
    returns_to: UUID | None
    returns_at: datetime | None
    is_asked_about: Annotated[bool, default("false")]
    text: str | None
    address: str | None
    explanation: Annotated[StoredExplanation | None, JSONB()]
    triage_reason: str | None
    due_reason: str | None

    def words(self) -> AssignmentWords:
        """Its text, address and reasons, opened."""
        if self.packed is None:
            return AssignmentWords(self.text or "", self.address, self.explanation or {}, self.triage_reason)
        return unpack_words(self.packed)

    def deadline_reason(self) -> str | None:
        """Why it is due when it is."""
        return self.due_reason if self.due_packed is None else unpack_reason(self.due_packed)

    @property
    def is_noted(self) -> bool:
        """Whether its organisation has noted something of its own."""
        return self.external_ref is not None or self.person is not None

    def is_leased(self, at: datetime) -> bool:
        """Whether a lease runs."""
        return self.lease_expires_at is not None and self.lease_expires_at > at


_STATUSES = ", ".join(f"'{status}'" for status in sorted(CLAIMABLE))
TO_ACCEPT = f"status IN ({_STATUSES})"
UNLEASED = f"lease_token IS NULL AND {TO_ACCEPT}"  # what may be claimed now
_UNATTENDED = ", ".join(f"'{status}'" for status in sorted(UNATTENDED))
# A danger that no organisation has begun to work on.
UNATTENDED_DANGER = f"importance = 'danger' AND status IN ({_UNATTENDED})"
_HELD = text("organisation_id IS NOT NULL")
_TO_ACCEPT = text(TO_ACCEPT)
_URGENCY = ("due_at", "received_at", "id")
assignment = define_table(
    metadata,
    "assignment",
    Assignment,
    Index("assignment_claimable_ix", "region", "organisation_id", *_URGENCY, postgresql_where=text(UNLEASED)),
    Index(
        "assignment_leased_ix",
        "region",
        "organisation_id",
        "lease_expires_at",
        postgresql_where=text("lease_token IS NOT NULL"),
    ),
    # A queue is read status by status (see `chassis.pages`), so that no filter passes over what it does not ask for.
    Index("assignment_work_ix", "region", "organisation_id", "status", *_URGENCY, postgresql_where=_HELD),
    Index(
        "assignment_topic_ix",
        "region",
        "organisation_id",
        "topic",
        "status",
        *_URGENCY,
        postgresql_where=_HELD,
    ),
    Index(
        "assignment_person_ix",
        "region",
        "organisation_id",
        "person",
        "status",
        *_URGENCY,
        postgresql_where=text("person IS NOT NULL"),
    ),
    # Of the region's un-accepted ones those that wait longest, and the same of one organisation.
    Index("assignment_offered_ix", "region", "offered_at", "id", postgresql_where=_TO_ACCEPT),
    Index(
        "assignment_own_offered_ix",
        "region",
        "organisation_id",
        "offered_at",
        "id",
        postgresql_where=_TO_ACCEPT,
    ),
    Index("assignment_asked_ix", "asked_at", postgresql_where=text("status = 'clarifying'")),
    Index("assignment_returns_ix", "returns_at", postgresql_where=text("returns_at IS NOT NULL")),
    Index("assignment_triage_ix", "region", "received_at", "id", postgresql_where=text("status = 'triage'")),
    # What the coordinator's list begins with.
    Index("assignment_danger_ix", "region", "received_at", "id", postgresql_where=text(UNATTENDED_DANGER)),
    Index("assignment_appeal_ix", "region", "appeal_id"),
    partition=Partition("month", "id"),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, its text sealed; in rows of older versions `text` is in clear. For an interim one `outcome` is null."""

    region: Key[str]
    id: Key[UUID]
    assignment_id: UUID
    appeal_id: UUID
    organisation_id: UUID
    text: str
    outcome: Outcome | None
    interim: Annotated[bool, default("false")]
    promised_on: date | None
    cycle: Annotated[int, SMALL, default("1")]
    client_id: str
    answered_at: datetime
    key_id: Annotated[int | None, SMALL]
    sealed: bytes | None


answer = define_table(
    metadata,
    "answer",
    Answer,
    Index("answer_clear_ix", "region", "id", postgresql_where=text("sealed IS NULL")),
    Index("answer_assignment_ix", "region", "assignment_id"),
    partition=Partition("month", "id"),
)


@dataclass(frozen=True, slots=True)
class DocumentRequest:
    """Another organisation was asked for documents (59-ФЗ ст. 10 ч. 2)."""

    region: Key[str]
    id: Key[UUID]
    assignment_id: UUID
    appeal_id: UUID
    organisation_id: UUID
    addressee: str
    what: str
    requested_at: datetime
    received_at: datetime | None
    key_id: Annotated[int | None, SMALL]
    sealed: bytes | None


document_request = define_table(
    metadata,
    "document_request",
    DocumentRequest,
    Index("document_request_assignment_ix", "region", "assignment_id"),
    Index("document_request_clear_ix", "region", "id", postgresql_where=text("sealed IS NULL")),
)


@dataclass(frozen=True, slots=True)
class Clarification:
    """A question to the citizen, sealed, and all that was said to it until the next one, in the order of its time."""

    region: Key[str]
    id: Key[UUID]
    assignment_id: UUID
    appeal_id: UUID
    organisation_id: UUID
    question: str
    asked_at: datetime
    replies: Annotated[list[StoredReply], JSONB(), default("'[]'")]
    key_id: Annotated[int | None, SMALL]
    sealed: bytes | None


clarification = define_table(
    metadata,
    "clarification",
    Clarification,
    Index("clarification_assignment_ix", "region", "assignment_id"),
)
ANSWER_WORDS = SealedColumns(answer, "id", ("text",))
DOCUMENT_WORDS = SealedColumns(document_request, "id", ("addressee", "what"))
QUESTION_WORDS = SealedColumns(clarification, "id", ("question",))  # never in clear, as the others once were
SEALED = (ANSWER_WORDS, DOCUMENT_WORDS)

feed_generation = generation_table(metadata)


@dataclass(frozen=True, slots=True)
class NewQueueChange:
    """What happened to an assignment as the followers of an organisation's queue see it.

    `status`, `version`: how it stands for them now; `reason`: a Russian sentence why it left; null in rows of older versions.
    """

    organisation_id: UUID
    region: str
    assignment_id: UUID
    change: Literal["entered", "changed", "left"]
    status: Status | None
    reason: str | None
    external_ref: str | None
    version: int | None


@dataclass(frozen=True, slots=True)
class QueueChange(NewQueueChange):
    """The same with its time and its position in the feed (see `chassis.feeds`)."""

    at: Annotated[datetime, NOW]
    xid: Xid
    position: FeedPosition


queue_change = define_table(
    metadata,
    "queue_change",
    QueueChange,
    PrimaryKeyConstraint("organisation_id", "xid", "position", "assignment_id"),
    partition=Partition("month", "assignment_id"),
)
