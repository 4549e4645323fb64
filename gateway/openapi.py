"""One OpenAPI document out of five: what each service says of itself, as seen from outside."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import orjson
import structlog

from chassis.principals import ROLES
from chassis.problems import Problem
from gateway.proxy.upstreams import Upstream
from gateway.reference.answers import describe_answers, describe_revalidation
from gateway.reference.bodies import show_bodies
from gateway.reference.fields import describe_fields
from gateway.reference.groups import describe_tags, tag_groups
from gateway.reference.problems import (
    FAULT_SCHEMA,
    PROBLEM_SCHEMA,
    any_problem,
    problem_examples,
    problems_of,
)
from gateway.reference.shape import tidy
from gateway.routes import Route, RouteTree

Document = dict[str, Any]
log = structlog.get_logger()
FETCH_SECONDS = 5.0
# How long a service's document is believed, and how soon one that could not be had is asked for again.
FRESH_SECONDS, RETRY_SECONDS = 60.0, 2.0
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_SCHEMA = "#/components/schemas/"
_FASTAPI_ERRORS = ("HTTPValidationError", "ValidationError")
DESCRIPTION = """The interface of the platform behind a regional governance centre: appeals in, deadlines kept, figures out.

Ask `POST /oauth/token` for a token (client credentials) and send it as `Authorization: Bearer …`. `x-roles` names the
roles an operation admits; operations without it are open. Errors are RFC 9457 problem documents. Lists are read by
`cursor`; POSTs that create something take an `Idempotency-Key`; changes take the version seen in `If-Match`.
Bodies may be packed (`Content-Encoding: gzip`); what they unpack to is what counts. Titles and messages of errors are in
Russian where `Accept-Language` puts it first. `RateLimit-Remaining` says how much may be asked at once.

What becomes public: figures of at least five appeals, and titles of incidents and planned works, which hold nobody's words.
Whoever has a tracking code reads that appeal's number, status, deadline, history and answers, personal data masked. Only
what came over Open311 is public as a text, masked, unless moderation holds it. Originals and applicants are shown to the
organisation that holds the appeal and to coordinators, for a purpose, and every reading is logged."""
_WHOSE: Document = {
    "contact": {"name": "Whoever runs this installation"},
    "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
}


def merge(documents: Mapping[str, Document], tree: RouteTree) -> Document:
    """The documents of the services (by name, in order) as one; only paths that the gateway leads to that service."""
    paths: Document = {}
    schemas: Document = copy.deepcopy({"Problem": PROBLEM_SCHEMA, "Fault": FAULT_SCHEMA})
    for service, original in documents.items():
        document = copy.deepcopy(original)
        added = _schemas_of(document)
        renamed = _rename(document, _collisions(service, added, schemas))
        schemas |= {renamed.get(name, name): schema for name, schema in added.items()}
        for path, item in document.get("paths", {}).items():
            route = tree.find(path)
            if route is not None and service in route.services:
                _add(paths.setdefault(path, {}), _seen_from_outside(path, item, route))
    reachable = _reachable(paths, schemas)
    describe_fields(paths, reachable)
    describe_answers(paths, reachable)
    show_bodies(paths)
    used = _tags(paths)
    merged: Document = {
        "openapi": "3.1.0",
        "info": {"title": "Otklik", "version": "1", "description": DESCRIPTION, **_WHOSE},
        "servers": [{"url": "/"}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": reachable,
            "examples": problem_examples(),
            "securitySchemes": _security_schemes(),
        },
        "tags": describe_tags(used),
        "x-tagGroups": tag_groups(used),
    }
    tidy(merged)
    return merged


def _add(known: Document, item: Document) -> None:
    """A path's operations; one that several services have, each for its own roles, is shown once, for all of these."""
    for method, operation in _operations(item).items():
        others = known.get(method, {}).get("x-roles", ())
        if others:
            operation["x-roles"] = [role for role in ROLES if role in (*others, *operation["x-roles"])]
    known.update(item)


def _security_schemes() -> Document:
    flow = {"tokenUrl": "/oauth/token", "scopes": {}}
    return {
        "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
        "oauth": {"type": "oauth2", "flows": {"clientCredentials": flow}},
    }


def _schemas_of(document: Document) -> Document:
    """The schemas of a service; what the framework would answer errors with is answered by problems."""
    schemas: Document = document.get("components", {}).get("schemas", {})
    return {name: schema for name, schema in schemas.items() if name not in _FASTAPI_ERRORS}


def _seen_from_outside(path: str, item: Document, route: Route) -> Document:
    for method, operation in _operations(item).items():
        needs_token = "x-roles" in operation or not route.open
        operation["security"] = [{"bearer": []}, {"oauth": []}] if needs_token else []
        responses = operation.setdefault("responses", {})
        responses.pop("422", None)
        if method == "get" and route.revalidates(path):
            describe_revalidation(operation)
        responses |= problems_of(f"{method.upper()} {path}", operation, route) | responses
        responses["default"] = any_problem()
    return item


def _operations(item: Document) -> Document:
    """The operations of a path, by method."""
    return {method: item[method] for method in METHODS if method in item}


def _collisions(service: str, added: Document, taken: Document) -> dict[str, str]:
    """New names for schemas whose name is taken by a different one, and for those that refer to such schemas."""
    renamed = {name for name in added.keys() & taken.keys() if added[name] != taken[name]}
    same = added.keys() & taken.keys() - renamed
    while more := {name for name in same - renamed if renamed & _references(added[name])}:
        renamed |= more
    return {name: f"{service.capitalize()}{name}" for name in renamed}


def _objects(node: object) -> Iterator[Document]:
    """Every object in a piece of a document, however deep."""
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from _objects(value)
    elif isinstance(node, list):
        for value in node:
            yield from _objects(value)


def _references(node: object) -> set[str]:
    """Names of the schemas a piece of a document refers to."""
    targets = (each.get("$ref") for each in _objects(node))
    return {
        target.removeprefix(_SCHEMA)
        for target in targets
        if isinstance(target, str) and target.startswith(_SCHEMA)
    }


def _rename(document: Document, names: Mapping[str, str]) -> Mapping[str, str]:
    """Let a document refer to schemas by their new names, which are given back."""
    targets = {_SCHEMA + old: _SCHEMA + new for old, new in names.items()}
    for each in _objects(document) if targets else ():
        if each.get("$ref") in targets:
            each["$ref"] = targets[each["$ref"]]
        mapping = each.get("discriminator", {}).get("mapping", {})
        mapping.update({key: targets[value] for key, value in mapping.items() if value in targets})
    return names


def _reachable(paths: Document, schemas: Document) -> Document:
    """Schemas some path needs: what only internal routes use stays inside."""
    wanted, found = _references(paths), set[str]()
    while wanted:
        name = wanted.pop()
        found.add(name)
        wanted |= _references(schemas.get(name)) - found
    return {name: schemas[name] for name in sorted(found & schemas.keys())}


def _tags(paths: Document) -> list[str]:
    used = (
        tag for item in paths.values() for each in _operations(item).values() for tag in each.get("tags", [])
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
        """Ask one service; whether its document has changed."""
        document = await _fetch(self._upstreams[name])
        if document is None:
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


async def _fetch(upstream: Upstream) -> Document | None:
    """What a service says of itself; None while it says nothing that can be read."""
    try:
        answer = await upstream.fetch("/openapi.json", seconds=FETCH_SECONDS)
        document = orjson.loads(answer.body)
    except (Problem, OSError, ValueError):
        return None
    return document if answer.status == 200 and isinstance(document, dict) else None
