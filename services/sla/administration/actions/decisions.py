"""What all decisions of a region have in common: they are counted, and running clocks follow."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.problems import Unprocessable
from services.sla.clocks.actions.recalculations import start_recalculation
from services.sla.policies.queries import renew_region_config
from services.sla.policies.rules.region_config import RegionConfig


@dataclass(frozen=True, slots=True)
class Decided:
    """The configuration after a decision; `settled`: running clocks have followed already (else they will)."""

    config: RegionConfig
    settled: bool


async def follow(session: AsyncSession, before: RegionConfig, cause: str) -> Decided:
    """After a decision was written: let the region's running clocks follow it."""
    config = await renew_region_config(session, before)
    return Decided(config, await start_recalculation(session, config, cause))


@contextmanager
def refusing_nonsense() -> Iterator[None]:
    """422 with what the rules object to in values that do not fit together."""
    try:
        yield
    except (ValueError, TypeError, KeyError) as error:
        raise Unprocessable(str(error)) from None
