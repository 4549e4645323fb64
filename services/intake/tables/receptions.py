"""Receptions of citizens, and live sessions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Index

from chassis.tables import Key, define_table
from services.intake.tables.base import metadata


@dataclass(frozen=True, slots=True)
class Reception:
    """Where and when an official listened to citizens; their questions are appeals that name it. `kind`: `reception` or
    `live`. `official`: who held it, as it was announced."""

    region: Key[str]
    id: Key[UUID]
    kind: str
    held_on: date
    place: str
    official: str
    municipality: str | None
    client_id: str
    person: UUID | None
    created_at: datetime


reception = define_table(metadata, "reception", Reception, Index(None, "region", "held_on", "id"))
