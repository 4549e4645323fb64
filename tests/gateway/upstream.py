"""Small services behind the gateway: `python -m tests.gateway.upstream FOLDER SERVICE…`, each on FOLDER/SERVICE.sock."""

from __future__ import annotations

import asyncio
import hashlib
import os
import sys
from typing import Any

import orjson
import uvicorn

from chassis.http1.limits import BEHIND_THE_GATEWAY
from chassis.serve import server_config

seen: dict[str, int] = {"streams_begun": 0, "streams_cut": 0}


def document(service: str) -> dict[str, Any]:
    """An OpenAPI document with a schema every service has, and one that differs from service to service."""
    thing = {"type": "object", "properties": {service: {"type": "string"}}}
    page = {"type": "object", "properties": {"items": {"items": {"$ref": "#/components/schemas/Thing"}}}}
    same = {"type": "object", "properties": {"x": {"type": "integer"}}}
    answer = {
        "description": "ok",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Page"}}},
    }
    bad = {"description": "invalid", "content": {}}
    shared = {
        "description": "ok",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Same"}}},
    }
    path = {"intake": "/api/v1/appeals", "routing": "/api/v1/topics", "sla": "/api/v1/appeals/{id}/deadlines"}
    operation = {"operationId": f"{service}_read", "tags": [service], "x-roles": ["agency", "admin"]}
    paths: dict[str, Any] = {
        path.get(service, "/api/v1/analytics/summary"): {
            "get": {**operation, "responses": {"200": answer, "422": bad}}
        },
        "/api/v1/secret-of-mine": {"get": {"operationId": f"{service}_inner", "responses": {"200": answer}}},
    }
    if service == "intake":
        paths["/api/v1/track/{code}"] = {"get": {"operationId": "intake_track", "responses": {"200": shared}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": service, "version": "1"},
        "paths": paths,
        "components": {"schemas": {"Thing": thing, "Page": page, "Same": same, "HTTPValidationError": {}}},
    }


async def answer_json(send: Any, body: Any, status: int = 200, headers: list[Any] | None = None) -> None:
    data = orjson.dumps(body)
    own = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(data)), *(headers or [])]
    await send({"type": "http.response.start", "status": status, "headers": own})
    await send({"type": "http.response.body", "body": data})


async def read_all(receive: Any) -> bytes:
    body, more = bytearray(), True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return bytes(body)


async def echo_stream(receive: Any, send: Any) -> None:
    """Answers while the request still comes in: every byte goes straight back."""
    headers = [(b"content-type", b"application/x-ndjson")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    more = True
    while more:
        message = await receive()
        more = message.get("more_body", False)
        await send({"type": "http.response.body", "body": message.get("body", b""), "more_body": more})


async def endless_stream(receive: Any, send: Any) -> None:
    seen["streams_begun"] += 1
    headers = [(b"content-type", b"text/event-stream")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"data: first\n\n", "more_body": True})
    while (await receive())["type"] != "http.disconnect":
        pass
    seen["streams_cut"] += 1


def make_app(service: str) -> Any:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        path = scope["path"]
        if path == "/openapi.json":
            await answer_json(send, document(service))
        elif path == "/health/ready":
            await answer_json(send, {"status": "ready"})
        elif path.startswith("/api/v1/organisations/"):
            known = {"id": path.rpartition("/")[2], "region": "46"}
            await answer_json(send, known, 404 if "0000-0000" in path else 200)
        elif path == "/api/v1/appeals/batch":
            await echo_stream(receive, send)
        elif path in ("/api/v1/analytics/stream", "/room/stream"):
            await endless_stream(receive, send)
        elif path == "/api/v1/analytics/seen":
            await answer_json(send, seen)
        elif path == "/api/v1/analytics/large":
            data = b"0123456789abcdef" * 65536 * 20
            headers = [(b"content-type", b"text/plain"), (b"content-length", b"%d" % len(data))]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": data})
        elif path == "/api/v1/analytics/broken":
            headers = [(b"content-type", b"text/plain"), (b"content-length", b"1000000")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": b"x" * 100_000, "more_body": True})
            await asyncio.sleep(0.2)
            os._exit(1)
        elif path == "/api/v1/analytics/refusing":
            await answer_json(send, {"early": True}, 403)
        elif path == "/api/v1/analytics/silent":
            await asyncio.sleep(60)
        else:
            body = await read_all(receive)
            heard = {
                "service": service,
                "method": scope["method"],
                "path": scope["path"],
                "query": scope["query_string"].decode(),
                "headers": [[name.decode(), value.decode("latin-1")] for name, value in scope["headers"]],
                "size": len(body),
                "sha256": hashlib.sha256(body).hexdigest(),
            }
            extra = [(b"x-request-id", b"from-service"), (b"set-cookie", b"a=1"), (b"set-cookie", b"b=2")]
            await answer_json(send, heard, 201 if scope["method"] == "POST" else 200, extra)

    return app


async def main(folder: str, services: list[str]) -> None:
    configs = [
        server_config(make_app(name), BEHIND_THE_GATEWAY, uds=f"{folder}/{name}.sock", lifespan="off")
        for name in services
    ]
    await asyncio.gather(*(uvicorn.Server(config).serve() for config in configs))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2:]))
