"""The gateway's own routes, behind the same frontend as the services."""

from __future__ import annotations

from starlette.types import ASGIApp

from gateway.proxy.api_keys import repeated
from gateway.proxy.bodies import read_body, require_room
from gateway.proxy.exchanges import Exchange
from gateway.proxy.headers import with_authorization


async def serve_own(own: ASGIApp, exchange: Exchange) -> None:
    """Let `own` answer; it sees a body only when that is whole. The problems are those of `read_body`."""
    receive, most = exchange.receive, exchange.route.max_body
    length = exchange.body_length()
    if length != 0:
        require_room(length or 0, most)
        receive = repeated(await read_body(receive, most, exchange.bulkhead.budget), receive)
    headers = with_authorization(exchange.scope["headers"], exchange.authorization)
    await own({**exchange.scope, "headers": headers}, receive, exchange.send)
