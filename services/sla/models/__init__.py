"""Tables of the deadline service, and the region's catalogue kept in memory."""

from services.sla.models.tables import metadata, tables

__all__ = ["metadata", "tables"]
