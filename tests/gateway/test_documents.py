"""What the gateway says of the system: OpenAPI, pages, health, metrics."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import httpx2

from contracts.parts import PAGES, SERVICES
from gateway.openapi import merge
from gateway.routes import ROUTES, RouteTree
from tests.gateway.conftest import RunningGateway, Services, credentials_of

StartGateway = Callable[..., Awaitable[RunningGateway]]


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if str(node.get("$ref", "")).startswith("#/components/schemas/"):
            yield node["$ref"].removeprefix("#/components/schemas/")
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def schema_of(document: Any, path: str) -> Any:
    content = document["paths"][path]["get"]["responses"]["200"]["content"]
    return content["application/json"]["schema"]["$ref"].rpartition("/")[2]


async def test_the_merged_document_holds_every_service_once(gateway: RunningGateway) -> None:
    document = (await gateway.client.get("/openapi.json")).json()
    assert "x-missing" not in document
    people = {path for path in document["paths"] if path.startswith(("/api/v1/people", "/api/v1/sessions"))}
    assert people >= {"/api/v1/people", "/api/v1/sessions"}
    assert set(document["paths"]) - people == {
        "/api/v1/appeals",
        "/api/v1/appeals/{id}/deadlines",
        "/api/v1/topics",
        "/api/v1/analytics/summary",
        "/api/v1/track/{code}",
        "/api/v1/clients",
        "/api/v1/clients/{id}",
        "/api/v1/clients/{id}/secret",
        "/api/v1/operations",
        "/oauth/token",
        "/.well-known/jwks.json",
        "/.well-known/revocations",
    }
    schemas = document["components"]["schemas"]
    assert set(references(document)) <= set(schemas)
    for path, service in (
        ("/api/v1/topics", "routing"),
        ("/api/v1/appeals/{id}/deadlines", "sla"),
        ("/api/v1/appeals", "intake"),
    ):
        page = schemas[schema_of(document, path)]
        thing = page["properties"]["items"]["items"]["$ref"].rpartition("/")[2]
        assert set(schemas[thing]["properties"]) == {service}
    operations = [
        (path, operation)
        for path, item in document["paths"].items()
        for operation in item.values()
        if isinstance(operation, dict)
    ]
    identities = [operation["operationId"] for _, operation in operations]
    assert len(identities) == len(set(identities))
    for path, operation in operations:
        assert "application/problem+json" in operation["responses"]["default"]["content"], path
        refusals = [each for status, each in operation["responses"].items() if status.startswith("4")]
        assert refusals, path
        for each in refusals if path != "/oauth/token" else ():  # its errors are RFC 6749's
            assert set(each["content"]) == {"application/problem+json"}, path
        assert bool(operation["security"]) == bool(operation.get("x-roles")), path
    assert document["paths"]["/api/v1/clients"]["post"]["x-roles"] == ["admin"]
    assert document["servers"] == [{"url": "/"}]


async def test_a_service_that_was_down_joins_the_document_later(
    lonely_gateway: RunningGateway, services: Services
) -> None:
    gateway = lonely_gateway
    await services.start("intake")
    first = (await gateway.client.get("/openapi.json")).json()
    assert first["x-missing"] == ["routing", "sla", "analytics"]
    for name in SERVICES[1:]:
        await services.start(name)
    gateway.app.resources.openapi._ask_after.clear()
    assert "x-missing" not in (await gateway.client.get("/openapi.json")).json()
    services.kill("sla")
    gateway.app.resources.openapi._ask_after.clear()
    kept = (await gateway.client.get("/openapi.json")).json()
    assert "/api/v1/appeals/{id}/deadlines" in kept["paths"]


def test_equal_schemas_are_shared_and_references_follow_renamed_ones() -> None:
    def document(path: str, inner: str) -> Any:
        answer = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Outer"}}}}
        outer = {
            "properties": {
                "a": {"$ref": "#/components/schemas/Inner"},
                "b": {"$ref": "#/components/schemas/Same"},
            }
        }
        schemas = {"Outer": outer, "Inner": {"type": inner}, "Same": {"type": "string"}, "Unused": {}}
        return {"paths": {path: {"get": {"responses": {"200": answer}}}}, "components": {"schemas": schemas}}

    documents = {
        "routing": document("/api/v1/topics", "string"),
        "sla": document("/api/v1/policies", "integer"),
    }
    merged = merge(documents, RouteTree())
    schemas = merged["components"]["schemas"]
    assert set(schemas) == {"Problem", "Fault", "Outer", "Inner", "Same", "SlaOuter", "SlaInner"}
    assert schema_of(merged, "/api/v1/policies") == "SlaOuter"
    assert schemas["SlaOuter"]["properties"]["a"]["$ref"].endswith("/SlaInner")
    assert schemas["SlaOuter"]["properties"]["b"]["$ref"].endswith("/Same")


async def test_the_docs_page_needs_nothing_from_outside(gateway: RunningGateway) -> None:
    seen, wanted = {"/docs"}, ["/docs"]
    while wanted:
        path = wanted.pop()
        answer = await gateway.client.get(path)
        assert answer.status_code == 200, path
        policy = answer.headers.get("content-security-policy", "")
        assert path == "/openapi.json" or "default-src 'none'" in policy, path
        assert "unsafe" not in policy
        if path == "/openapi.json":
            continue
        assert not re.findall(r"""(?:src|href|from|url\()\s*=?\s*["']?(?:https?:)?//""", answer.text), path
        named = re.findall(r"""(?:src|href)="(/[^"#]+)|from "\./([^"]+)""", answer.text)
        found = {page or f"/docs/{script}" for page, script in named}
        wanted += found - seen
        seen |= found
    assert {"/docs/docs.css", "/docs/page.js", "/docs/schema.js", "/favicon.ico", "/openapi.json"} <= seen
    assert (await gateway.client.get("/docs/__init__.py")).status_code == 404


async def test_readiness_is_that_of_all_parts_and_names_the_missing_one(
    lonely_gateway: RunningGateway, services: Services
) -> None:
    gateway = lonely_gateway
    assert (await gateway.client.get("/health/live")).json() == {"status": "ok", "service": "gateway"}
    for name in (*SERVICES, PAGES):
        await services.start(name)
    ready = await gateway.client.get("/health/ready")
    assert (ready.status_code, ready.json()["status"]) == (200, "ready")
    services.kill("sla")
    unready = await gateway.client.get("/health/ready")
    assert unready.status_code == 503
    assert unready.json()["problems"] == {"sla": {"service": "not reachable"}}
    assert unready.json()["parts"]["intake"] == "ready"
    each = {
        name: await gateway.client.get(f"/health/ready/{name}")
        for name in ("gateway", "sla", "intake", "nobody")
    }
    assert {name: answer.status_code for name, answer in each.items()} == {
        "gateway": 200,
        "sla": 503,
        "intake": 200,
        "nobody": 404,
    }
    assert each["sla"].json()["problems"] == {"service": "not reachable"}


async def test_metrics_are_open_inside_and_for_admins_of_everything_outside(gateway: RunningGateway) -> None:
    transport = httpx2.AsyncHTTPTransport(uds=str(gateway.internal))
    async with httpx2.AsyncClient(transport=transport, base_url="http://gateway") as inside:
        answer = await inside.get("/metrics")
        assert (await inside.get("/.well-known/jwks.json")).json()["keys"]
    assert answer.status_code == 200
    assert "otklik_request_seconds" in answer.text
    assert (await gateway.client.get("/metrics")).status_code == 401
    regional = credentials_of(await gateway.make_client(role="admin"))
    assert (await gateway.client.get("/metrics", headers=await gateway.headers(regional))).status_code == 403
    assert (await gateway.client.get("/metrics", headers=await gateway.headers())).status_code == 200


def test_the_compiled_table_agrees_with_a_plain_scan() -> None:
    tree = RouteTree()

    def scan(path: str) -> str | None:
        words = path.split("/")
        best: tuple[int, str] | None = None
        for route in ROUTES:
            wanted = route.prefix.split("/")
            fits = len(words) >= len(wanted) and all(
                a in ("*", b) for a, b in zip(wanted, words, strict=False)
            )
            if route.prefix != "/" and fits and (best is None or len(wanted) >= best[0]):
                best = (len(wanted), route.prefix)
        return best[1] if best else None

    for route in ROUTES:
        for tail in ("", "/x", "/x/deadlines", "/batch", "/x/y/z/assignments"):
            path = route.prefix.replace("*", "46") + tail if route.prefix != "/" else "/none" + tail
            found = tree.find(path)
            assert (found.prefix if found else None) == scan(path), path
