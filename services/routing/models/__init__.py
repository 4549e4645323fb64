"""Tables of the routing service and what is read from them by actions and queries alike."""

from services.routing.models.tables import metadata, tables

__all__ = ["metadata", "tables"]
