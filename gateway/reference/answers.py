"""What answers mean and look like: every success is described, and every schema it has shows a whole example."""

from __future__ import annotations

from typing import Any, Final

from gateway.reference.document import JSON, Document, operations_of
from gateway.reference.fields import alternative

_SCHEMA: Final = "#/components/schemas/"
_WORDLESS: Final = ("", "Successful Response")
_BARE: Final = {
    "204": "Done; there is nothing to read.",
    "302": "`Location` is a link to the file that is good for five minutes.",
}
_DEEPEST: Final = 14  # what holds itself ends here
_BY_FORMAT: Final = {
    "date-time": "2026-11-29T09:43:18+03:00",
    "date": "2026-11-29",
    "uuid": "01a2259d-592f-7000-8000-000000000001",
}
_BY_TYPE: Final[Document] = {"boolean": True, "integer": 1, "number": 0.8, "string": "…", "null": None}
_REQUEST_ID: Final = {
    "X-Request-ID": {
        "description": "The request's name in our logs: the one that was sent, or a new one.",
        "schema": {"type": "string", "examples": ["01a2259d592f"]},
    }
}
_RATE: Final = {
    "RateLimit-Limit": "Requests a minute that the caller may send.",
    "RateLimit-Remaining": "How many of them may come at once now.",
    "RateLimit-Reset": "Seconds until the whole limit may.",
}
_LEFT: Final = {
    name: {"description": words, "schema": {"type": "integer", "examples": [600]}}
    for name, words in _RATE.items()
}
_OF_STATUS: Final[Document] = {
    "302": {"Location": {"description": "Where the file is.", "schema": {"type": "string", "format": "uri"}}},
}
_OF_PARAMETERS: Final[Document] = {
    "Idempotency-Key": {
        "Idempotent-Replayed": {
            "description": "`true` where this is the first answer to the same request, given again.",
            "schema": {"type": "string", "enum": ["true"]},
        }
    },
    "If-None-Match": {
        "ETag": {
            "description": "Names what was read; sent back in `If-None-Match`.",
            "schema": {"type": "string", "examples": ['"5f0c2b7d1e9a"']},
        }
    },
}


def describe_answers(paths: Document, schemas: Document) -> None:
    """Give every answer that is no problem its description, headers and, by its schema, an example."""
    for operation in operations_of(paths):
        named = {each["name"] for each in operation.get("parameters", ())}
        for status, response in operation["responses"].items():
            if not status.startswith(("2", "3")):
                continue
            if response.get("description", "") in _WORDLESS:
                response["description"] = _meaning(status, response, schemas)
            counts = _LEFT if "429" in operation["responses"] else {}
            response["headers"] = {**_headers(status, named), **counts, **response.get("headers", {})}
            for name in _schemas_of(response):
                if "examples" not in schemas[name]:
                    schemas[name]["examples"] = [example_of(schemas[name], schemas)]


def describe_revalidation(operation: Document) -> None:
    """What a list is read again with, and what is answered where it has not changed."""
    parameter = {"name": "If-None-Match", "in": "header", "required": False, "schema": {"type": "string"}}
    operation["parameters"] = [*operation.get("parameters", ()), parameter]
    operation["responses"]["304"] = {"description": "It is as it was when that `ETag` was read."}


def _headers(status: str, named: set[str]) -> Document:
    found = {**_REQUEST_ID, **_OF_STATUS.get(status, {})}
    for parameter, headers in _OF_PARAMETERS.items():
        found |= headers if parameter in named else {}
    return found


def _meaning(status: str, response: Document, schemas: Document) -> str:
    found = [str(schemas[name].get("description", "")) for name in _schemas_of(response)]
    return found[0] if found and found[0] else _BARE.get(status, "What was asked for.")


def _schemas_of(response: Document) -> list[str]:
    """The schemas an answer in JSON may have, by name: the first of them is the usual one."""
    schema = response.get("content", {}).get(JSON, {}).get("schema", {})
    some = schema.get("anyOf", [schema.get("items", schema)])
    return [each["$ref"].removeprefix(_SCHEMA) for each in some if "$ref" in each]


def example_of(schema: Document, schemas: Document, depth: int = 0) -> Any:
    """A value that the schema allows, made of the examples of its parts."""
    for given in ("examples", "enum"):
        if schema.get(given):
            return schema[given][0]
    if "const" in schema:
        return schema["const"]
    if "$ref" in schema:
        return example_of(schemas[schema["$ref"].removeprefix(_SCHEMA)], schemas, depth + 1)
    if schema.get("anyOf") or schema.get("oneOf"):
        return example_of(_first(schema), schemas, depth)
    if schema.get("type") == "object" or "properties" in schema:
        return _object(schema, schemas, depth)
    if schema.get("type") == "array":
        return _array(schema, schemas, depth)
    return _scalar(schema)


def _first(schema: Document) -> Document:
    found: Document = alternative(schema) if "anyOf" in schema else schema["oneOf"][0]
    return found


def _object(schema: Document, schemas: Document, depth: int) -> Any:
    if depth > _DEEPEST:
        return {}
    shown = {
        name: example_of(each, schemas, depth + 1) for name, each in schema.get("properties", {}).items()
    }
    others = schema.get("additionalProperties")
    if not shown and isinstance(others, dict):
        return {"…": example_of(others, schemas, depth + 1)}
    return shown


def _array(schema: Document, schemas: Document, depth: int) -> Any:
    if "prefixItems" in schema:
        return [example_of(each, schemas, depth + 1) for each in schema["prefixItems"]]
    if depth > _DEEPEST:
        return []
    return [example_of(schema.get("items", {}), schemas, depth + 1)] * max(1, schema.get("minItems", 1))


def _scalar(schema: Document) -> Any:
    if schema.get("default") is not None:
        return schema["default"]
    if schema.get("format") in _BY_FORMAT:
        return _BY_FORMAT[schema["format"]]
    return schema.get("minimum", _BY_TYPE.get(schema.get("type", ""), {}))
