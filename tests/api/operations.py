"""The operations of a service as its OpenAPI document has them, and requests made out of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from harness.tokens import TokenMint
from infra.published import document_of
from services.intake.registration.rules.codes import LENGTH, make_code

Schema = dict[str, Any]
JSON = "application/json"
# RFC 6749 §3.2: a server ignores parameters of a token request that it does not know; so does GeoReport. What social networks
# send grows as they please.
IGNORES_UNKNOWN = ("/oauth/token", "/open311/", "/channels/{network}/{connection_id}")
_SCHEMAS = "#/components/schemas/"


@dataclass(frozen=True)
class Operation:
    """One method of one path."""

    document: Schema
    path: str
    method: str

    @property
    def described(self) -> Schema:
        found: Schema = self.document["paths"][self.path][self.method.lower()]
        return found

    @property
    def query(self) -> list[str]:
        """Names of its query parameters."""
        return [each["name"] for each in self.described.get("parameters", ()) if each["in"] == "query"]

    @property
    def body(self) -> Schema | None:
        """The schema of its JSON body."""
        content = self.described.get("requestBody", {}).get("content", {})
        return self.resolve(content[JSON]["schema"]) if JSON in content else None

    @property
    def media_types(self) -> set[str]:
        """Of the bodies it takes."""
        return set(self.described.get("requestBody", {}).get("content", {}))

    @property
    def is_ndjson(self) -> bool:
        return "application/x-ndjson" in self.described.get("requestBody", {}).get("content", {})

    def resolve(self, schema: Schema) -> Schema:
        """The object behind references, lists and what may be null."""
        if "$ref" in schema:
            return self.resolve(self.document["components"]["schemas"][schema["$ref"].removeprefix(_SCHEMAS)])
        objects = [self.resolve(each) for each in schema.get("anyOf", ())]
        return next((each for each in objects if each.get("type") in ("object", "array")), schema)

    def address(self) -> str:
        """The path with something well-formed in its places."""
        known = {"region": "46", "code": make_code(bytes(LENGTH))}
        return re.sub(r"\{(\w+)\}", lambda place: known.get(place[1], str(uuid4())), self.path)

    def headers(self, mint: TokenMint) -> dict[str, str]:
        """Of somebody who may call it, with a version that is sent where one is asked for."""
        headers = {"If-Match": "0"}
        roles = self.described.get("x-roles", ())
        if roles:
            role = roles[0]
            regions = ["*"] if role == "admin" else ["46"]
            headers |= mint.headers(role, regions, uuid4() if role == "agency" else None)
        return headers

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def operations_of(document: Schema) -> list[Operation]:
    """All of them, in the order of the document."""
    return [
        Operation(document, path, method.upper())
        for path, item in document["paths"].items()
        if not path.startswith(IGNORES_UNKNOWN)
        for method in item
    ]


def operations_in(part: str) -> list[Operation]:
    """The operations of a part that need not run for it."""
    return operations_of(document_of(part))


def objects_in(
    operation: Operation, schema: Schema, place: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Schema]]:
    """Every object a body may hold, and where: names of fields, `0` for the first of a list."""
    schema = operation.resolve(schema)
    if schema.get("type") == "array":
        yield from objects_in(operation, schema.get("items", {}), (*place, "0"))
    elif "properties" in schema or schema.get("type") == "object":
        yield place, schema
        for name, each in schema.get("properties", {}).items():
            yield from objects_in(operation, each, (*place, name))


def put_at(place: tuple[str, ...], value: Any) -> Any:
    """A body with `value` at a place and nothing else."""
    for part in reversed(place):
        value = [value] if part == "0" else {part: value}
    return value
