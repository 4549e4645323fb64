"""Which regions a principal's question is about."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.problems import Forbidden
from chassis.security import Principal
from contracts.territories import REGIONS
from services.routing.models.desk import books_of


def regions_of(principal: Principal, region: str | None = None) -> Sequence[str]:
    """Region codes a query is limited to: the one asked for, or all within reach. 403 out of reach."""
    if region is not None:
        principal.require_region(region)
        return [region]
    return sorted(REGIONS if principal.regions is None else principal.regions)


async def own_region(session: AsyncSession, principal: Principal) -> str:
    """The region of the token's organisation; "" when it is in no reference data. 403 without an organisation."""
    region = await books_of(session).region_of(session, principal.organisation)
    if region is None:
        return ""
    if not principal.may_see(region):
        raise Forbidden("Your organisation is in a region outside your scope.")
    return region
