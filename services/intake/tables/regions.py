"""A region's own settings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from sqlalchemy import Text
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.tables import NOW, SMALL, Key, default, define_table
from services.intake.tables.base import metadata


@dataclass(frozen=True, slots=True)
class RegionSetting:
    """What is in force in a region, in place of the defaults."""

    region: Key[str]
    reopen_days: Annotated[int, SMALL]
    moderated_channels: Annotated[list[str], ARRAY(Text)]
    version: int
    changed_by: str
    changed_at: Annotated[datetime, NOW]
    holding_flags: Annotated[list[str], ARRAY(Text), default("'{}'")]


region_setting = define_table(metadata, "region_setting", RegionSetting)
