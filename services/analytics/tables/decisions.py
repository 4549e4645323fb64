"""Management decisions, made by people: no replay or rebuild of facts touches them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.dialects.postgresql import JSONB

from chassis.tables import NOW, Key, default, define_table
from services.analytics.tables.schema import metadata

DecisionState = Literal["planned", "running", "done", "dropped"]


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """A decision, what it is judged by, and the effect as it was judged last (ADR 40).

    `owner`: who answers for it, as a position or an organisation. `metric`: of the registry. `gain`: the effect as an
    improvement, so that decisions can be put in order. `judged`: the effect as `decisions.rules.effects` writes it.
    `effect_reason`: why there is none. `computed_at`: null while it is to be judged (anew). `judged_to`: the region's day
    before which its weeks end.
    """

    region: Key[str]
    id: Key[UUID]
    problem_id: UUID | None
    title: str
    text: str | None
    owner: str
    due_on: date | None
    started_on: date | None
    state: Annotated[DecisionState, default("'planned'")]
    topic: str | None
    topic_group: str | None
    municipality: str | None
    organisation_id: UUID | None
    metric: Annotated[str, default("'received'")]
    worked: bool | None
    gain: float | None
    judged: Annotated[dict[str, Any] | None, JSONB()]
    effect_reason: str | None
    judged_to: date | None
    computed_at: datetime | None
    version: Annotated[int, default("1")]
    created_at: Annotated[datetime, NOW]


@dataclass(frozen=True, slots=True)
class DecisionChange:
    """What a person made of a decision; `version`: that it led to. `changed`: the fields as they were set."""

    region: Key[str]
    decision_id: Key[UUID]
    version: Key[int]
    municipality: str | None
    changed: dict[str, Any]
    client_id: str
    person: UUID | None
    changed_at: Annotated[datetime, NOW]


decision = define_table(
    metadata,
    "decision",
    DecisionRow,
    Index(None, "region", "problem_id"),
    Index("decision_worked_ix", "region", "gain", "id", postgresql_where=text("worked")),
    Index("decision_started_ix", "started_on", postgresql_where=text("state IN ('running', 'done')")),
)
decision_change = define_table(metadata, "decision_change", DecisionChange)
