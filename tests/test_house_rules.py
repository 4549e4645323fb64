"""Each rule of the house has been seen to fail: a violation is seeded for every one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.api.operations import Operation, Schema
from tests.api.reference import gaps_in
from tests.house.coverage_floor import complaint
from tests.house.dead_code import ALIVE, unjustified
from tests.house.density import LONGEST_FILE, MOST_BRANCHES, MOST_LINES, dense_parts, dense_pieces
from tests.house.ratchet import Ratchet
from tests.house.sources import Source
from tests.house.words import UNMISTAKABLE, given_up, words_come_back
from tests.house_rules import findings_in

HOST = "pypi" + ".org"


@pytest.mark.parametrize(
    ("path", "source", "message"),
    [
        ("services/x/actions.py", '"""x"""\nasync def f(s):\n    await s.commit()\n', "belongs to the edges"),
        ("services/x/api.py", '"""x"""\nSUBJECT = "intake.appeal.registered.v1"\n', "outside contracts"),
        ("chassis/x.py", '"""x"""\nclass AppealManager:\n    pass\n', "name it for what it does"),
        ("chassis/x.py", "x = 1\n", "no module docstring"),
        ("chassis/x.py", f'"""x"""\nx = "{HOST}"\n', "registry host"),
        (
            "services/x/queries.py",
            '"""x"""\ndef f(principal):\n    return principal.regions or ALL\n',
            "ask regions_within",
        ),
        ("services/x/api.py", '"""x"""\nfrom fastapi import APIRouter, Request\n', "strict_routes.Router"),
        ("services/x/rules.py", '"""x"""\ny = text.lower().replace("ё", "е")\n', "second normal form"),
        ("otklik/x.py", '"""x"""\ny = unicodedata.normalize("NFC", text)\n', "second normal form"),
    ],
)
def test_a_seeded_violation_is_found(path: str, source: str, message: str) -> None:
    assert any(message in finding for finding in findings_in(Source(path, source)))


def test_clean_code_passes() -> None:
    clean = Source(
        "services/x/actions.py",
        '"""What it is for."""\n\n\ndef act(session):\n    """Do it."""\n    session.add(1)\n',
    )
    assert findings_in(clean) == []
    assert list(dense_pieces(clean)) == list(dense_parts([clean])) == list(words_come_back(clean)) == []


LOOPS = "\n".join(f"        for y{n} in x:\n            pass" for n in range(MOST_BRANCHES))


@pytest.mark.parametrize(
    ("path", "source", "found"),
    [
        ("chassis/x.py", "x = 1\n" * (LONGEST_FILE + 1), ["chassis x.py: over 300 lines"]),
        ("chassis/x.py", "def f():\n" + "    x = 1\n" * MOST_LINES, ["chassis f: over 40 lines"]),
        ("chassis/x.py", "def f():\n" + "    x = 1\n" * (MOST_LINES - 1), []),
        (
            "services/x/rules.py",
            "class A:\n    def f(self, x):\n"
            + "        x = x or 1 or 2\n" * 6
            + "        return x if x else 0\n",
            ["services/x A.f: over 12 branches"],
        ),
        (
            "services/x/rules.py",
            f"def outer(x):\n    def inner(x):\n{LOOPS}\n    return inner if x else None\n",
            ["services/x outer: over 12 branches"],
        ),
        ("services/x/migrations/versions/1.py", "def f():\n" + "    x = 1\n" * 90, []),
    ],
)
def test_dense_functions_and_long_files_are_found(path: str, source: str, found: list[str]) -> None:
    assert list(dense_pieces(Source(path, source))) == found


@pytest.mark.parametrize(
    ("path", "branches", "found"),
    [
        ("services/x/rules.py", 1, []),
        ("services/x/rules.py", 2, ["services/x: over 1.0 branches per ten lines"]),
        ("chassis/x.py", 2, ["chassis: over 1.25 branches per ten lines"]),
        ("gateway/x.py", 1, []),
    ],
)
def test_dense_parts_are_found(path: str, branches: int, found: list[str]) -> None:
    """Ten lines of code, docstrings and comments not counted."""
    text = '"""Said\nin two lines."""\n# why\n' + "if x: y = 1\n" * branches + "z = 1\n" * (10 - branches)
    assert list(dense_parts([Source(path, text)])) == found


def test_many_long_functions_are_found() -> None:
    long = "def f():\n" + "    x = 1\n" * 26
    short = "".join(f"def g{n}():\n    pass\n" for n in range(20))
    assert list(dense_parts([Source("infra/x.py", long + short)])) == [
        "infra: over 3% of functions longer than 25 lines"
    ]


@pytest.mark.parametrize(
    "code",
    [
        "class TellRest:\n    pass\n",
        "def mask_for_ever():\n    pass\n",
        "async def f(told):\n    pass\n",
        "said = 1\n",
        "self.topic_wish = 1\n",
    ],
)
def test_words_that_were_given_up_are_found(code: str) -> None:
    (found,) = words_come_back(Source("services/x/y.py", code))
    assert found.startswith("services/x ")
    assert list(words_come_back(Source("services/x/said.py", "")))
    assert (
        list(
            words_come_back(
                Source("services/x/y.py", "retold = untold = stored = said_of\n".replace("said_of", "1"))
            )
        )
        == []
    )


@pytest.mark.parametrize(
    "code",
    [
        '"""The Doorkeeper."""\n',
        'def f():\n    """Whoever waits at the door."""\n',
        "x = 1  # the ladder's rung\n",
        "# Sayings\n# and sayings again.\n",
    ],
)
def test_the_plainest_of_them_are_found_in_docstrings_and_comments(code: str) -> None:
    (found,) = words_come_back(Source("services/x/y.py", code))
    assert found.startswith("services/x/y.py, in prose, ")


def test_words_in_texts_and_quoted_names_are_not_prose() -> None:
    code = '"""A column `rung`, outdoors."""\nTEXT = "One door."\n'
    assert list(words_come_back(Source("services/x/y.py", code))) == []


def test_the_glossary_says_what_to_say_instead() -> None:
    assert len(given_up()) > 30
    assert given_up()["rung"] == "escalation level"
    assert set(UNMISTAKABLE) <= given_up().keys()


def test_dead_code_and_a_needless_justification_are_found() -> None:
    alive = {name for names in ALIVE.values() for name in names}
    assert unjustified(alive) == set()
    assert unjustified(alive | {"chassis function f"}) == {"chassis function f"}
    gone = min(alive)
    assert unjustified(alive - {gone}) == {f"{gone}: used again, take it out of ALIVE"}


def test_a_list_of_exceptions_may_only_shrink(tmp_path: Path) -> None:
    """What is new fails, what was mended has to leave the list, and nothing can be begun twice."""
    ratchet = Ratchet("rule", tmp_path)
    ratchet.begin({"a", "b"})
    assert ratchet.complaints({"a", "b"}) == []
    assert ratchet.complaints({"a", "b", "c"}) == ["rule: c"]
    assert ratchet.complaints({"a"}) == ["rule: b – mended, take it out of rule.txt"]
    ratchet.shrink({"a", "c"})
    assert ratchet.known == {"a"}
    with pytest.raises(SystemExit):
        ratchet.begin({"a", "c"})
    ratchet.shrink({"c"})
    assert not ratchet.file.exists()
    assert ratchet.complaints({"c"}) == ["rule: c"]


def test_the_floor_of_coverage_only_rises() -> None:
    assert complaint(90.4, 90) == ""
    assert "test what is new" in complaint(89.9, 90)
    assert complaint(91.7, 90).endswith("raise fail_under to 91.")


def document(operation: Schema, **schemas: Schema) -> list[Operation]:
    """A document of one operation."""
    whole = {"paths": {"/x": {"post": operation}}, "components": {"schemas": schemas}}
    return [Operation(whole, "/x", "POST")]


PROBLEM: Schema = {"404": {"content": {"application/problem+json": {"examples": {"one": {"value": {}}}}}}}


def test_gaps_of_the_reference_are_found() -> None:
    bare: Schema = {
        "parameters": [{"name": "limit", "in": "query", "schema": {"type": "integer"}}],
        "requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}},
        "responses": {"200": {}},
    }
    assert set(gaps_in(document(bare, Answer={"properties": {"text": {"type": "string"}}}))) == {
        "POST /x query limit: description",
        "POST /x query limit: example",
        "POST /x body application/json: description",
        "POST /x body application/json: example",
        "POST /x: description",
        "POST /x 200: description",
        "POST /x: names no problem",
        "Answer.text: description",
        "Answer.text: example",
    }
    plain: Schema = {"description": "x", "responses": {"422": {"content": {"application/json": {}}}}}
    assert set(gaps_in(document(plain))) == {"POST /x 422: is no problem document"}


def test_a_reference_that_says_enough_has_no_gaps() -> None:
    body = {"schema": {"$ref": "#/components/schemas/Answer"}, "example": {"text": "y"}}
    described: Schema = {
        "description": "x",
        "parameters": [{"name": "limit", "in": "query", "description": "x", "schema": {"default": 10}}],
        "requestBody": {"content": {"application/json": body}},
        "responses": {"200": {"description": "x"}, **PROBLEM},
    }
    answer = {
        "description": "An answer.",
        "properties": {
            "text": {"type": "string", "description": "x", "examples": ["y"]},
            "place": {"anyOf": [{"$ref": "#/components/schemas/Place"}, {"type": "null"}]},
            "parts": {"type": "array", "description": "x", "items": {"type": "string", "examples": ["y"]}},
            "kind": {"enum": ["a"], "description": "x"},
        },
    }
    assert list(gaps_in(document(described, Answer=answer, Place={"description": "A place."}))) == []
