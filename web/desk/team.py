"""HTTP: how the organisation works: for its head."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from chassis.moments import utc_now
from web.desk import rules
from web.desk.team_views import Quality, Summary
from web.desk.views import Counts, Queue
from web.persons import PersonNames
from web.resources import resources_of
from web.visits import SignedInVisit, require_role
from web.words import local

router = APIRouter()
Official = Annotated[SignedInVisit, require_role("agency")]
PERIOD_DAYS: Final = 30
_EXAMPLES: Final = 5
_LATE: Final = 20


@router.get("/desk/team")
async def open_team(request: Request, who: Official) -> Response:
    """Figures of the last days beside those before them, and what answers were returned for."""
    tomorrow = local(utc_now(), who.person.region).date() + timedelta(days=1)
    period = {"from": (tomorrow - timedelta(days=PERIOD_DAYS)).isoformat(), "to": tomorrow.isoformat()}
    asked = {"region": who.person.region, "organisation": str(who.person.organisation_id or ""), **period}
    summary, quality = await asyncio.gather(
        who.platform.read(Summary, "/analytics/summary", asked),
        who.platform.read(Quality, "/answers/quality"),
    )
    return resources_of(request).pages.page(
        request,
        "desk/team.html",
        summary=summary,
        quality=quality.items[0] if quality.items else None,
        examples=quality.items[0].examples[:_EXAMPLES] if quality.items else [],
        days=PERIOD_DAYS,
    )


@router.get("/desk/team/late")
async def open_late(request: Request, who: Official) -> Response:
    """What is late, and who works on how much."""
    now = utc_now()
    late, counts = await asyncio.gather(
        who.platform.read(Queue, "/queue", {"due_before": now.isoformat(), "running": True, "limit": _LATE}),
        who.platform.read(Counts, "/queue/counts"),
    )
    persons = [str(each.person) for each in counts.persons if each.person]
    names = PersonNames(items=[])
    if persons:
        names = await who.platform.read(PersonNames, "/people/names", {"ids": ",".join(persons[:100])})
    return resources_of(request).pages.page(
        request,
        "desk/late.html",
        late=late.items,
        counts=counts,
        names={each.id: each for each in names.items},
        now=now,
        rules=rules,
        region=who.person.region,
        back="/desk/team",
    )
