"""The document as the generator needs it: operations by group, and schemas that all have a name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from infra.client_code.naming import class_name, method_names
from infra.client_code.types import REFERENCE, Schema, name_of

JSON: Final = "application/json"
NDJSON: Final = "application/x-ndjson"
# What the reference shows in place, for its service reads the request itself.
_NAMES: Final = {
    "intake_submit_appeal": "NewAppeal",
    "intake_submit_batch": "NewAppeal",
    "intake_import_cases": "LegacyCase",
    "intake_send_form": "FormAppeal",
}
# Where the document says "an object", and means this.
_MEANT: Final = {("BatchLine", "problem"): "Problem"}
# Problems that any operation may answer with, or that the client sees to: they are not said of each.
_COMMON: Final = frozenset(
    (
        *("bad-request", "forbidden", "internal", "invalid", "not-found", "overloaded", "too-large"),
        *("too-many-requests", "unauthorised", "unavailable", "unsupported-encoding", "upstream-timeout"),
        *("bad-cursor", "bad-gzip", "idempotency-key-reused", "malformed-json", "not-utf-8"),
        *("same-key-in-progress", "unsupported-media-type", "version-required"),
    )
)


@dataclass(frozen=True)
class Operation:
    """One method of one path."""

    name: str
    method: str
    path: str
    described: Schema

    @property
    def tag(self) -> str:
        """The group it belongs to."""
        return str(self.described["tags"][0])

    @property
    def parameters(self) -> list[Schema]:
        found: list[Schema] = self.described.get("parameters", [])
        return found

    def takes(self, header: str) -> bool:
        """Whether this header means something to it."""
        return any(
            each["in"] == "header" and each["name"].lower() == header.lower() for each in self.parameters
        )

    @property
    def body(self) -> tuple[str, Schema] | None:
        """Media type and schema of what is sent; JSON where there is a choice."""
        content = self.described.get("requestBody", {}).get("content", {})
        return _first(content)

    @property
    def line(self) -> Schema:
        """The schema of a line, where the body has several."""
        found: Schema = self.described["requestBody"]["content"][NDJSON]["x-line"]
        return found

    @property
    def answers(self) -> dict[str, Schema]:
        """Schemas of successful answers by media type."""
        return {
            kind: each.get("schema", {})
            for status, response in self.described["responses"].items()
            if status.startswith("2")
            for kind, each in response.get("content", {}).items()
        }

    @property
    def statuses(self) -> set[str]:
        """Of answers that are no problem."""
        return {status for status in self.described["responses"] if status[0] in "23"}

    @property
    def problems(self) -> list[str]:
        """Slugs of those that are its own, neither everybody's nor what the client sees to."""
        found = {
            slug
            for status, response in self.described["responses"].items()
            if status.startswith(("4", "5"))
            for content in response.get("content", {}).values()
            for slug in content.get("examples", {})
        }
        return sorted(found - _COMMON)


def _first(content: dict[str, Any]) -> tuple[str, Schema] | None:
    for kind in sorted(content, key=lambda each: each != JSON):
        return kind, content[kind].get("schema", {})
    return None


class Document:
    """Read once; schemas that stand in place get names."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.schemas: dict[str, Schema] = dict(document["components"]["schemas"])
        self._document = document
        for model, field in _MEANT:
            self.schemas[model]["properties"][field] |= {
                "anyOf": [{"$ref": f"{REFERENCE}{_MEANT[model, field]}"}, {"type": "null"}]
            }
        for _, _, described in self._described():
            self._name_body(described)

    @property
    def tags(self) -> dict[str, str]:
        """Description by tag, in the order of the reference."""
        return {each["name"]: each.get("description", "") for each in self._document["tags"]}

    @cached_property
    def operations(self) -> list[Operation]:
        """All of them."""
        found = list(self._described())
        ids: dict[str, list[str]] = {}
        for _, _, described in found:
            ids.setdefault(described["tags"][0], []).append(described["operationId"])
        names = {each: name for group in ids.values() for each, name in method_names(group).items()}
        return [
            Operation(names[described["operationId"]], method, path, described)
            for method, path, described in found
        ]

    def used_by(self, schema: object) -> set[str]:
        """Names of all schemas that one refers to, however deep."""
        found: set[str] = set()
        wanted = set(_references(schema))
        while wanted:
            name = wanted.pop()
            found.add(name)
            wanted |= set(_references(self.schemas[name])) - found
        return found

    def _described(self) -> Iterator[tuple[str, str, Schema]]:
        for path, item in self._document["paths"].items():
            for method, described in item.items():
                yield method.upper(), path, described

    def _name_body(self, described: Schema) -> None:
        """An object that is shown in place, as a schema with a name; also that of a line."""
        for kind, content in described.get("requestBody", {}).get("content", {}).items():
            place = "schema" if kind == JSON else "x-line"
            if "properties" in content.get(place, {}):
                name = _NAMES[described["operationId"]]
                self._keep(name, content[place])
                content[place] = {"$ref": REFERENCE + name}

    def _keep(self, name: str, schema: Schema) -> None:
        self.schemas[name] = schema
        for field, each in schema["properties"].items():
            schema["properties"][field] = self._with_names(each, name, field)

    def _with_names(self, schema: Schema, parent: str, field: str) -> Schema:
        """The same, with references where objects stood."""
        if "properties" in schema:
            name = class_name(field)
            if self.schemas.get(name, schema) != schema:
                name = class_name(parent, field)
            self._keep(name, schema)
            return {
                "$ref": REFERENCE + name,
                **{key: schema[key] for key in ("description",) if key in schema},
            }
        if "anyOf" in schema:
            return {**schema, "anyOf": [self._with_names(each, parent, field) for each in schema["anyOf"]]}
        return schema


def _references(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str) and node["$ref"].startswith(REFERENCE):
            yield name_of(node)
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)
