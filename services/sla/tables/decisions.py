"""What regions have decided, and how far running clocks have followed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from sqlalchemy import Index

from chassis.tables import BIG, NOW, SMALL, Key, default, define_table
from contracts.sla import ClockKind
from services.sla.tables.schema import metadata


@dataclass(frozen=True, slots=True)
class Policy:
    region: Key[str]
    policy_id: Key[UUID]
    version: Key[int]
    data: dict[str, object]
    created_by: str
    created_at: Annotated[datetime, NOW]


policy = define_table(metadata, "policy", Policy, Index(None, "policy_id"))


@dataclass(frozen=True, slots=True)
class Calendar:
    region: Key[str]
    version: Key[int]
    data: dict[str, object]
    reason: str
    created_by: str
    created_at: Annotated[datetime, NOW]


calendar = define_table(metadata, "calendar", Calendar)


@dataclass(frozen=True, slots=True)
class OfficeHours:
    region: Key[str]
    organisation_id: Key[UUID]
    calendar_version: Key[int]
    hours: dict[str, object] | None


office_hours = define_table(metadata, "office_hours", OfficeHours)


@dataclass(frozen=True, slots=True)
class EscalationLevel:
    """`data`: the level as `rules` reads it."""

    region: Key[str]
    regime: Key[str]
    level: Key[int]
    data: dict[str, object]


escalation_level = define_table(metadata, "escalation_level", EscalationLevel)


@dataclass(frozen=True, slots=True)
class Setting:
    region: Key[str]
    version: int
    minimum_sample: int
    due_soon_hours: int
    changed_by: str
    changed_at: Annotated[datetime, NOW]


setting = define_table(metadata, "setting", Setting)


@dataclass(frozen=True, slots=True)
class RegionVersion:
    """Grows with every decision of a region, so that a cached configuration is checked by one small read."""

    region: Key[str]
    version: Annotated[int, BIG]


region_version = define_table(metadata, "region_version", RegionVersion)


@dataclass(frozen=True, slots=True)
class Recalculation:
    """A decision that running clocks have to follow, or a rebuild (`everything`): appeals of the region after
    `appeal_id` are left. `policy_id` and `clock`: a policy is re-applied."""

    recalculation_id: Key[UUID]
    region: str
    cause: str
    everything: bool
    policy_id: UUID | None
    clock: ClockKind | None
    appeal_id: UUID
    attempts: Annotated[int, SMALL, default("0")]
    created_at: Annotated[datetime, NOW]


recalculation = define_table(metadata, "recalculation", Recalculation)
