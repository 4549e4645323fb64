"""The schema of routing, and the technical tables in it."""

from __future__ import annotations

from chassis.tables import chassis_tables, create_metadata

metadata = create_metadata("routing")
tables = chassis_tables(metadata)
