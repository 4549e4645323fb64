"""Whether this process lives, whether it can reach the platform, and its metrics."""

from __future__ import annotations

import orjson
from fastapi import APIRouter
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

router = APIRouter()


@router.get("/health/live")
async def live() -> dict[str, str]:
    """This process answers."""
    return {"status": "ok", "service": "web"}


@router.get("/health/ready")
async def ready() -> Response:
    """It needs nothing but the gateway, which asks this: whoever asks is there."""
    return Response(orjson.dumps({"status": "ready", "service": "web"}), media_type="application/json")


@router.get("/metrics")
async def metrics() -> Response:
    """Prometheus figures of this process; the gateway leads nobody here."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
