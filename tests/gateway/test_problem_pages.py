"""The `type` of every problem that any part may answer with has a page, in English and in Russian."""

from __future__ import annotations

import ast
import importlib
import pkgutil
from collections.abc import Iterator

import pytest

import chassis
import gateway
import services
from chassis.problems import _HTTP_SLUGS, Problem
from contracts.problems import EXPLANATIONS
from harness.databases import PROJECT
from tests.gateway.conftest import RunningGateway

PACKAGES = (chassis, gateway, services)
MAKERS = {"problem_document", "_answer"}  # what makes a problem of a status and a slug


def family(kind: type[Problem]) -> Iterator[type[Problem]]:
    yield kind
    for child in kind.__subclasses__():
        yield from family(child)


@pytest.fixture(scope="module")
def raised() -> dict[str, set[int]]:
    """Slug → statuses of every class in the packages."""
    for package in PACKAGES:
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations" not in module.name and not module.name.endswith((".main", ".__main__")):
                importlib.import_module(module.name)
    found: dict[str, set[int]] = {}
    for kind in family(Problem):
        if kind.__module__.partition(".")[0] in {package.__name__ for package in PACKAGES}:
            found.setdefault(kind.slug, set()).add(kind.status)
    return found


def written() -> dict[str, set[int]]:
    """Slug → statuses of every problem that is made without a class."""
    found: dict[str, set[int]] = {slug: {status} for status, slug in _HTTP_SLUGS.items()}
    found["http-error"] = {400}
    for package in PACKAGES:
        for file in (PROJECT / package.__name__).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") in MAKERS:
                    match node.args[:2]:
                        case [ast.Constant(value=int(status)), ast.Constant(value=str(slug))]:
                            found.setdefault(slug, set()).add(status)
    return found


def test_every_problem_is_explained_and_nothing_else(raised: dict[str, set[int]]) -> None:
    emitted = {**written()}
    assert {"bad-request", "head-too-large", "http-version", "internal"} <= set(emitted)
    for slug, statuses in raised.items():
        emitted[slug] = emitted.get(slug, set()) | statuses
    assert {"lease-lost", "regime-not-admitted", "too-many-cells", "extension-not-possible"} <= set(emitted)
    assert {slug: {known.status} for slug, known in EXPLANATIONS.items()} == emitted, (
        "see contracts/problems.csv"
    )


def test_explanations_are_whole_and_in_their_languages() -> None:
    for known in EXPLANATIONS.values():
        assert all(known._replace(shown="{}")), known.slug
        for text in (known.title_ru, known.advice_ru):
            assert any("а" <= letter <= "я" for letter in text.lower()), known.slug
        assert known.advice.endswith(".")
        assert known.advice_ru.endswith(".")


async def test_every_type_resolves_for_programs_and_for_people(gateway: RunningGateway) -> None:
    listed = (await gateway.client.get("/problems")).json()
    assert [each["type"] for each in listed] == sorted(f"/problems/{slug}" for slug in EXPLANATIONS)
    for document in listed:
        read = await gateway.client.get(document["type"])
        assert (read.status_code, read.headers["content-type"]) == (200, "application/json")
        assert read.json() == document
        assert set(document) == {"type", "status", "title", "advice", "title_ru", "advice_ru"}
        page = await gateway.client.get(document["type"], headers={"Accept": "text/html,*/*;q=0.8"})
        assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert page.headers["vary"] == "Accept"
        assert 'lang="ru"' in page.text
        assert str(document["status"]) in page.text
    assert (
        "/problems/lease-lost"
        in (await gateway.client.get("/problems", headers={"Accept": "text/html"})).text
    )
    for unknown in ("unheard-of", "%00", "..%2f", "x" * 2000):
        answer = await gateway.client.get(f"/problems/{unknown}")
        assert answer.status_code in (404, 422)
        assert answer.headers["content-type"] == "application/problem+json"


async def test_the_type_of_an_answer_is_an_address(gateway: RunningGateway) -> None:
    token = await gateway.headers()
    for method, path, headers in (
        ("GET", "/nowhere", {}),
        ("GET", "/api/v1/appeals", {}),
        ("POST", "/docs", {}),
        ("POST", "/api/v1/clients", token),
        ("GET", "/api/v1/clients?cursor=x", token),
    ):
        refused = await gateway.client.request(method, path, headers=headers)
        assert refused.status_code >= 400
        assert (await gateway.client.get(refused.json()["type"])).json()["status"] == refused.status_code
