"""Incidents and planned works."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from web.reference import OrganisationName


class Incident(BaseModel):
    """Many appeals about one event. `appeals`: how many; `enough`: citizens who did not write because of it."""

    id: UUID
    region: str
    status: str
    topic_name: str | None
    title: str
    started_at: datetime
    last_at: datetime
    appeals: int
    organisation: OrganisationName | None
    work_id: UUID | None
    merged_into: UUID | None
    enough: int
    version: int


class IncidentPage(BaseModel):
    """A page of them."""

    items: list[Incident]
    next_cursor: str | None


class Staying(BaseModel):
    """Appeals that stayed with whom they were, and why."""

    why: str
    appeals: int


class ActedIncident(Incident):
    """An incident after an act. `moved`: how many appeals went to its lead."""

    moved: int
    staying: list[Staying]


class Member(BaseModel):
    """One of an incident's appeals; `joined_by`: a rule or a person; `similarity`: 0..1."""

    appeal_id: UUID
    number: str
    text: str
    channel: str
    received_at: datetime
    joined_by: str
    similarity: float | None
    status: str
    organisation: OrganisationName | None


class MemberPage(BaseModel):
    """A page of them, oldest first."""

    items: list[Member]
    next_cursor: str | None


class Work(BaseModel):
    """A planned work; `area` goes back as it came."""

    id: UUID
    region: str
    title: str
    kind: str
    topics: list[str]
    municipality: str | None
    settlement: str | None
    streets: list[str]
    area: dict[str, Any] | None
    starts_at: datetime
    ends_at: datetime
    organisation: OrganisationName
    notice: str
    answered: int
    version: int


class WorkPage(BaseModel):
    """A page of them."""

    items: list[Work]
    next_cursor: str | None
