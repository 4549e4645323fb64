"""The schema of routing, and the technical tables in it."""

from __future__ import annotations

from chassis.tables import create_metadata
from chassis.technical_tables import chassis_tables

metadata = create_metadata("routing")
tables = chassis_tables(metadata)
