"""Answers beside their text: their review, their signature, what they are compared by, what citizens made of them; templates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from sqlalchemy import ARRAY, Index, Integer, text

from chassis.sealed_columns import SealedColumns
from chassis.tables import SMALL, Key, default, define_table
from contracts.routing import Outcome
from services.routing.assignments.rules.statuses import Status
from services.routing.reference.rules.region_settings import ReviewMode
from services.routing.tables.base import metadata
from services.routing.tables.reference import InUse, Version

ReviewState = Literal["waiting", "signature", "approved", "returned", "ended"]
Integers = Annotated[list[int], ARRAY(Integer())]
OPEN_REVIEW = "state IN ('waiting', 'signature')"


@dataclass(frozen=True, slots=True)
class AnswerReview:
    """An answer that does not go out by itself, its findings and reasons sealed. An answer without a row went out at once.

    `state`: `ended` where nobody decides any more, since its appeal ended or was opened again meanwhile.
    `person`, `client_id`: who gave it; `signer`: who signed it; `reviewer`: who decided. `found`: names of the checks that
    found something. `needs_review`: whether a coordinator looks at it, before or after it is signed.
    """

    region: Key[str]
    answer_id: Key[UUID]
    assignment_id: UUID
    appeal_id: UUID
    organisation_id: UUID
    state: ReviewState
    mode: ReviewMode
    risk: float
    needs_review: bool
    found: list[str]
    status_before: Status
    person: UUID | None
    client_id: str
    submitted_at: datetime
    signer: UUID | None
    reviewer: UUID | None
    decided_at: datetime | None
    checks: str
    reasons: str | None
    key_id: Annotated[int | None, SMALL]
    sealed: bytes | None


@dataclass(frozen=True, slots=True)
class AnswerSignature:
    """The electronic signature that came with an answer: a detached PKCS#7 file, kept as it came."""

    region: Key[str]
    answer_id: Key[UUID]
    assignment_id: UUID
    organisation_id: UUID
    signature: bytes


@dataclass(frozen=True, slots=True)
class AnswerBand:
    """Parts of an answer's hash that almost equal texts have in common; kept as long as answers are compared."""

    region: Key[str]
    organisation_id: Key[UUID]
    band: Key[int]
    answer_id: Key[UUID]
    assignment_id: UUID
    appeal_id: UUID


@dataclass(frozen=True, slots=True)
class AnswerVerdict:
    """An answer that went out, and what the citizen made of it, as far as it is known."""

    region: Key[str]
    answer_id: Key[UUID]
    assignment_id: UUID
    organisation_id: UUID
    answered_at: datetime
    score: Annotated[int | None, SMALL]
    reopened: bool


@dataclass(frozen=True, slots=True)
class AnsweredCase:
    """A solved or explained question that others may learn from; `packed`: its answer, masked by intake; `indexed`: its
    words can be found."""

    region: Key[str]
    assignment_id: Key[UUID]
    answer_id: UUID
    packed: bytes
    indexed: Annotated[bool, default("false")]


@dataclass(frozen=True, slots=True)
class CaseWords:
    """Hashes of what a case is about, of its region and lemmas together, and nothing that says whose it is.

    Without a region of its own and so without row security, which keeps every index over arrays from being used; what is
    found here is read through the case's own row.
    """

    assignment_id: Key[UUID]
    words: Integers


@dataclass(frozen=True, slots=True)
class WordCount:
    """In how many cases a word (its hash, of region and lemma together) occurs."""

    word: Key[int]
    cases: int


@dataclass(frozen=True, slots=True)
class AnswerTemplate:
    """A text to begin an answer with; without an organisation it is everybody's of the region."""

    region: Key[str]
    id: Key[UUID]
    organisation_id: UUID | None
    topic: str | None
    outcome: Outcome | None
    name: str
    text: str
    version: Version
    active: InUse


answer_review = define_table(
    metadata,
    "answer_review",
    AnswerReview,
    Index("answer_review_open_ix", "region", "submitted_at", "answer_id", postgresql_where=text(OPEN_REVIEW)),
    Index("answer_review_clear_ix", "region", "answer_id", postgresql_where=text("sealed IS NULL")),
    Index("answer_review_organisation_ix", "region", "organisation_id", "submitted_at"),
    Index("answer_review_assignment_ix", "region", "assignment_id"),
    Index("answer_review_returned_ix", "region", "submitted_at", postgresql_where=text("state = 'returned'")),
)
answer_signature = define_table(metadata, "answer_signature", AnswerSignature)
answer_band = define_table(
    metadata,
    "answer_band",
    AnswerBand,
    Index("answer_band_answer_ix", "answer_id"),
)
answer_verdict = define_table(
    metadata,
    "answer_verdict",
    AnswerVerdict,
    Index("answer_verdict_organisation_ix", "region", "organisation_id", "answered_at"),
    Index("answer_verdict_at_ix", "region", "answered_at"),
    Index(
        "answer_verdict_rated_ix",
        "region",
        "organisation_id",
        "answered_at",
        postgresql_where=text("score IS NOT NULL"),
    ),
)
answered_case = define_table(
    metadata,
    "answered_case",
    AnsweredCase,
    Index("answered_case_new_ix", "region", "assignment_id", postgresql_where=text("NOT indexed")),
)
case_words = define_table(
    metadata, "case_words", CaseWords, Index("case_words_ix", "words", postgresql_using="gin")
)
word_count = define_table(metadata, "word_count", WordCount)
answer_template = define_table(metadata, "answer_template", AnswerTemplate)
REVIEW_WORDS = SealedColumns(answer_review, "answer_id", ("checks", "reasons"))
