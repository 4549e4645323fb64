"""Settings of a region."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.regions.schemas import RegionSettings


async def read_settings(session: AsyncSession, region: str) -> RegionSettings:
    """What is in force; the defaults when nothing was set."""
    row = (
        (
            await session.execute(
                text(
                    "SELECT region, reopen_days, moderated_channels, version FROM intake.region_setting "
                    "WHERE region = :region"
                ),
                {"region": region},
            )
        )
        .mappings()
        .first()
    )
    return RegionSettings.model_validate(dict(row) if row else {"region": region, "version": 0})
