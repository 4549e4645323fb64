"""Whether a service lives, whether it is ready and if not why, and its metrics."""

from __future__ import annotations

from typing import Any

import orjson
from fastapi import APIRouter
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from chassis.db import database_trouble
from chassis.keys import KeyProof
from chassis.lines import lines
from chassis.service import ServiceResources

READY_SECONDS = 1.5  # less than the gateway waits for a service's word


def technical_router(proof: KeyProof, resources: ServiceResources[Any]) -> APIRouter:
    """/health/live, /health/ready, /metrics of one service."""
    router = APIRouter(include_in_schema=False)

    @router.get("/health/live")
    async def live() -> dict[str, str]:
        return {"status": "ok", "service": resources.service}

    @router.get("/metrics")
    async def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    @router.get("/health/ready", response_class=Response)
    async def ready() -> Response:
        problems = await readiness_problems(proof, resources)
        body: dict[str, object] = {
            "status": "not ready" if problems else "ready",
            "service": resources.service,
        }
        if problems:
            body["problems"] = problems
        if lost := lines.report():
            body["log"] = lost  # for information: who serves without a log serves
        if notes := resources.notes():
            body["notes"] = notes
        return Response(
            orjson.dumps(body), status_code=503 if problems else 200, media_type="application/json"
        )

    return router


async def readiness_problems(proof: KeyProof, resources: ServiceResources[Any]) -> dict[str, str]:
    """Which part is not ready and why; empty when all is well."""
    postgres = await database_trouble(resources.reading_sessions, READY_SECONDS)
    found = {"postgres": postgres} if postgres else {}
    if unproven := proof.problems():
        return found | unproven  # nothing else has been started
    parts = {"nats": resources.broker.trouble} | {task.name: task.problem for task in resources.tasks}
    return found | {name: problem for name, problem in parts.items() if problem}
