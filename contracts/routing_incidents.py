"""What routing publishes of incidents: many appeals about one event."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from contracts.event import Act
from contracts.names import OrganisationName, TopicName


class IncidentChanged(Act, subject="routing.incident.changed.v1", aggregate="incident_id"):
    """Full state of an incident, without words; `sequence` is its version.

    `appeals`: how many there are; `organisation`: who holds the lead, once it is confirmed; `work_id`: the planned work whose
    appeals it gathers; `merged_into`: where its appeals are now.
    """

    incident_id: UUID
    status: Literal["proposed", "confirmed", "closed", "undone"]
    topic: TopicName | None = None
    organisation: OrganisationName | None = None
    municipality: str | None = None
    started_at: datetime
    last_at: datetime
    appeals: int
    work_id: UUID | None = None
    merged_into: UUID | None = None
