"""One OpenAPI document out of five: what each service says of itself, as seen through the door."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import orjson
import structlog

from chassis.problems import Problem
from gateway.proxy.upstreams import Upstream
from gateway.routes import RouteTree

Document = dict[str, Any]
log = structlog.get_logger()
FETCH_SECONDS = 5.0
# How long a service's document is believed, and how soon one that could not be had is asked for again.
FRESH_SECONDS, RETRY_SECONDS = 60.0, 2.0
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
PROBLEM_MEDIA = "application/problem+json"
_SCHEMA = "#/components/schemas/"
_FASTAPI_ERRORS = ("HTTPValidationError", "ValidationError")
DESCRIPTION = """One door to the platform behind a regional governance centre: appeals in, deadlines kept, figures out.

Ask `POST /oauth/token` for a token (client credentials) and send it as `Authorization: Bearer …`. `x-roles` names the
roles an operation admits; operations without it are open. Errors are RFC 9457 problem documents. Lists are read by
`cursor`; POSTs that create something take an `Idempotency-Key`; changes take the version seen in `If-Match`.
Bodies may be packed (`Content-Encoding: gzip`); what they unpack to is what counts."""
PROBLEM_SCHEMA: Document = {
    "title": "Problem",
    "description": "An error (RFC 9457).",
    "type": "object",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "message"],
                "properties": {"pointer": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}
_PROBLEM_CONTENT = {PROBLEM_MEDIA: {"schema": {"$ref": f"{_SCHEMA}Problem"}}}


def merge(documents: Mapping[str, Document], tree: RouteTree) -> Document:
    """The documents of the services (by name, in order) as one; only paths that the door leads to that service."""
    paths: Document = {}
    schemas: Document = {"Problem": PROBLEM_SCHEMA}
    for service, original in documents.items():
        document = copy.deepcopy(original)
        added = _without_fastapi_errors(document)
        _rename(document, _collisions(service, added, schemas))
        schemas.update(document.get("components", {}).get("schemas", {}))
        for path, item in document.get("paths", {}).items():
            route = tree.find(path)
            if route is not None and route.service == service:
                paths.setdefault(path, {}).update(_seen_through_the_door(item, open_route=route.open))
    return {
        "openapi": "3.1.0",
        "info": {"title": "Otklik", "version": "1", "description": DESCRIPTION},
        "servers": [{"url": "/"}],
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": _reachable(paths, schemas), "securitySchemes": _security_schemes()},
        "tags": [{"name": name} for name in _tags(paths)],
    }


def _security_schemes() -> Document:
    flow = {"tokenUrl": "/oauth/token", "scopes": {}}
    return {
        "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
        "oauth": {"type": "oauth2", "flows": {"clientCredentials": flow}},
    }


def _seen_through_the_door(item: Document, *, open_route: bool) -> Document:
    for method in METHODS:
        operation = item.get(method)
        if operation is None:
            continue
        responses = operation.setdefault("responses", {})
        responses.pop("422", None)
        responses["default"] = {"description": "A problem", "content": _PROBLEM_CONTENT}
        if "x-roles" in operation or not open_route:
            operation["security"] = [{"bearer": []}, {"oauth": []}]
        else:
            operation["security"] = []
    return item


def _without_fastapi_errors(document: Document) -> Document:
    schemas: Document = document.get("components", {}).get("schemas", {})
    for name in _FASTAPI_ERRORS:
        schemas.pop(name, None)
    return schemas


def _collisions(service: str, added: Document, taken: Document) -> dict[str, str]:
    """New names for schemas whose name is taken by a different one, and for those that refer to such schemas."""
    renamed = {name for name in added if name in taken and added[name] != taken[name]}
    while True:
        more = {
            name
            for name in added
            if name in taken and name not in renamed and renamed & set(_references(added[name]))
        }
        if not more:
            return {name: f"{service.capitalize()}{name}" for name in renamed}
        renamed |= more


def _references(node: Any) -> Iterator[str]:
    """Names of the schemas a piece of a document refers to."""
    if isinstance(node, dict):
        target = node.get("$ref")
        if isinstance(target, str) and target.startswith(_SCHEMA):
            yield target.removeprefix(_SCHEMA)
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


def _rename(document: Document, names: Mapping[str, str]) -> None:
    if not names:
        return
    schemas = document["components"]["schemas"]
    document["components"]["schemas"] = {names.get(name, name): schema for name, schema in schemas.items()}

    def visit(node: Any) -> None:
        if isinstance(node, dict):
            target = node.get("$ref")
            if isinstance(target, str) and target.startswith(_SCHEMA):
                name = target.removeprefix(_SCHEMA)
                node["$ref"] = _SCHEMA + names.get(name, name)
            mapping = node.get("discriminator", {}).get("mapping", {}) if "discriminator" in node else {}
            for key, value in mapping.items():
                name = value.removeprefix(_SCHEMA)
                mapping[key] = _SCHEMA + names.get(name, name)
            for value in node.values():
                visit(value)
        elif isinstance(node, list):
            for value in node:
                visit(value)

    visit(document)


def _reachable(paths: Document, schemas: Document) -> Document:
    """Schemas some path needs: what only internal routes use stays inside."""
    wanted, found = set(_references(paths)) | {"Problem"}, set[str]()
    while wanted:
        name = wanted.pop()
        found.add(name)
        wanted |= set(_references(schemas.get(name))) - found
    return {name: schemas[name] for name in sorted(found) if name in schemas}


def _tags(paths: Document) -> list[str]:
    used = (
        tag for item in paths.values() for method in METHODS for tag in item.get(method, {}).get("tags", [])
    )
    return list(dict.fromkeys(used))


class OpenApi:
    """The merged document, fetched when asked for and kept until a service's own may have changed."""

    def __init__(
        self,
        upstreams: Mapping[str, Upstream],
        tree: RouteTree,
        own: Callable[[], Document],
        clock: Callable[[], float],
    ) -> None:
        self._upstreams = upstreams
        self._tree = tree
        self._own = own
        self._clock = clock
        self._documents: dict[str, Document] = {}
        self._ask_after: dict[str, float] = {}
        self._asking = asyncio.Lock()
        self._merged = b""

    async def read(self) -> bytes:
        """The document as JSON; services that cannot be asked are named in `x-missing`."""
        async with self._asking:
            now = self._clock()
            due = [name for name in self._upstreams if self._ask_after.get(name, now) <= now]
            changed = await asyncio.gather(*(self._ask(name, now) for name in due))
            if any(changed) or not self._merged:
                self._merged = self._merge()
            return self._merged

    async def _ask(self, name: str, now: float) -> bool:
        try:
            answer = await self._upstreams[name].fetch("/openapi.json", seconds=FETCH_SECONDS)
            document = orjson.loads(answer.body) if answer.status == 200 else None
        except (Problem, OSError, ValueError):
            document = None
        if not isinstance(document, dict):
            self._ask_after[name] = now + RETRY_SECONDS
            return False
        self._ask_after[name] = now + FRESH_SECONDS
        changed = self._documents.get(name) != document
        self._documents[name] = document
        return changed

    def _merge(self) -> bytes:
        known = {name: self._documents[name] for name in self._upstreams if name in self._documents}
        merged = merge({**known, "gateway": self._own()}, self._tree)
        missing = [name for name in self._upstreams if name not in known]
        if missing:
            merged["x-missing"] = missing
        return orjson.dumps(merged)
