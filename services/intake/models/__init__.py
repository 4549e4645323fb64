"""Tables of the intake service and whose appeals a query reaches."""

from services.intake.models.tables import metadata, tables

__all__ = ["metadata", "tables"]
