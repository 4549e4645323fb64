"""Whether this process lives, whether the whole system is ready, and the metrics of this process."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import orjson
from fastapi import APIRouter, Request
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text

from chassis.keys import KeyProof
from chassis.problems import Forbidden, Problem
from chassis.security import Allow
from gateway.proxy.upstreams import Upstream

READY_SECONDS = 2.0
router = APIRouter(include_in_schema=False)
_require_admin = Allow("admin")


@router.get("/health/live")
async def live() -> dict[str, str]:
    """This process answers."""
    return {"status": "ok", "service": "gateway"}


@router.get("/health/ready")
async def ready(request: Request) -> Response:
    """200 when the gateway, all four services and their workers are ready; otherwise 503 and which part is not."""
    state = request.app.state
    others = {**state.upstreams, **state.workers}
    names = ("gateway", *others)
    parts = await asyncio.gather(
        _own_problems(state), *(_service_problems(upstream) for upstream in others.values())
    )
    problems = {name: found for name, found in zip(names, parts, strict=True) if found}
    body: dict[str, Any] = {"status": "not ready" if problems else "ready", "service": "gateway"}
    body["parts"] = {name: "not ready" if name in problems else "ready" for name in names}
    if problems:
        body["problems"] = problems
    return Response(orjson.dumps(body), status_code=503 if problems else 200, media_type="application/json")


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """Prometheus figures of this process: open on the internal listener, elsewhere for admins of all regions."""
    if not is_internal(request):
        principal = await _require_admin(request)
        if principal.regions is not None:
            raise Forbidden("This needs an admin of all regions.")
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def is_internal(request: Request) -> bool:
    """Whether the request came in by the services' own door."""
    address: str = request.app.state.settings.internal_listen
    server = request.scope.get("server")
    if not address or server is None:
        return False
    host, port = server
    own = f"unix:{host}" if port is None else f"{host}:{port}"
    return own == address


async def _own_problems(state: Any) -> dict[str, str]:
    problems: dict[str, str] = {}
    try:
        async with asyncio.timeout(READY_SECONDS), state.reading_sessions() as session:
            await session.execute(text("SELECT 1"))
    except Exception as error:
        problems["postgres"] = type(error).__name__
    proof: KeyProof = state.proof
    if unproven := proof.problems():
        return problems | unproven  # nothing else has been started
    if not state.ring.keys:
        problems["keys"] = "not loaded"
    problems.update({task.name: task.problem for task in state.tasks if task.problem})
    if state.settings.hold_file and Path(state.settings.hold_file).exists():
        problems["start"] = "still loading"
    return problems


async def _service_problems(upstream: Upstream) -> dict[str, Any]:
    try:
        answer = await upstream.fetch("/health/ready", seconds=READY_SECONDS)
    except (Problem, OSError) as error:
        return {"service": "does not answer in time" if isinstance(error, TimeoutError) else "not reachable"}
    if answer.status == 200:
        return {}
    try:
        found = orjson.loads(answer.body).get("problems")
    except (ValueError, AttributeError):
        found = None
    return found if isinstance(found, dict) and found else {"service": f"answers {answer.status}"}
