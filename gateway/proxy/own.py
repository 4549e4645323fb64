"""The gateway's own routes, behind the same door as the services."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.proxy.bodies import BodyBudget, read_body, require_room
from gateway.proxy.requests import declared_length
from gateway.routes import Route


async def serve_own(
    own: ASGIApp, route: Route, scope: Scope, receive: Receive, send: Send, budget: BodyBudget | None
) -> None:
    """Let `own` answer; it sees a body only when that is whole. The problems are those of `read_body`."""
    length = declared_length(scope["headers"])
    if length != 0:
        require_room(length or 0, route.max_body)
        receive = _repeated(await read_body(receive, route.max_body, budget), receive)
    await own(scope, receive, send)


def _repeated(body: bytes, receive: Receive) -> Receive:
    """`receive` as if `body` were still to come."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def read() -> Message:
        return waiting.pop() if waiting else await receive()

    return read
