"""What waits at the centre, and in which region one works."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from web.centre.rules import own_path
from web.centre.showing import go, show
from web.centre.views.overview import DeadlineCounts, Entries, Waiting
from web.centre.visits import REGION_COOKIE, AtTheCentre, regions_of
from web.errors import NoSuchPage
from web.visits import SignedInVisit, require_role

router = APIRouter()


@router.get("/centre")
async def show_overview(request: Request, visit: AtTheCentre) -> Response:
    """What waits, with ways to it."""
    region = {"region": visit.region}
    waiting, moderation, deadlines = await asyncio.gather(
        visit.platform.read(Waiting, "/triage/waiting", region),
        visit.platform.read(Entries, "/moderation", region | {"limit": 100}),
        visit.platform.read(DeadlineCounts, "/deadlines/overview", region),
    )
    return show(
        request,
        visit,
        "overview.html",
        waiting=waiting,
        moderation=moderation,
        deadlines=deadlines,
    )


@router.post("/centre/region")
async def choose_region(
    who: Annotated[SignedInVisit, require_role("coordinator", "admin")],
    region: Annotated[str, Form()] = "",
    wanted: Annotated[str, Form()] = "",
) -> Response:
    """Work in this region from now on."""
    if region not in regions_of(who.person):
        raise NoSuchPage
    answer = go(own_path(wanted))
    answer.set_cookie(REGION_COOKIE, region, path="/centre", httponly=True, samesite="lax")
    return answer
