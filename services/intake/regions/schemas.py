"""A region's own settings of this service."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from chassis.replacing import ReadOnly, Replacement
from contracts.intake import Channel
from contracts.moderation import HoldingFlag

DEFAULT_REOPEN_DAYS = 30


class SettingsFields(BaseModel):
    """`reopen_days`: how long after an answer a poor rating opens the question again. Appeals wait for a moderator that come
    over `moderated_channels` or have one of `holding_flags`, unless they report a danger to life."""

    reopen_days: Annotated[int, Field(ge=1, le=365)] = DEFAULT_REOPEN_DAYS
    moderated_channels: Annotated[list[Channel], Field(max_length=12)] = []
    holding_flags: Annotated[list[HoldingFlag], Field(max_length=12)] = []


class NewRegionSettings(SettingsFields, Replacement):
    """The settings as they shall be."""

    region: ReadOnly[str] = None
    version: ReadOnly[int] = None


class RegionSettings(SettingsFields):
    """The settings in force; version 0 are the defaults."""

    region: str
    version: int
