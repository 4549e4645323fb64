"""Tables of the routing service: reference data of regions, appeals, assignments with their answers, the queue's feed."""

from services.routing.tables import answers, appeals, assignments, reference
from services.routing.tables.base import metadata, tables

__all__ = ["answers", "appeals", "assignments", "metadata", "reference", "tables"]
