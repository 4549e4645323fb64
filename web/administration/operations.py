"""HTTP: how the parts are, what waits, and events that were given up on."""

from __future__ import annotations

import asyncio
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from contracts.parts import SERVICES
from web.administration.scope import Admin
from web.administration.views import Backlogs, DeadLetters, Readiness, ServiceBacklog
from web.errors import NoSuchPage
from web.platform.problems import PlatformProblem
from web.resources import resources_of

router = APIRouter()
SHOWN: Final = 50
NAMES: Final = {
    "gateway": "вход",
    "intake": "приём",
    "intake-work": "приём: фоновая работа",
    "routing": "маршрутизация",
    "sla": "сроки",
    "analytics": "аналитика",
    "web": "страницы",
}


@router.get("/settings")
async def open_settings(request: Request, who: Admin) -> Response:
    """How everything is, and where to change it."""
    readiness, backlogs = await asyncio.gather(
        who.platform.read_root(Readiness, "/health/ready", accept=(200, 503)), _read_backlogs(who)
    )
    return resources_of(request).pages.page(
        request, "administration/overview.html", readiness=readiness, backlogs=backlogs, names=NAMES
    )


@router.get("/settings/dead-letters")
async def list_letters(request: Request, who: Admin, service: str = "") -> Response:
    """Events of a service that were given up on, newest first; of the first that has any, unless one is chosen."""
    backlogs = await _read_backlogs(who)
    having = [each.service for each in backlogs if each.backlog and each.backlog.dead_letters]
    chosen = service if service in SERVICES else next(iter(having), SERVICES[0])
    letters = await _read_letters(who, chosen) if backlogs else None
    return resources_of(request).pages.page(
        request,
        "administration/dead_letters.html",
        backlogs=backlogs,
        chosen=chosen,
        letters=letters,
        names=NAMES,
        most=SHOWN,
    )


@router.post("/settings/dead-letters/{service}/retry")
async def retry_letters(who: Admin, service: str) -> Response:
    """Try them again, all of a service."""
    if service not in SERVICES:
        raise NoSuchPage
    await who.platform.do(f"/operations/{service}/dead-letters/retry")
    return RedirectResponse(f"/settings/dead-letters?service={service}", 303)


async def _read_backlogs(who: Admin) -> list[ServiceBacklog]:
    """What waits in each service; nothing for an administrator of some regions, whom it does not concern."""
    try:
        return (await who.platform.read(Backlogs, "/operations")).items
    except PlatformProblem as problem:
        if problem.status == 403:
            return []
        raise


async def _read_letters(who: Admin, service: str) -> DeadLetters | None:
    """None: the service does not answer."""
    try:
        return await who.platform.read(DeadLetters, f"/operations/{service}/dead-letters", {"limit": SHOWN})
    except PlatformProblem:
        return None
