"""Tables of the routing service: reference data of regions, appeals, assignments with their answers, the queue's feed,
what is learned from work, incidents, planned works."""

from services.routing.tables import (
    answers,
    appeals,
    assignments,
    attachments,
    incident_acts,
    incident_signs,
    incidents,
    learning,
    reference,
    webhooks,
    works,
)
from services.routing.tables.base import metadata, tables

__all__ = [
    "answers",
    "appeals",
    "assignments",
    "attachments",
    "incident_acts",
    "incident_signs",
    "incidents",
    "learning",
    "metadata",
    "reference",
    "tables",
    "webhooks",
    "works",
]
