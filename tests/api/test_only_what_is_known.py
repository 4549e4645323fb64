"""Fields and query parameters that are not known are refused by every operation, at every depth, and so is no JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.api.conftest import PARTS, OpenPart, Part
from tests.api.operations import JSON, Operation, objects_in, operations_in, put_at

UNHEARD_OF = "unheard_of"
TYPED = {"Content-Type": JSON}
STRANGE_NAMES = {"body": "/body", "query": "/query", "": "/", "a/b~c": "/a~1b~0c", "x" * 300: "/" + "x" * 100}


def pointers(answer: Any) -> list[str]:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return [error["pointer"] for error in answer.json().get("errors", ())]


async def test_no_operation_takes_a_query_parameter_it_does_not_know(open_part: OpenPart) -> None:
    part = await open_part()
    assert part.operations
    for operation in part.operations:
        answer = await part.send(operation, f"?{UNHEARD_OF}=1")
        assert (answer.status_code, pointers(answer)) == (422, [f"/query/{UNHEARD_OF}"]), str(operation)
        for name in operation.query:
            misspelt = await part.send(operation, f"?{name}x=1")
            assert misspelt.status_code == 422, str(operation)
            if len(name) > 2:
                assert f"did you mean {name}?" in misspelt.json()["errors"][0]["message"], str(operation)
            twice = await part.send(operation, f"?{name}=1&{name}=2")
            assert (twice.status_code, pointers(twice)) == (422, [f"/query/{name}"]), str(operation)


async def test_no_body_holds_a_field_that_is_not_known(open_part: OpenPart) -> None:
    part = await open_part()
    for operation, place in bodies(part):
        answer = await part.send(operation, json=put_at(place, {UNHEARD_OF: "не наше"}))
        assert answer.status_code == 422, (str(operation), place, answer.text)
        assert "/".join(("", *place, UNHEARD_OF)) in pointers(answer), (str(operation), place, answer.text)
        assert "не наше" not in answer.text
    for operation in (each for each in part.operations if each.body is not None):
        for name, pointer in STRANGE_NAMES.items():
            answer = await part.send(operation, json={name: 1})
            assert (answer.status_code, pointer in pointers(answer)) == (422, True), (str(operation), name)
        half = await part.send(operation, content=b'{"\\ud800": 1}', headers=TYPED)
        assert half.status_code == 422, str(operation)


def bodies(part: Part) -> list[tuple[Operation, tuple[str, ...]]]:
    """Every object in every body; their schemas say the same as their service."""
    found = []
    for operation in part.operations:
        for place, schema in objects_in(operation, operation.body) if operation.body else ():
            if {"patternProperties", "propertyNames"} & schema.keys():
                continue  # names are values: ОКТМО → zone, weekday → hours
            assert schema.get("additionalProperties") is False, (str(operation), place)
            found.append((operation, place))
    return found


@pytest.mark.parametrize("part", PARTS)
def test_answers_may_grow(part: str) -> None:
    for operation in operations_in(part):
        for status, answer in operation.described["responses"].items():
            schema = answer.get("content", {}).get(JSON, {}).get("schema")
            for place, found in objects_in(operation, schema) if schema and status < "300" else ():
                assert found.get("additionalProperties") is not False, (str(operation), place)


FOR_FORMS_TOO = ("POST /api/v1/attachments",)  # who has no token of their own may have a form's
SMALLEST_LIMIT = 16_384  # bytes of a body, of any operation
MALFORMED = (
    b"{",
    b'{"a": 1',
    b"{} x",
    b'{"a": NaN}',
    b'{"a": -Infinity}',
    b"\xff",
    b'{"a": "\xd0"}',
    b"[" * 60_000,
    b"{'a': 1}",
    b" ",
)
WRONG_TYPES = (
    "text/plain",
    "application/x-www-form-urlencoded",
    "application/json; charset=windows-1251",
    "x",
)
RIGHT_TYPES = (
    "application/json",
    "application/json; charset=UTF-8",
    'application/merge-patch+json; charset="utf-8"',
    "",
)


async def test_what_is_no_json_is_400_and_what_says_it_is_none_415(open_part: OpenPart) -> None:
    part = await open_part()
    for operation in part.operations:
        if operation.body is None:
            continue
        for content in MALFORMED:
            answer = await part.send(operation, content=content, headers=TYPED)
            if answer.status_code == 413 and len(content) > SMALLEST_LIMIT:
                continue  # it is refused before anybody looks what it is
            assert answer.status_code == 400, (str(operation), content[:20], answer.text)
            assert answer.json()["type"] == "/problems/malformed-json", str(operation)
        for media_type in [each for each in WRONG_TYPES if each not in operation.media_types]:
            answer = await part.send(operation, content=b"{}", headers={"Content-Type": media_type})
            assert answer.status_code == 415, (str(operation), media_type, answer.text)
            assert answer.json()["type"] == "/problems/unsupported-media-type"
        for media_type in RIGHT_TYPES:
            named = {"Content-Type": media_type} if media_type else {}
            content = json.dumps({UNHEARD_OF: 1}).encode()
            answer = await part.send(operation, content=content, headers=named)
            assert (answer.status_code, f"/{UNHEARD_OF}" in pointers(answer)) == (422, True), (
                str(operation),
                media_type,
            )
        for content in (b"[]", b'"x"', b"1", b"9" * 5000, b'{"unheard_of": 1, "unheard_of": 2}'):
            answer = await part.send(operation, content=content, headers=TYPED)
            assert answer.status_code == 422, (str(operation), content[:20], answer.text)


async def test_an_operation_without_a_body_is_sent_none(open_part: OpenPart) -> None:
    part = await open_part()
    for operation in part.operations:
        if operation.method == "GET" or operation.body is not None or operation.media_types:
            continue
        answer = await part.send(operation, content=json.dumps({UNHEARD_OF: 1}).encode(), headers=TYPED)
        assert (answer.status_code, pointers(answer)) == (422, [f"/{UNHEARD_OF}"]), str(operation)
        for content, status in ((b"{", 400), (b"[1]", 422)):
            answer = await part.send(operation, content=content, headers=TYPED)
            assert answer.status_code == status, (str(operation), content)


async def test_who_may_not_ask_learns_nothing_else(open_part: OpenPart) -> None:
    part = await open_part()
    closed = [
        operation
        for operation in part.operations
        if operation.described.get("x-roles") and str(operation) not in FOR_FORMS_TOO
    ]
    for operation in closed:
        nobody = await part.client.request(operation.method, f"{operation.address()}?{UNHEARD_OF}=1")
        assert nobody.status_code == 401, str(operation)
        others = {"portal", "analyst", "federal", "coordinator"} - set(operation.described["x-roles"])
        for role in sorted(others)[:1]:
            refused = await part.client.request(
                operation.method, f"{operation.address()}?{UNHEARD_OF}=1", headers=part.mint.headers(role)
            )
            assert refused.status_code == 403, str(operation)


@pytest.mark.parametrize("parts", ["intake"], indirect=True)
async def test_ndjson_goes_by_several_names(open_part: OpenPart) -> None:
    part = await open_part()
    for operation in (each for each in part.operations if each.is_ndjson):
        for media_type in ("application/json", "text/plain"):
            answer = await part.send(operation, content=b"{}", headers={"Content-Type": media_type})
            assert answer.status_code == 415, (str(operation), media_type)
        for media_type in (
            "application/x-ndjson",
            "application/jsonl; charset=utf-8",
            "application/ndjson",
            "",
        ):
            named = {"Content-Type": media_type} if media_type else {}
            answer = await part.send(operation, content=b'{"unheard_of": 1}\n{', headers=named)
            assert answer.status_code == 200, (str(operation), media_type)
            unknown, malformed = [json.loads(line) for line in answer.text.splitlines()]
            assert "/unheard_of" in [error["pointer"] for error in unknown["problem"]["errors"]]
            assert (unknown["status"], malformed["status"]) == (422, 422)
