"""HTTP: what waits in all services, for who runs the system."""

from __future__ import annotations

import asyncio
from typing import Final

from fastapi import Request
from pydantic import ValidationError

from chassis.operations import Backlog
from chassis.problems import Problem
from chassis.security import NationalAdmin
from chassis.strict_routes import Router
from contracts.parts import SERVICES, Service
from gateway.operations.schemas import Backlogs, ServiceBacklog
from gateway.resources import resources_of

ASK_SECONDS: Final = 5.0
router = Router(prefix="/api/v1/operations", tags=["operations"])


@router.get("")
async def list_backlogs(principal: NationalAdmin, request: Request) -> Backlogs:
    """What waits in each service, as its own `/backlog` has it; null for one that does not answer within five seconds."""
    found = await asyncio.gather(*(_ask(request, service) for service in SERVICES))
    items = [
        ServiceBacklog(service=service, backlog=backlog)
        for service, backlog in zip(SERVICES, found, strict=True)
    ]
    return Backlogs(items=items)


async def _ask(request: Request, service: Service) -> Backlog | None:
    """By the administrator's own token."""
    upstream = resources_of(request).known.upstreams[service]
    headers = [(b"authorization", request.headers["authorization"].encode("latin-1"))]
    path = f"/api/v1/operations/{service}/backlog"
    try:
        answer = await upstream.fetch(path, seconds=ASK_SECONDS, headers=headers)
        return Backlog.model_validate_json(answer.body) if answer.status == 200 else None
    except (Problem, OSError, ValidationError):
        return None
