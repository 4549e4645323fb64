"""What every event of an assignment begins with."""

from __future__ import annotations

from typing import TypedDict
from uuid import UUID

from services.routing.tables.assignments import NewAssignment


class EventKeys(TypedDict):
    """What every event of an assignment has."""

    region: str
    assignment_id: UUID
    appeal_id: UUID
    sequence: int


def event_keys(assignment: NewAssignment) -> EventKeys:
    """Region, ids and version of an assignment for its events."""
    return {
        "region": assignment.region,
        "assignment_id": assignment.id,
        "appeal_id": assignment.appeal_id,
        "sequence": assignment.version,
    }
