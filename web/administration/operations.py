"""HTTP: how the parts are, what waits, and events that were given up on."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from contracts.parts import SERVICES
from web.administration.scope import Admin
from web.administration.views import Backlog, DeadLetters, Readiness
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


@dataclass(frozen=True, slots=True)
class ServiceState:
    """What waits in a service; None: this administrator may not see it, or it does not answer."""

    service: str
    backlog: Backlog | None
    letters: DeadLetters | None


@router.get("/settings")
async def open_settings(request: Request, who: Admin) -> Response:
    """How everything is, and where to change it."""
    readiness = await who.platform.read_root(Readiness, "/health/ready", accept=(200, 503))
    states = await asyncio.gather(*(_state_of(who, service, 1) for service in SERVICES))
    return resources_of(request).pages.page(
        request, "administration/overview.html", readiness=readiness, states=states, names=NAMES
    )


@router.get("/settings/dead-letters")
async def list_letters(request: Request, who: Admin) -> Response:
    """Events that were given up on, newest first."""
    states = await asyncio.gather(*(_state_of(who, service, SHOWN) for service in SERVICES))
    return resources_of(request).pages.page(
        request, "administration/dead_letters.html", states=states, names=NAMES, most=SHOWN
    )


@router.post("/settings/dead-letters/{service}/retry")
async def retry_letters(who: Admin, service: str) -> Response:
    """Try them again, all of a service."""
    if service not in SERVICES:
        raise NoSuchPage
    await who.platform.do(f"/operations/{service}/dead-letters/retry")
    return RedirectResponse("/settings/dead-letters", 303)


async def _state_of(who: Admin, service: str, shown: int) -> ServiceState:
    path = f"/operations/{service}"
    try:
        backlog, letters = await asyncio.gather(
            who.platform.read(Backlog, f"{path}/backlog"),
            who.platform.read(DeadLetters, f"{path}/dead-letters", {"limit": shown}),
        )
    except PlatformProblem:
        return ServiceState(service, None, None)
    return ServiceState(service, backlog, letters)
