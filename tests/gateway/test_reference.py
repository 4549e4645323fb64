"""What the published reference says: the meaning of every field, and the problems of every operation."""

from __future__ import annotations

import copy
import csv
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

import contracts.fields
from contracts.fields import FIELDS
from contracts.problems import EXPLANATIONS
from gateway.reference.answers import describe_answers, example_of
from gateway.reference.bodies import BODIES
from gateway.reference.fields import describe_fields
from gateway.reference.groups import TAGS
from gateway.reference.problems import _OF_OPERATIONS, problems_of
from gateway.reference.shape import tidy
from gateway.routes import Route
from tests.api.operations import Operation
from tests.api.reference import published

FORMATS = FormatChecker(["date", "uuid"])


@FORMATS.checks("date-time", raises=ValueError)
def is_an_instant(value: object) -> bool:
    """RFC 3339: with an offset."""
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


OPEN, LIMITED = Route("/x", "intake", open=True, limit="none"), Route("/x", "intake")


@pytest.fixture(scope="module")
def operations() -> list[Operation]:
    """Of the whole document."""
    return published()


def test_a_field_is_described_by_its_name_and_its_own_words_stay() -> None:
    schemas: dict[str, Any] = {
        "Place": {
            "properties": {
                "region": {"type": "string"},
                "lat": {"type": "number", "description": "Own words.", "examples": [1.5]},
                "regions": {"type": "array", "items": {"type": "string"}},
                "cycle": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
                "nothing_known": {"type": "string"},
            }
        }
    }
    before = copy.deepcopy(schemas["Place"]["properties"])
    describe_fields({}, schemas)
    after = schemas["Place"]["properties"]
    assert after["region"] == {
        "type": "string",
        "description": FIELDS["region"].description,
        "examples": ["46"],
    }
    assert after["lat"] == before["lat"]
    assert after["regions"]["examples"] == [["46"]]
    assert after["cycle"]["examples"] == [1]
    assert after["nothing_known"] == before["nothing_known"]


def test_a_schema_may_have_a_meaning_of_its_own() -> None:
    schemas: dict[str, Any] = {
        name: {"properties": {"name": {}}} for name in ("ApplicantFields", "TopicView")
    }
    describe_fields({}, schemas)
    applicant, topic = (schema["properties"]["name"]["description"] for schema in schemas.values())
    assert applicant == FIELDS["ApplicantFields.name"].description != topic


def test_an_example_of_another_kind_is_none() -> None:
    """A name may stand for a number here and for a list there; what does not fit is not shown."""
    schemas: dict[str, Any] = {
        "X": {
            "properties": {
                "number": {"type": "integer"},
                "counts": {"type": "array", "items": {"type": "integer"}},
            }
        }
    }
    describe_fields({}, schemas)
    assert all("examples" not in described for described in schemas["X"]["properties"].values())


def test_problems_follow_from_what_is_asked_with() -> None:
    away = {"500", "503", "504"}
    assert set(problems_of("GET /x", {}, OPEN)) == {"400"} | away
    asked: dict[str, Any] = {
        "security": [{"bearer": []}],
        "parameters": [
            {"name": "id", "in": "path"},
            {"name": "cursor", "in": "query"},
            {"name": "If-Match", "in": "header"},
        ],
        "requestBody": {"content": {"application/json": {}}},
    }
    found = problems_of("PUT /x", asked, LIMITED)
    assert set(found) == {"400", "401", "403", "404", "412", "413", "415", "422", "428", "429"} | away
    assert set(found["412"]["content"]["application/problem+json"]["examples"]) == {"version-stale"}
    assert "`bad-cursor`: This cursor was not issued here." in found["400"]["description"]


def test_every_operation_names_problems_that_are_explained(operations: list[Operation]) -> None:
    for operation in operations:
        refusals = {status for status in operation.described["responses"] if status.startswith("4")}
        assert refusals, operation
    assert {slug for some in _OF_OPERATIONS.values() for slug in some} <= set(EXPLANATIONS)
    assert set(_OF_OPERATIONS) <= {str(operation) for operation in operations}, (
        "no operation that is not there"
    )


def test_no_meaning_is_left_over(operations: list[Operation]) -> None:
    """A row that no field and no parameter has is dead."""
    document = operations[0].document
    used = {
        name
        for schema, described in document["components"]["schemas"].items()
        for field in described.get("properties", {})
        for name in (field, f"{schema}.{field}")
    }
    used |= {each["name"] for operation in operations for each in operation.described.get("parameters", ())}
    bodies = [operation.described.get("requestBody", {}).get("content", {}) for operation in operations]
    used |= {
        field
        for body in bodies
        for each in body.values()
        for field in each.get("schema", {}).get("properties", {})
    }
    assert set(FIELDS) - used == set()


def test_every_example_is_what_its_schema_allows(operations: list[Operation]) -> None:
    document = operations[0].document
    shown = list(shown_schemas(document))
    wrong = [
        f"{place}: {error.message}"
        for place, schema, examples in shown
        for example in examples
        for error in Draft202012Validator(
            {**schema, "components": document["components"]}, format_checker=FORMATS
        ).iter_errors(example)
    ]
    assert wrong == []
    assert len(shown) > 2500


def shown_schemas(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], list[Any]]]:
    """Whatever may carry an example, and its examples: schemas, their properties, parameters, bodies, problems."""
    components = document["components"]
    for name, schema in components["schemas"].items():
        yield name, schema, schema.get("examples", [])
        for field, described in schema.get("properties", {}).items():
            yield f"{name}.{field}", described, described.get("examples", [])
    for path, item in document["paths"].items():
        for operation in item.values():
            for parameter in operation.get("parameters", ()):
                schema = parameter.get("schema", {})
                yield f"{path} {parameter['name']}", schema, schema.get("examples", [])
            for content in operation.get("requestBody", {}).get("content", {}).values():
                yield (
                    f"{path} body",
                    content["schema"],
                    [content[name] for name in content if name == "example"],
                )
    for name, example in components["examples"].items():
        yield name, components["schemas"]["Problem"], [example["value"]]


def test_every_conflict_is_named_by_an_operation_that_may_answer_it(operations: list[Operation]) -> None:
    """A slug that no operation names is one that nobody finds in the reference."""
    named = {
        slug
        for operation in operations
        for status, response in operation.described["responses"].items()
        if status == "409"
        for slug in re.findall(r"`([a-z-]+)`", response["description"])
    }
    assert named == {each.slug for each in EXPLANATIONS.values() if each.status == 409}


def test_what_generators_stumble_over(operations: list[Operation]) -> None:
    """Names that hide each other, lists of nothing, versions that seem to be optional, lines that seem to be JSON."""
    document = operations[0].document
    schemas = document["components"]["schemas"]
    assert all(schema["title"] == name for name, schema in schemas.items())
    for name, schema in schemas.items():
        snake = re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
        assert snake not in schema.get("properties", {}), f"{name}: a client's class hides its own field"
    identities = [each.described["operationId"] for each in operations]
    assert len(set(identities)) == len(identities)
    versions = [
        parameter
        for operation in operations
        for parameter in operation.described.get("parameters", ())
        if parameter["name"] == "If-Match"
    ]
    assert len(versions) > 40
    assert all(each["required"] and each["schema"]["type"] == "string" for each in versions)
    for each in objects_below(document["paths"], schemas):
        assert each.get("type") != "array" or "items" in each
    lines = [each for each in operations if each.is_ndjson]
    assert len(lines) == 2
    for operation in lines:
        assert set(operation.described["responses"]["200"]["content"]) == {"application/x-ndjson"}


def objects_below(*nodes: Any) -> Iterator[dict[str, Any]]:
    for node in nodes:
        if isinstance(node, dict):
            yield node
        yield from objects_below(
            *(node.values() if isinstance(node, dict) else node if isinstance(node, list) else ())
        )


def test_operations_are_gathered_by_who_needs_them(operations: list[Operation]) -> None:
    document = operations[0].document
    used = {tag for operation in operations for tag in operation.described["tags"]}
    described = {each["name"] for each in document["tags"] if each["description"]}
    assert used <= described == set(TAGS)
    grouped = [tag for group in document["x-tagGroups"] for tag in group["tags"]]
    assert sorted(grouped) == sorted(TAGS)
    of_operators = {str(each) for each in operations if each.path.startswith("/api/v1/operations")}
    assert of_operators == {str(each) for each in operations if "operations" in each.described["tags"]}


def test_no_body_is_left_over(operations: list[Operation]) -> None:
    found = {
        f"{method.upper()} {path}"
        for path, item in operations[0].document["paths"].items()
        for method, operation in item.items()
        if "requestBody" in operation
    }
    assert set(BODIES) <= found


def test_a_whole_example_is_made_of_its_parts() -> None:
    schemas: dict[str, Any] = {
        "Page": {
            "description": "A page.",
            "properties": {
                "items": {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}},
                "next_cursor": {"anyOf": [{"type": "string", "examples": ["abc"]}, {"type": "null"}]},
            },
        },
        "Thing": {
            "properties": {
                "kind": {"enum": ["a", "b"]},
                "of": {"$ref": "#/components/schemas/Thing"},
                "at": {"type": "array", "prefixItems": [{"type": "number"}, {"type": "number"}]},
                "count": {"type": "integer", "minimum": 3},
            }
        },
    }
    page = example_of(schemas["Page"], schemas)
    assert page["next_cursor"] == "abc"
    assert page["items"][0]["kind"] == "a"
    assert page["items"][0]["at"] == [0.8, 0.8]
    assert page["items"][0]["of"]["count"] == 3
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Page"}}}
    answer: dict[str, Any] = {"description": "Successful Response", "content": content}
    paths: dict[str, Any] = {"/x": {"get": {"responses": {"200": answer, "204": {"description": ""}}}}}
    describe_answers(paths, schemas)
    assert answer["description"] == "A page."
    assert schemas["Page"]["examples"] == [page]
    assert paths["/x"]["get"]["responses"]["204"]["description"]


def test_a_field_that_is_called_as_a_word_of_schemas_is_tidied_too() -> None:
    inner = {"title": "Title", "properties": {"examples": {"title": "Examples", "type": "string"}}}
    document: dict[str, Any] = {
        "paths": {},
        "components": {"schemas": {"X": {"properties": {"title": inner}}}},
    }
    tidy(document)
    assert document["components"]["schemas"] == {
        "X": {"title": "X", "properties": {"title": {"properties": {"examples": {"type": "string"}}}}}
    }


def test_each_field_is_described_in_one_row() -> None:
    """Schemas first, then names that mean the same everywhere, each in order: a second row would silently win."""
    with (Path(contracts.fields.__file__).parent / "fields.csv").open(encoding="utf-8", newline="") as file:
        names = [row[0] for row in csv.reader(file)][1:]
    assert names == sorted(set(names), key=lambda name: ("." not in name, name))
