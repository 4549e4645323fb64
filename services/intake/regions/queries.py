"""Settings of a region."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import row, scalar
from services.intake.regions.schemas import DEFAULT_REOPEN_DAYS, RegionSettings

_READ = """
SELECT region, reopen_days, moderated_channels, holding_flags, version FROM intake.region_setting WHERE region = :region
"""


@dataclass(frozen=True, slots=True)
class _InForce:
    region: str
    reopen_days: int
    moderated_channels: list[str]
    holding_flags: list[str]
    version: int


async def read_settings(session: AsyncSession, region: str) -> RegionSettings:
    """What is in force; the defaults when nothing was set."""
    found = await row(session, _InForce, _READ, region=region)
    if found is None:
        return RegionSettings(region=region, version=0)
    return RegionSettings.model_validate(found, from_attributes=True)


async def read_reopen_days(session: AsyncSession, region: str) -> int:
    """How long after an answer a poor rating opens the question again."""
    days = await scalar(
        session, int, "SELECT reopen_days FROM intake.region_setting WHERE region = :region", region=region
    )
    return days or DEFAULT_REOPEN_DAYS
