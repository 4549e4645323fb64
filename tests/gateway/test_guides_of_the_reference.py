"""The guides beside the reference: both languages say the same things, and every name in them is there."""

from __future__ import annotations

import re
from typing import Any

import pytest

from contracts.problems import EXPLANATIONS
from gateway.pages.guides import EXAMPLES, GUIDES, NAMES, render
from tests.api.reference import published
from tests.gateway.conftest import RunningGateway


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return published()[0].document


def codes(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


@pytest.mark.parametrize("name", NAMES)
def test_both_languages_name_the_same(name: str) -> None:
    english, russian = GUIDES[name, "en"], GUIDES[name, "ru"]
    assert codes(english) == codes(russian)
    assert [line[:3] for line in english.splitlines()] == [line[:3] for line in russian.splitlines()] or (
        len(english.splitlines()) == len(russian.splitlines())
    )


def test_every_operation_status_and_slug_is_there(document: dict[str, Any]) -> None:
    words = {code for text in GUIDES.values() for code in codes(text)}
    for method, path in (code.split() for code in words if re.match(r"(GET|POST) /", code)):
        assert method.lower() in document["paths"].get(path, {}), f"{method} {path}"
    for slug in re.findall(r"409 `([a-z-]+)`", "".join(GUIDES.values())):
        assert slug in EXPLANATIONS
    schemas = document["components"]["schemas"]
    for schema in ("AppealView", "AssignmentView"):
        missing = set(schemas[schema]["properties"]["status"]["enum"]) - set(codes(GUIDES["statuses", "en"]))
        assert not missing, schema


def test_every_program_is_in_a_guide_in_both_languages() -> None:
    shown = {name for text in GUIDES.values() for name in re.findall(r"^@example (\S+)$", text, re.M)}
    assert shown == {file.name for file in EXAMPLES.glob("*.py")}


def test_marks_become_elements_and_nothing_else_does() -> None:
    page = render(
        "# A <b>\n\nSee `x < 1` and [errors](/problems).\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | `2` |"
    )
    assert page == (
        "<h1>A &lt;b&gt;</h1>\n"
        '<p>See <code>x &lt; 1</code> and <a href="/problems">errors</a>.</p>\n'
        "<ul><li>one</li><li>two</li></ul>\n"
        "<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td><code>2</code></td></tr></table>"
    )


async def test_a_guide_is_a_page_that_leads_to_the_others(gateway: RunningGateway) -> None:
    page = await gateway.client.get("/docs/guides/ru/portal")
    assert page.status_code == 200
    assert 'lang="ru"' in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    for address in re.findall(r'href="(/[^"]+)"', page.text):
        assert (await gateway.client.get(address)).status_code == 200, address
    assert (await gateway.client.get("/docs/guides/de/portal")).status_code == 422
    assert (await gateway.client.get("/docs/guides/en/nothing")).status_code == 404
