"""The schema that all tables of analytics are in, with those that the chassis works with."""

from __future__ import annotations

from chassis.tables import create_metadata
from chassis.technical_tables import chassis_tables

metadata = create_metadata("analytics")
tables = chassis_tables(metadata)
