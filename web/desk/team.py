"""HTTP: how the organisation works, and who works on what: for its head."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel

from chassis.moments import utc_now
from web.desk import rules
from web.desk.colleagues import read_colleagues
from web.desk.team_views import HandedOver, Quality, Summary
from web.desk.views import Counts, Queue
from web.platform.client import Query
from web.platform.problems import PlatformProblem
from web.resources import resources_of
from web.visits import SignedInVisit, require_role
from web.words import local

router = APIRouter()
Official = Annotated[SignedInVisit, require_role("agency")]
PERIOD_DAYS: Final = 30
_EXAMPLES: Final = 5
_LATE: Final = 20
_NO_FAULTS: Final[Mapping[str, str]] = {}


class HandOverForm(BaseModel):
    """Whose work goes to whom, by their ids; until which day, empty: for good."""

    form_key: str = ""
    giver: str = ""
    receiver: str = ""
    until: str = ""
    key: str = ""


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
        handed_over=rules.count_shown(request.query_params.get("handed_over", "")),
    )


@router.get("/desk/team/late")
async def open_late(request: Request, who: Official) -> Response:
    """What is late, and who works on how much."""
    return await _show_late(request, who, HandOverForm())


@router.post("/desk/team/hand-over")
async def hand_over(request: Request, who: Official, form: Annotated[HandOverForm, Form()]) -> Response:
    """Give all that one person works on to another: for good, or until the last day of an absence."""
    colleagues = await read_colleagues(who)
    if colleagues.find_working(form.receiver) is None:
        return await _show_late(request, who, form, {"receiver": "Выберите, кому передать."}, 422)
    if form.giver == form.receiver:
        return await _show_late(request, who, form, {"receiver": "Выберите кого-то другого."}, 422)
    until = {"until": form.until} if form.until else {}
    body = {"from": form.giver, "to": form.receiver, **until}
    try:
        done = await who.platform.send(HandedOver, "/queue/hand-over", body, key=form.key or None)
    except PlatformProblem as problem:
        return await _show_late(request, who, form, _faults_of(problem), problem.status)
    return RedirectResponse(f"/desk/team?handed_over={done.handed_over}", 303)


def _faults_of(problem: PlatformProblem) -> dict[str, str]:
    """By field; under an empty name what concerns the whole."""
    if problem.is_about("until"):
        return {"until": "Последний день отсутствия – сегодня или позже."}
    return {"": problem.words}


async def _show_late(
    request: Request,
    who: SignedInVisit,
    form: HandOverForm,
    faults: Mapping[str, str] = _NO_FAULTS,
    status: int = 200,
) -> Response:
    """The part of the page, or a page of its own; `form` and `faults` where handing over has just been refused."""
    now = utc_now()
    asked: Query = {"due_before": now.isoformat(), "running": True, "limit": _LATE}
    late, counts, colleagues = await asyncio.gather(
        who.platform.read(Queue, "/queue", asked),
        who.platform.read(Counts, "/queue/counts"),
        read_colleagues(who),
    )
    return resources_of(request).pages.page(
        request,
        "desk/late.html",
        status,
        late=late.items,
        counts=counts,
        colleagues=colleagues,
        form=form,
        faults=faults,
        key=form.key or secrets.token_urlsafe(18),
        today=local(now, who.person.region).date(),
        now=now,
        rules=rules,
        region=who.person.region,
        back="/desk/team",
    )
