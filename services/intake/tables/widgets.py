"""Forms on other sites."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from sqlalchemy import Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.tables import NOW, Key, default, define_table
from services.intake.tables.base import metadata

TextArray = Annotated[list[str], ARRAY(Text)]


@dataclass(frozen=True, slots=True)
class Widget:
    """A form that sites may show. `key`: what their pages name it by; `origins`: the sites; no `topics` means all. `listed`: our
    own pages offer it to citizens of its region."""

    region: Key[str]
    id: Key[UUID]
    key: str
    title: str
    origins: TextArray
    municipality: str | None
    organisation_id: UUID | None
    topics: TextArray
    active: bool
    version: Annotated[int, default("1")]
    changed_by: str
    changed_at: Annotated[datetime, NOW]
    listed: Annotated[bool, default("false")]


widget = define_table(
    metadata,
    "widget",
    Widget,
    UniqueConstraint("key"),
    Index("widget_listed_ix", "region", "id", postgresql_where=text("listed AND active")),
)
