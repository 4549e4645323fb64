"""Whether this process lives, whether the whole system is ready, and the metrics of this process."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import orjson
from fastapi import APIRouter, Request
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from chassis.db import database_trouble
from chassis.keys import KeyProof
from chassis.lines import lines
from chassis.problems import Problem
from chassis.security import AllowEverywhere
from gateway.proxy.upstreams import Upstream

READY_SECONDS = 2.5
router = APIRouter(include_in_schema=False)
_require_admin = AllowEverywhere("admin")


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
        _own_report(state), *(_service_report(upstream) for upstream in others.values())
    )
    reports = dict(zip(names, parts, strict=True))
    problems = {name: report["problems"] for name, report in reports.items() if report.get("problems")}
    logs = {name: report["log"] for name, report in reports.items() if report.get("log")}
    body: dict[str, Any] = {"status": "not ready" if problems else "ready", "service": "gateway"}
    body["parts"] = {name: "not ready" if name in problems else "ready" for name in names}
    if problems:
        body["problems"] = problems
    if logs:
        body["log"] = logs  # lost lines, for information
    return Response(orjson.dumps(body), status_code=503 if problems else 200, media_type="application/json")


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """Prometheus figures of this process: open on the internal listener, elsewhere for admins of all regions."""
    if not is_internal(request):
        await _require_admin(request)
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


async def _own_report(state: Any) -> dict[str, Any]:
    problems: dict[str, str] = {}
    if trouble := await database_trouble(state.reading_sessions, READY_SECONDS):
        problems["postgres"] = trouble
    proof: KeyProof = state.proof
    if unproven := proof.problems():
        return {"problems": problems | unproven, "log": lines.report()}  # nothing else has been started
    if not state.ring.keys:
        problems["keys"] = "not loaded"
    problems.update({task.name: task.problem for task in state.tasks if task.problem})
    if state.settings.hold_file and Path(state.settings.hold_file).exists():
        problems["start"] = "still loading"
    return {"problems": problems, "log": lines.report()}


async def _service_report(upstream: Upstream) -> dict[str, Any]:
    try:
        answer = await upstream.fetch("/health/ready", seconds=READY_SECONDS)
    except (Problem, OSError) as error:
        late = isinstance(error, TimeoutError)
        return {"problems": {"service": "does not answer in time" if late else "not reachable"}}
    try:
        report = orjson.loads(answer.body)
    except ValueError:
        report = None
    if not isinstance(report, dict):
        report = {}
    if answer.status != 200 and not isinstance(report.get("problems"), dict):
        report["problems"] = {"service": f"answers {answer.status}"}
    return report
