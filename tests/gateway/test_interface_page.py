"""What docs/interface.md promises is what the published document has: operations, statuses, roles, problems, headers."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from contracts.problems import EXPLANATIONS
from tests.api.reference import published

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "interface.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return published()[0].document


def row_of(start: str) -> set[str]:
    """The code words of a row of a table."""
    (line,) = [line for line in PAGE.splitlines() if line.startswith(f"| {start} |")]
    return set(re.findall(r"`([a-z_]+)`", line))


def test_every_operation_it_names_is_there(document: dict[str, Any]) -> None:
    named = re.findall(r"`(GET|POST|PUT|DELETE) (/[^`…]+)`", PAGE)
    assert len(named) > 25
    for method, path in named:
        assert method.lower() in document["paths"].get(path, {}), f"{method} {path}"


def test_statuses_and_roles_are_all_of_them(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    appeal = schemas["AppealView"]["properties"]["status"]["enum"]
    assignment = schemas["AssignmentView"]["properties"]["status"]["enum"]
    clock = schemas["Deadline"]["properties"]["state"]["enum"]
    assert row_of("an appeal") == set(appeal)
    assert row_of("an assignment") == set(assignment)
    assert row_of("a clock") == set(clock)
    roles = {
        role
        for item in document["paths"].values()
        for each in item.values()
        for role in each.get("x-roles", ())
    }
    assert {line.split("`")[1] for line in PAGE.splitlines() if line.startswith("| `")} == roles


def test_problems_and_headers_it_names_are_real(document: dict[str, Any]) -> None:
    slugs = re.findall(r"\b[1-5][0-9][0-9] `([a-z-]+)`", PAGE)
    assert slugs
    assert set(slugs) <= set(EXPLANATIONS)
    headers = {
        name
        for item in document["paths"].values()
        for each in item.values()
        for answer in each["responses"].values()
        for name in answer.get("headers", ())
    }
    assert {"RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "X-Request-ID", "ETag"} <= headers
    for name in headers - {"Location"}:
        assert name in PAGE, f"{name} is not said"
