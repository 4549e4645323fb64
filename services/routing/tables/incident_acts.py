"""What people do with incidents: the journal of their acts, answers to whole incidents, what citizens know already."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from sqlalchemy import Index, text

from chassis.sealed_columns import SealedColumns
from chassis.tables import SMALL, Key, default, define_table
from contracts.routing import Outcome
from services.routing.assignments.rules.statuses import Status
from services.routing.tables.base import metadata
from services.routing.tables.incidents import IncidentStatus, JoinedBy

ActName = Literal["confirm", "split", "merge", "receive", "undo", "restore", "answer", "join"]


@dataclass(frozen=True, slots=True)
class IncidentAct:
    """What happened to an incident by an act: who, when, what. Kept for ever, shown nowhere.

    `number`: counted in each region. `receive`: another was merged into it; `restore`: the merging was undone; `join`: appeals
    that came later went to the lead, which nobody did. `other_id`: the incident that was split off or merged, or into which this
    one was; `status_before`: of the incident; `version`: of it after the act.
    """

    region: Key[str]
    number: Key[int]
    incident_id: UUID
    act: ActName
    other_id: UUID | None
    status_before: IncidentStatus
    version: int
    client_id: str | None
    person: UUID | None
    at: datetime


@dataclass(frozen=True, slots=True)
class IncidentStep:
    """What an act changed of one appeal: it came from one incident to another, its assignment was given to the lead, or both.

    `joined_by`, `similarity`, `kept_out`: of its report before. `moved`: its assignment was given to the lead; then the next
    columns say what it was before, `explained` what its explanation said. Versions are the assignment's. `taken_back`: undone.
    """

    region: Key[str]
    number: Key[int]
    assignment_id: Key[UUID]
    from_incident: UUID
    to_incident: UUID
    joined_by: JoinedBy | None
    similarity: float | None
    kept_out: bool
    moved: bool
    organisation_id: UUID | None
    status: Status | None
    accepted_at: datetime | None
    external_ref: str | None
    person: UUID | None
    explained: dict[str, Any] | None
    version_before: int | None
    version_after: int | None
    taken_back: Annotated[bool, default("false")]


@dataclass(frozen=True, slots=True)
class IncidentAnswer:
    """An answer to a whole incident, its text sealed, as it is being given.

    `done`: how many have it; `expected`: how many were to have it when it was given. `passed_at`, `passed_id`: how far the
    present pass over its appeals has come. `progressed_at`: when something was last done; `finished_at`: when all was.
    `attachments`: ids of files that are given with it.
    """

    region: Key[str]
    incident_id: Key[UUID]
    organisation_id: UUID
    text: str
    outcome: Outcome
    promised_on: date | None
    client_id: str
    person: UUID | None
    given_at: datetime
    done: Annotated[int, default("0")]
    expected: int
    passed_at: datetime | None
    passed_id: UUID | None
    progressed_at: datetime
    finished_at: datetime | None
    attachments: Annotated[list[str], default("'[]'::jsonb")]
    key_id: Annotated[int | None, SMALL]
    sealed: bytes | None


@dataclass(frozen=True, slots=True)
class IncidentReply:
    """An appeal that the answer to its incident has come to: it was answered, or left to be answered by itself."""

    region: Key[str]
    incident_id: Key[UUID]
    assignment_id: Key[UUID]
    answered: bool


@dataclass(frozen=True, slots=True)
class KnownEnough:
    """How many citizens did not write because they saw that something is known already; a number, and nothing of them."""

    region: Key[str]
    id: Key[UUID]
    enough: int


incident_act = define_table(
    metadata,
    "incident_act",
    IncidentAct,
    Index("incident_act_incident_ix", "region", "incident_id", "version"),
)
incident_step = define_table(
    metadata,
    "incident_step",
    IncidentStep,
    Index(
        "incident_step_assignment_ix",
        "region",
        "assignment_id",
        "number",
        postgresql_where=text("NOT taken_back"),
    ),
)
incident_answer = define_table(
    metadata,
    "incident_answer",
    IncidentAnswer,
    Index("incident_answer_running_ix", "progressed_at", postgresql_where=text("finished_at IS NULL")),
)
incident_reply = define_table(metadata, "incident_reply", IncidentReply)
known_enough = define_table(metadata, "known_enough", KnownEnough)
INCIDENT_ANSWER_WORDS = SealedColumns(incident_answer, "incident_id", ("text",))
