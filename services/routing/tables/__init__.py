"""Tables of the routing service: reference data of regions, appeals, assignments with their answers, the queue's feed,
what is learned from work."""

from services.routing.tables import answers, appeals, assignments, learning, reference
from services.routing.tables.base import metadata, tables

__all__ = ["answers", "appeals", "assignments", "learning", "metadata", "reference", "tables"]
