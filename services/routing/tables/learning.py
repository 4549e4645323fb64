"""What routing learns from work: models of regions, labels, predictions in shadow, audits, topics that are missing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from sqlalchemy import Index, text

from chassis.tables import NOW, SMALL, Key, default, define_table
from services.routing.tables.base import metadata

ModelStatus = Literal["training", "candidate", "shadow", "current", "retired", "failed"]
LabelSource = Literal["correction", "redirect", "audit"]
AuditStatus = Literal["open", "decided"]
Verdict = Literal["right", "wrong"]
ProposalStatus = Literal["new", "dismissed", "accepted"]


@dataclass(frozen=True, slots=True)
class NewModel:
    """A model that was asked for. `base`: the model it was compared with, null for the shipped one."""

    region: Key[str]
    id: Key[UUID]
    status: ModelStatus
    base: UUID | None
    client_id: str
    person: UUID | None


@dataclass(frozen=True, slots=True)
class Model(NewModel):
    """The same with what training made of it.

    `trained_until`: when the newest appeal it was trained on came. `predecessor_id`: the model that was current before it
    (null: the shipped one); a roll-back makes that one current again. `lease_until`: whoever trains it holds it until then.
    """

    predecessor_id: UUID | None
    rows: Annotated[int, default("0")]
    trained_until: datetime | None
    hold_out: dict[str, Any] | None
    thresholds: dict[str, Any] | None
    error: str | None
    attempts: Annotated[int, SMALL, default("0")]
    lease_until: datetime | None
    created_at: Annotated[datetime, NOW]
    promoted_at: datetime | None
    version: Annotated[int, default("1")]


@dataclass(frozen=True, slots=True)
class ModelFile:
    """The model itself, a compressed .npz without code."""

    region: Key[str]
    model_id: Key[UUID]
    data: bytes


@dataclass(frozen=True, slots=True)
class Label:
    """What a person decided of an assignment. Null: the person said nothing of it. The text stays with the assignment."""

    region: Key[str]
    id: Key[UUID]
    assignment_id: UUID
    appeal_id: UUID
    topic: str | None
    organisation_id: UUID | None
    source: LabelSource
    at: datetime


@dataclass(frozen=True, slots=True)
class ShadowPrediction:
    """What a model in shadow would have said of an assignment, beside what the current one said. Kept for some weeks."""

    region: Key[str]
    model_id: Key[UUID]
    assignment_id: Key[UUID]
    topic: str | None
    confidence: float
    current_topic: str | None
    current_confidence: float
    at: datetime


@dataclass(frozen=True, slots=True)
class NewAudit:
    """An automatic decision drawn at random. `model_id`: whose decision it was."""

    region: Key[str]
    id: Key[UUID]
    assignment_id: UUID
    appeal_id: UUID
    model_id: UUID
    topic: str
    organisation_id: UUID
    confidence: float
    drawn_at: datetime


@dataclass(frozen=True, slots=True)
class Audit(NewAudit):
    """The same with its verdict."""

    status: Annotated[AuditStatus, default("'open'")]
    verdict: Verdict | None
    decided_at: datetime | None
    client_id: str | None
    person: UUID | None
    version: Annotated[int, default("1")]


@dataclass(frozen=True, slots=True)
class NewTopicProposal:
    """A group of appeals that no topic fits. `examples`: ids of assignments, the most typical first; `weeks`: how many
    appeals of the group came in each week, the oldest first."""

    region: Key[str]
    id: Key[UUID]
    words: list[str]
    examples: list[str]
    weeks: list[int]
    size: int


@dataclass(frozen=True, slots=True)
class TopicProposal(NewTopicProposal):
    """The same with what was decided."""

    status: Annotated[ProposalStatus, default("'new'")]
    found_at: Annotated[datetime, NOW]
    decided_at: datetime | None
    client_id: str | None
    person: UUID | None
    version: Annotated[int, default("1")]


model = define_table(
    metadata,
    "model",
    Model,
    Index("model_current_uq", "region", unique=True, postgresql_where=text("status = 'current'")),
    Index("model_shadow_uq", "region", unique=True, postgresql_where=text("status = 'shadow'")),
    Index("model_training_uq", "region", unique=True, postgresql_where=text("status = 'training'")),
)
model_file = define_table(metadata, "model_file", ModelFile)
label = define_table(metadata, "label", Label, Index("label_assignment_ix", "region", "assignment_id"))
shadow_prediction = define_table(
    metadata, "shadow_prediction", ShadowPrediction, Index("shadow_prediction_at_ix", "at")
)
audit = define_table(
    metadata,
    "audit",
    Audit,
    Index("audit_open_ix", "region", "id", postgresql_where=text("status = 'open'")),
    Index("audit_assignment_uq", "region", "assignment_id", unique=True),
    Index("audit_model_ix", "region", "model_id", "id", postgresql_where=text("status = 'decided'")),
)
topic_proposal = define_table(metadata, "topic_proposal", TopicProposal)
