"""Planned works, and the notices that are still to be given to assignments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import Index, text

from chassis.tables import NOW, Key, default, define_table
from services.routing.reference.rules.works import WorkKind
from services.routing.tables.base import metadata


@dataclass(frozen=True, slots=True)
class NewWork:
    """A planned work as it is stated. `topics`: codes of topics and groups; `settlement`: its code or name; `area`: a
    geometry of GeoJSON. `incident_id`: of the incident that gathers its appeals. `client_id`: who stated it, in whose name
    its notice goes out."""

    region: Key[str]
    id: Key[UUID]
    organisation_id: UUID
    title: str
    kind: WorkKind
    topics: list[str]
    municipality: str | None
    settlement: str | None
    streets: list[str]
    area: dict[str, Any] | None
    starts_at: datetime
    ends_at: datetime
    notice: str
    incident_id: UUID
    client_id: str


@dataclass(frozen=True, slots=True)
class PlannedWork(NewWork):
    """The same with what comes later. `answered`: how many questions its notice has answered; `ended`: somebody has ended
    it before its time; `gathering`: its incident is not closed yet."""

    answered: Annotated[int, default("0")]
    ended: Annotated[bool, default("false")]
    gathering: Annotated[bool, default("true")]
    version: Annotated[int, default("1")]


@dataclass(frozen=True, slots=True)
class DueNotice:
    """An assignment that a work's notice shall answer. `held`: its appeal waits for a moderator; `due_at`: when it is looked
    at next."""

    region: Key[str]
    assignment_id: Key[UUID]
    appeal_id: UUID
    work_id: UUID
    received_at: datetime
    held: bool
    due_at: Annotated[datetime, NOW]


planned_work = define_table(
    metadata,
    "planned_work",
    PlannedWork,
    Index("planned_work_end_ix", "region", "ends_at", "id"),
    Index("planned_work_own_ix", "region", "organisation_id", "ends_at", "id"),
    Index("planned_work_gathering_ix", "region", "ends_at", postgresql_where=text("gathering")),
)
due_notice = define_table(
    metadata,
    "due_notice",
    DueNotice,
    Index("due_notice_due_ix", "due_at", "region", "assignment_id", postgresql_where=text("NOT held")),
    Index("due_notice_held_ix", "region", "appeal_id", postgresql_where=text("held")),
)
