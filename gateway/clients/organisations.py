"""Whether an organisation exists where a client is to act for it. Routing knows; the admin's own token asks."""

from __future__ import annotations

from uuid import UUID

import orjson
from fastapi import Request

from chassis.problems import Problem, Unavailable, Unprocessable
from gateway.proxy.upstreams import Fetched, Upstream
from gateway.resources import resources_of

ASK_SECONDS = 5.0


async def require_organisation(request: Request, organisation_id: UUID, regions: list[str]) -> None:
    """422 for an organisation that is unknown or of another region; 503 while nobody can say."""
    upstream = resources_of(request).known.upstreams["routing"]
    token = request.headers.get("authorization", "").encode("latin-1")
    answer = await _ask(upstream, f"/api/v1/organisations/{organisation_id}", token)
    if answer.status not in (200, 404):
        raise Unavailable(
            "The routing service cannot say whether the organisation exists; repeat the request."
        )
    if answer.status == 404 or orjson.loads(answer.body).get("region") not in regions:
        message = "there is no such organisation in the client's regions"
        raise Unprocessable("See errors.", errors=[{"pointer": "/organisation_id", "message": message}])


async def _ask(upstream: Upstream, path: str, token: bytes) -> Fetched:
    try:
        return await upstream.fetch(path, seconds=ASK_SECONDS, headers=[(b"authorization", token)])
    except (Problem, OSError):
        raise upstream.unavailable() from None
