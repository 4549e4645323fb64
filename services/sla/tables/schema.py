"""What all tables of the deadline service stand in."""

from __future__ import annotations

from typing import Annotated

from sqlalchemy import Uuid

from chassis.tables import create_metadata
from chassis.technical_tables import chassis_tables

metadata = create_metadata("sla")
tables = chassis_tables(metadata)

TextId = Annotated[str, Uuid()]
"""An id that is text in Python, as facts and clocks know it."""
