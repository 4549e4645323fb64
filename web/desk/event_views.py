"""What the platform answers about incidents and planned works."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel


class Incident(BaseModel):
    """Many appeals about one event."""

    id: UUID
    status: str
    topic_name: str | None
    title: str
    started_at: datetime
    last_at: datetime
    appeals: int
    enough: int
    version: int


class Incidents(BaseModel):
    """Those that the organisation answers for."""

    items: list[Incident]


class IncidentAppeal(BaseModel):
    """An appeal of an incident, its text masked."""

    assignment_id: UUID
    number: str
    text: str
    received_at: datetime
    status: str


class IncidentAppeals(BaseModel):
    """Some of them, oldest first."""

    items: list[IncidentAppeal]
    next_cursor: str | None


class Progress(BaseModel):
    """How many have the common answer."""

    done: int
    of: int


class Work(BaseModel):
    """A planned work."""

    id: UUID
    title: str
    kind: str
    streets: list[str]
    settlement: str | None
    municipality: str | None
    starts_at: datetime
    ends_at: datetime
    notice: str
    answered: int
    version: int


class Works(BaseModel):
    """Those of the organisation, the last to end first."""

    items: list[Work]
