"""Who may ask about what: query parameters, narrowed by the token."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Request

from chassis.app import utc_now
from chassis.db import Reading
from chassis.problems import Forbidden, Unprocessable
from chassis.resources import resources_in
from chassis.security import Principal, allowed
from chassis.times import Day
from contracts.territories import REGIONS
from services.analytics.queries.freshness import read_as_of
from services.analytics.resources import AnalyticsResources
from services.analytics.rules.periods import Period
from services.analytics.rules.scope import Scope
from services.analytics.schemas import Code

Reader = Annotated[Principal, allowed("agency", "coordinator", "analyst", "federal")]


def read_filters(
    principal: Reader,
    region: Annotated[str | None, Query(pattern=r"^[0-9]{2}$")] = None,
    municipality: Annotated[str | None, Query(pattern=r"^[0-9]{8}([0-9]{3})?$")] = None,
    organisation: UUID | None = None,
    topic: Code | None = None,
    group: Code | None = None,
    channel: Annotated[str | None, Query(pattern=r"^[a-z0-9_]{1,32}$")] = None,
    start: Annotated[Day | None, Query(alias="from")] = None,
    end: Annotated[Day | None, Query(alias="to")] = None,
) -> Scope:
    """What a request asks about: 403 outside the token's reach, 422 for what makes no sense."""
    if start is not None and end is not None and start >= end:
        raise Unprocessable("`from` must be before `to`.")
    return Scope(
        region=region,
        regions=_regions_of(principal, region),
        period=Period(start, end),
        municipality=municipality,
        organisation=_organisation_of(principal, organisation),
        topic=topic,
        group=group,
        channel=channel,
    )


def _regions_of(principal: Principal, region: str | None) -> tuple[str, ...] | None:
    if region is None:
        return None if principal.is_everywhere else tuple(principal.regions_within())
    if region not in REGIONS:
        principal.require_region(region)
        raise Unprocessable("There is no such region.")
    return tuple(principal.regions_within(region))


AnyScope = Annotated[Scope, Depends(read_filters)]


def read_scope(principal: Reader, filters: AnyScope) -> Scope:
    """The scope of figures: most roles name its region."""
    if filters.region is None and principal.role not in ("federal", "admin"):
        raise Unprocessable("Name the region.")
    return filters


def _organisation_of(principal: Principal, organisation: UUID | None) -> UUID | None:
    if principal.role != "agency":
        return organisation
    if organisation not in (None, principal.organisation):
        raise Forbidden("These are another organisation's figures.")
    return principal.organisation


async def find_freshness(principal: Reader, request: Request, session: Reading) -> datetime | None:
    """`as_of` – found before the figures are read, so that it never promises more than they hold."""
    resources = resources_in(request.app, AnalyticsResources)
    return await read_as_of(session, resources.consumers, resources.freshness, utc_now())


AskedScope = Annotated[Scope, Depends(read_scope)]
AsOf = Annotated[datetime | None, Depends(find_freshness, scope="function")]
