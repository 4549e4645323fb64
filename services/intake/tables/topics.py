"""The regions' topics as routing announced them, and what else a sender is asked about one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import Index

from chassis.tables import NOW, Key, define_table
from services.intake.tables.base import metadata


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic by its newest announcement; `version` is routing's."""

    region: Key[str]
    code: Key[str]
    name: str
    group_code: str
    group_name: str
    active: bool
    version: int


topic = define_table(metadata, "topic", Topic)


@dataclass(frozen=True, slots=True)
class ServiceDefinition:
    """What a sender is asked about a topic over Open311, beside its words (see `open311.schemas.definitions`)."""

    region: Key[str]
    code: Key[str]
    attributes: list[Any]
    version: int
    changed_by: str
    changed_at: Annotated[datetime, NOW]


service_definition = define_table(metadata, "service_definition", ServiceDefinition)


@dataclass(frozen=True, slots=True)
class PublicUpdate:
    """When something happened that everybody may read of: an entry of the history of an appeal that is public (ADR 42)."""

    region: Key[str]
    appeal_id: Key[UUID]
    event_id: Key[UUID]
    at: datetime


public_update = define_table(metadata, "public_update", PublicUpdate, Index(None, "region", "at", "event_id"))
