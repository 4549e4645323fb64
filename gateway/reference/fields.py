"""What every field means, by its name (`contracts/fields.csv`). Words that stand in a document are never replaced."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final
from uuid import UUID

import orjson

from contracts.fields import FIELDS
from gateway.reference.document import JSON, Document, operations_of

# What shows a value already, or is one by what it is.
_SPEAKING: Final = ("example", "examples", "enum", "const", "$ref", "properties")
_NOTHING: Final = "null"  # of what is always null
_KINDS: Final[Mapping[str, tuple[type, ...]]] = {
    "integer": (int,),
    "number": (int, float),
    "object": (dict,),
    "array": (list,),
}


def describe_fields(paths: Document, schemas: Document) -> None:
    """Give parameters and properties the description and the example of their name, and bodies that of their schema."""
    for name, schema in schemas.items():
        _describe_properties(name, schema)
    for operation in operations_of(paths):
        for parameter in operation.get("parameters", ()):
            _describe(parameter, (parameter["name"],))
        if body := operation.get("requestBody"):
            body.setdefault("description", _meaning_of_body(body, schemas))
            for content in body["content"].values():
                _describe_properties("", content.get("schema", {}))
                _describe_properties("", content.get("x-line", {}))


def _describe_properties(name: str, schema: Document) -> None:
    for field, described in schema.get("properties", {}).items():
        _describe(described, (f"{name}.{field}", field))
        _describe_properties(f"{name}.{field}", alternative(described))


def _describe(described: Document, names: Iterable[str]) -> None:
    found = next((FIELDS[name] for name in names if name in FIELDS), None)
    if found is None:
        return
    described.setdefault("description", found.description)
    schema = described.get("schema", described)
    if found.example and not _shows_a_value(schema):
        example = _example(found.example, alternative(schema))
        if example is not None or found.example == _NOTHING:
            schema["examples"] = [example]


def _shows_a_value(schema: Document) -> bool:
    return (
        any(name in schema for name in _SPEAKING)
        or schema.get("type") == "boolean"
        or schema.get("default") not in (None, "", [], {})
        or any(_shows_a_value(each) for each in schema.get("anyOf", ()))
        or ("items" in schema and _shows_a_value(schema["items"]))
    )


def alternative(schema: Document) -> Document:
    """What it is where it is not null."""
    return next((each for each in schema.get("anyOf", ()) if each.get("type") != "null"), schema)


def _example(text: str, schema: Document) -> Any:
    """A text as a value of that schema; None where it is none."""
    kind = schema.get("type", "")
    if text == _NOTHING:
        return None
    if kind == "string":
        return _formatted(text, schema.get("format", ""))
    if kind == "array" and not text.startswith("["):
        item = _example(text, schema.get("items", {}))
        return None if item is None else [item]
    if kind not in _KINDS:
        return text
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, _KINDS[kind]) else None


def _formatted(text: str, form: str) -> str | None:
    """A moment as a day and a day as its first moment, where the schema asks for the other; None for what is neither."""
    try:
        if form == "date-time":
            return text if "T" in text else f"{date.fromisoformat(text)}T00:00:00+03:00"
        if form == "date":
            return date.fromisoformat(text.partition("T")[0]).isoformat()
        if form == "uuid":
            return str(UUID(text))
    except ValueError:
        return None
    return text


def _meaning_of_body(body: Document, schemas: Document) -> str:
    schema = body["content"].get(JSON, {}).get("schema", {})
    name = alternative(schema).get("$ref", "").rpartition("/")[2]
    return str(schemas.get(name, {}).get("description", "What is sent."))
