"""Whether the reference says enough: every operation, parameter, property, body and answer has a description and an example,
and every operation names its problems, each with an example.

`python -m tests.api.reference --check` compares with `tests/house/exceptions/reference.txt`, which may only shrink.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator

from infra.published import published_document
from tests.api.operations import JSON, Operation, Schema, operations_of
from tests.house.ratchet import Ratchet

GAPS = Ratchet("reference")
PROBLEM = "application/problem+json"
_REF = "#/components/schemas/"


def gaps_in(operations: list[Operation]) -> Iterator[str]:
    """What a document lacks, by operation and by schema."""
    for operation in operations:
        if not operation.described.get("description"):
            yield f"{operation}: description"
        yield from _gaps_of_answers(operation)
        yield from _gaps_of_parameters(operation)
        yield from _gaps_of_body(operation)
        yield from _gaps_of_problems(operation)
    if operations:
        schemas = operations[0].document.get("components", {}).get("schemas", {})
        for name, schema in schemas.items():
            yield from _gaps_of_schema(name, schema, schemas)


def _gaps_of_parameters(operation: Operation) -> Iterator[str]:
    for parameter in operation.described.get("parameters", ()):
        place = f"{operation} {parameter['in']} {parameter['name']}"
        if not parameter.get("description"):
            yield f"{place}: description"
        schema = parameter.get("schema", {})
        if not _shows_a_value(parameter) and not _has_example(
            schema, operation.document["components"]["schemas"]
        ):
            yield f"{place}: example"


def _gaps_of_body(operation: Operation) -> Iterator[str]:
    body = operation.described.get("requestBody")
    if body is None:
        return
    schemas = operation.document["components"]["schemas"]
    for kind, content in body["content"].items():
        schema = content.get("schema", {})
        if not body.get("description") and not _resolved(schema, schemas).get("description"):
            yield f"{operation} body {kind}: description"
        yield from _gaps_of_schema(f"{operation} body", schema, schemas)
        if not ("example" in content or schema.get("examples")):
            yield f"{operation} body {kind}: example"


def _gaps_of_answers(operation: Operation) -> Iterator[str]:
    """Of what is no problem: a description of its own, and in JSON an example of the whole."""
    schemas = operation.document["components"]["schemas"]
    for status, response in operation.described["responses"].items():
        if not status.startswith(("2", "3")):
            continue
        if response.get("description", "") in ("", "Successful Response"):
            yield f"{operation} {status}: description"
        schema = response.get("content", {}).get(JSON, {}).get("schema")
        if schema is None:
            continue
        some = schema.get("anyOf", [schema.get("items", schema)])
        if not all(_resolved(each, schemas).get("examples") for each in some):
            yield f"{operation} {status}: example"


def _gaps_of_problems(operation: Operation) -> Iterator[str]:
    refusals = {
        status: response.get("content", {})
        for status, response in operation.described["responses"].items()
        if status.startswith("4")
    }
    if not refusals:
        yield f"{operation}: names no problem"
    for status, content in refusals.items():
        if PROBLEM not in content and not operation.path.startswith(("/open311/", "/oauth/")):
            yield f"{operation} {status}: is no problem document"
        elif PROBLEM in content and not content[PROBLEM].get("examples"):
            yield f"{operation} {status}: example"


def _gaps_of_schema(name: str, schema: Schema, schemas: dict[str, Schema]) -> Iterator[str]:
    for field, described in schema.get("properties", {}).items():
        if not described.get("description") and not _resolved(described, schemas).get("description"):
            yield f"{name}.{field}: description"
        if not _has_example(described, schemas):
            yield f"{name}.{field}: example"
        yield from _gaps_of_schema(f"{name}.{field}", _alternative(described), schemas)


def _resolved(schema: Schema, schemas: dict[str, Schema]) -> Schema:
    """What a reference stands for, alone or beside null."""
    if "$ref" in schema:
        return schemas[schema["$ref"].removeprefix(_REF)]
    alternative = _alternative(schema)
    return schema if alternative is schema else _resolved(alternative, schemas)


def _alternative(schema: Schema) -> Schema:
    """What it is where it is not null."""
    return next((each for each in schema.get("anyOf", ()) if each.get("type") != "null"), schema)


def _shows_a_value(schema: Schema) -> bool:
    """Whether it has an example, or is one by what it is."""
    return any(schema.get(name) for name in ("example", "examples", "enum")) or (
        "const" in schema
        or schema.get("type") == "boolean"
        or schema.get("default") not in (None, "", [], {})
    )


def _has_example(schema: Schema, schemas: dict[str, Schema]) -> bool:
    """Whether a reader sees what it looks like: itself, in its items, or, of an object of ours, in its own properties,
    which are asked for one by one."""
    if _shows_a_value(schema) or "$ref" in schema or "properties" in schema:
        return True
    if any(_has_example(each, schemas) for each in schema.get("anyOf", ()) if each.get("type") != "null"):
        return True
    return schema.get("type") == "array" and _has_example(schema.get("items", {}), schemas)


def published() -> list[Operation]:
    """Of all services and the gateway, as the gateway publishes them in one document."""
    return operations_of(published_document())


def all_gaps() -> set[str]:
    """What the published reference lacks."""
    return set(gaps_in(published()))


def main() -> int:
    """1 when something new is not described, or something described is still listed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare with the list")
    parser.add_argument("--shrink", action="store_true", help="take out of the list what is described now")
    asked = parser.parse_args()
    found = all_gaps()
    if asked.shrink:
        GAPS.shrink(found)
    if asked.check:
        complaints = GAPS.complaints(found)
        sys.stderr.writelines(f"{line}\n" for line in complaints)
        return 1 if complaints else 0
    sys.stdout.write(f"{len(found)} gaps in the reference\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
