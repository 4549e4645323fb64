"""The region of a principal's organisation."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.problems import Forbidden
from chassis.security import Principal
from services.routing.reference.queries.cache import books_of


async def own_region(session: AsyncSession, principal: Principal) -> str:
    """The region of the token's organisation; "" when it is in no reference data. 403 without an organisation."""
    region = await books_of(session).region_of(session, principal.organisation)
    if region is None:
        return ""
    if not principal.may_see(region):
        raise Forbidden("Your organisation is in a region outside your scope.")
    return region
