"""The form of the published document: what generators of clients and linters stumble over is put right in one place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from gateway.reference.document import Document

# A schema's own words, which may hold anything.
_VALUES: Final = frozenset({"examples", "example", "default", "enum", "const"})


def tidy(document: Document) -> None:
    """Titles are the names of schemas and nothing else, positions say what they hold, versions are asked for."""
    schemas = document["components"]["schemas"]
    for each in _schemas_in([document["paths"], schemas]):
        each.pop("title", None)
        if "prefixItems" in each and "items" not in each:
            each["items"] = each["prefixItems"][0]
    for name, schema in schemas.items():
        schema["title"] = name
    for item in document["paths"].values():
        for operation in item.values():
            for parameter in operation.get("parameters", ()):
                _require_version(parameter)


def _require_version(parameter: Document) -> None:
    """Where a version is taken it is needed: without it the answer is 428."""
    if parameter["name"] == "If-Match":
        parameter["required"] = True
        parameter["schema"] = {"type": "string", "maxLength": 64, "examples": ["3"]}


def _schemas_in(node: object) -> Iterator[Document]:
    """Every object of a document that is no value of an example and no list of fields."""
    if isinstance(node, list):
        for each in node:
            yield from _schemas_in(each)
    elif isinstance(node, dict):
        if isinstance(node.get("title"), str) or "prefixItems" in node:
            yield node
        for name, value in node.items():
            if name == "properties" and isinstance(value, dict):
                yield from _schemas_in(list(value.values()))
            elif name not in _VALUES:
                yield from _schemas_in(value)
