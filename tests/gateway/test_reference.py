"""What the published reference says: the meaning of every field, and the problems of every operation."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from contracts.fields import FIELDS
from contracts.problems import EXPLANATIONS
from gateway.reference import _OF_OPERATIONS, describe_fields, problems_of
from gateway.routes import Route
from tests.api.operations import Operation
from tests.api.reference import published

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
    assert set(problems_of("GET /x", {}, OPEN)) == {"400"}
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
    assert set(found) == {"400", "401", "403", "404", "412", "413", "415", "422", "428", "429"}
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
    wrong = [
        f"{place}: {error.message}"
        for place, schema in shown_schemas(document)
        for example in schema.get("examples", ())
        for error in Draft202012Validator({**schema, "components": document["components"]}).iter_errors(
            example
        )
    ]
    assert wrong == []


def shown_schemas(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Whatever may carry an example: properties of schemas, and parameters."""
    for name, schema in document["components"]["schemas"].items():
        for field, described in schema.get("properties", {}).items():
            yield f"{name}.{field}", described
    for path, item in document["paths"].items():
        for operation in item.values():
            for parameter in operation.get("parameters", ()):
                yield f"{path} {parameter['name']}", parameter.get("schema", {})


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
