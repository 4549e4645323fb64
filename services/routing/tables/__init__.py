"""Tables of the routing service: reference data of regions, appeals, assignments with their answers, the queue's feed,
what is learned from work, incidents."""

from services.routing.tables import (
    answers,
    appeals,
    assignments,
    incident_signs,
    incidents,
    learning,
    reference,
)
from services.routing.tables.base import metadata, tables

__all__ = [
    "answers",
    "appeals",
    "assignments",
    "incident_signs",
    "incidents",
    "learning",
    "metadata",
    "reference",
    "tables",
]
