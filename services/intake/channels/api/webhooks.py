"""POST /channels/{network}/{connection}: what VK, Telegram and MAX deliver.

They prove themselves by the secret of the connection. What cannot be read is kept sealed and acknowledged: a network
that is refused delivers it again and again, holds back what follows, and in the end delivers nothing at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

import orjson
import structlog
from fastapi import Request
from fastapi.responses import PlainTextResponse, Response

from chassis.bodies import require_json
from chassis.json_text import MalformedJson, read_others_json
from chassis.logs import traceparent_now
from chassis.moments import utc_now
from chassis.problems import Forbidden, NotFound, Problem, Unprocessable
from chassis.resources import resources_in
from chassis.strict_routes import LenientRouter
from services.intake.channels.actions.arriving import Arrived, prepare_arrival
from services.intake.channels.rules import vk
from services.intake.channels.rules.connection import Connection
from services.intake.channels.rules.networks import READERS, Payload
from services.intake.channels.rules.reading import Reading, Unreadable
from services.intake.resources import IntakeResources

log = structlog.get_logger()
router = LenientRouter(prefix="/channels", tags=["channels"])
ACKNOWLEDGED: Final = "ok"


def _header(name: str) -> Callable[[Request, Payload], object]:
    return lambda request, _: request.headers.get(name, "")


# How a network proves itself.
_SECRETS: Final[Mapping[str, Callable[[Request, Payload], object]]] = {
    "vk": lambda _, payload: payload.get("secret", ""),
    "telegram": _header("x-telegram-bot-api-secret-token"),
    "max": _header("x-max-bot-api-secret"),
}


def _parameter(name: str, **schema: object) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": schema}


# Read by hand, so that the flood of a page's comments passes by the framework (`chassis.fast_path`).
_DESCRIBED: Final[dict[str, Any]] = {
    "parameters": [
        _parameter("network", type="string", enum=list(READERS)),
        _parameter("connection_id", type="string", format="uuid"),
    ],
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "additionalProperties": True,
                    "examples": [{"type": "confirmation", "group_id": 217000001}],
                }
            }
        },
    },
}


@router.post("/{network}/{connection_id}", response_class=PlainTextResponse, openapi_extra=_DESCRIBED)
async def take_delivery(request: Request) -> Response:
    """Take what a social network delivers of a watched page; `ok` once it is kept."""
    resources = resources_in(request.app, IntakeResources)
    connection = await _find(request, resources)
    require_json(request.headers.get("content-type", ""))
    payload = _parse(await request.body())
    _require_secret(request, connection, payload)
    confirmation = _confirmation(connection, payload)
    if confirmation is not None:
        return PlainTextResponse(confirmation)
    arrived = Arrived(connection, utc_now(), traceparent_now.get())
    arrival = prepare_arrival(resources.secrets, arrived, _read(connection, payload), without_secret(payload))
    outcome = await resources.deliveries.submit(arrival)
    if isinstance(outcome, Problem):
        raise outcome
    return PlainTextResponse(ACKNOWLEDGED)


async def _find(request: Request, resources: IntakeResources) -> Connection:
    """The connection that the path names; 404 for an id that means nothing, malformed or of another network."""
    try:
        connection_id = UUID(request.path_params["connection_id"])
    except ValueError:
        raise NotFound from None
    connection = await resources.connections.find(connection_id)
    network = request.path_params["network"]
    if connection is None or connection.network != network or network not in READERS:
        raise NotFound
    return connection


def _parse(body: bytes) -> Payload:
    try:
        payload = read_others_json(body)
    except ValueError:
        raise MalformedJson from None
    if not isinstance(payload, dict):
        raise Unprocessable("A JSON object is needed.")
    return payload


def without_secret(payload: Payload) -> bytes:
    """The payload as it is kept; 422 for one that is nested deeper than anything a network sends."""
    kept = {name: value for name, value in payload.items() if name != "secret"}
    try:
        return orjson.dumps(kept, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:
        raise Unprocessable("The payload is nested too deep.") from None


def _require_secret(request: Request, connection: Connection, payload: Payload) -> None:
    given = _SECRETS[connection.network](request, payload)
    asks_to_confirm = connection.network == "vk" and payload.get("type") == vk.CONFIRMATION and not given
    if not asks_to_confirm and not connection.proves_itself(given if isinstance(given, str) else ""):
        log.warning("delivery with a wrong secret", connection_id=str(connection.id))
        raise Forbidden("The secret is not that of this connection.")
    if connection.network == "vk" and str(payload.get("group_id")) != connection.page.id:
        raise Forbidden("The group is not that of this connection.")


def _confirmation(connection: Connection, payload: Payload) -> str | None:
    """What VK wants to be answered when an address is entered there; 404 while nobody has given it here."""
    if connection.network != "vk" or payload.get("type") != vk.CONFIRMATION:
        return None
    if not connection.credentials.confirmation:
        raise NotFound("The connection has no confirmation string yet.")
    return connection.credentials.confirmation


def _read(connection: Connection, payload: Payload) -> Reading | None:
    try:
        return READERS[connection.network](payload, connection.page)
    except Unreadable as error:
        log.warning("delivery not read", connection_id=str(connection.id), places=str(error))
        return None
