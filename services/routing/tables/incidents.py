"""Incidents: many appeals about one event in one place, and what each appeal says of where and when it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final, Literal
from uuid import UUID

from sqlalchemy import Index, text

from chassis.tables import Key, default, define_table
from services.routing.tables.base import metadata

IncidentStatus = Literal["proposed", "confirmed", "closed", "undone"]
JoinedBy = Literal["rule", "person"]
OPEN_INCIDENTS: Final[frozenset[IncidentStatus]] = frozenset({"proposed", "confirmed"})


@dataclass(frozen=True, slots=True)
class Incident:
    """Many appeals about one event in one place and time.

    `title`: of topic and place, never a citizen's words. `started_at`, `last_at`: when its first and last appeal was
    received. `lat`, `lon` (WGS 84) and `radius_m`: where its appeals' points lie, if they have any. `appeals`: how many
    there are. `organisation_id`: who holds the lead, once it is confirmed. `work_id`: the planned work whose appeals it
    gathers. `touched`: a person has acted on it, from then on rules only add to it. `merged_into`: where its appeals are now.
    """

    region: Key[str]
    id: Key[UUID]
    status: IncidentStatus
    topic: str | None
    title: str
    started_at: datetime
    last_at: datetime
    municipality: str | None
    settlement: str | None
    street: str | None
    lat: float | None
    lon: float | None
    radius_m: int | None
    appeals: int
    organisation_id: UUID | None
    work_id: UUID | None
    touched: Annotated[bool, default("false")]
    merged_into: UUID | None
    answered_at: datetime | None
    version: Annotated[int, default("1")]


@dataclass(frozen=True, slots=True)
class IncidentReport:
    """What one assignment tells of an event: when it was received, and to which incident it belongs.

    `matched`: whether the rules have looked at it. `incident_id`: None where it stands alone. `similarity`: 0..1, to what it
    was joined by; `kept_out`: a person took it out, so that no rule joins it again.
    """

    region: Key[str]
    assignment_id: Key[UUID]
    appeal_id: UUID
    received_at: datetime
    matched: Annotated[bool, default("false")]
    incident_id: UUID | None
    joined_by: JoinedBy | None
    similarity: float | None
    kept_out: Annotated[bool, default("false")]


incident = define_table(
    metadata,
    "incident",
    Incident,
    Index("incident_status_ix", "region", "status", "last_at", "id"),
    Index("incident_work_ix", "region", "work_id", postgresql_where=text("work_id IS NOT NULL")),
)
incident_report = define_table(
    metadata,
    "incident_report",
    IncidentReport,
    Index("incident_report_new_ix", "region", "assignment_id", postgresql_where=text("NOT matched")),
    Index(
        "incident_report_incident_ix",
        "region",
        "incident_id",
        "received_at",
        "assignment_id",
        postgresql_where=text("incident_id IS NOT NULL"),
    ),
    Index("incident_report_alone_ix", "region", "received_at", postgresql_where=text("incident_id IS NULL")),
)
