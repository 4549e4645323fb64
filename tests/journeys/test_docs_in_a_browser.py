"""The page of the interface in a real browser: everything opens, shows its fields, and sends."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from playwright.sync_api import Browser, Page

from harness.browser import browsing, needs_browser, watch
from harness.system import System
from tests.journeys.steps import whole_document

pytestmark = needs_browser
METHODS = ("get", "post", "put", "patch", "delete")
# Opens what is closed until nothing closed is left: the parts are made when they are opened.
OPEN_ALL = """async () => {
  for (let closed; (closed = [...document.querySelectorAll("details:not([open])")]).length;) {
    for (const part of closed) part.open = true;
    await new Promise(done => setTimeout(done, 20));
  }
}"""
# Of every operation: the fields of its body that can be seen, and the body it would send.
BODIES = """() => Object.fromEntries([...document.querySelectorAll("details.op")].map(card => [card.id, {
  fields: [...card.querySelectorAll("[data-body] .name")].filter(name => name.offsetHeight > 0).map(name => name.textContent),
  text: card.querySelector("textarea")?.value,
}]))"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsing() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser, system: System) -> Iterator[Page]:
    """The page as it opens; nothing may have gone wrong on it at the end of the test."""
    whole_document(system)
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    wrong = watch(page, system.url)
    page.goto(f"{system.url}/docs")
    page.wait_for_selector("details.op")
    yield page
    page.close()
    assert wrong == []


def operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        item[method]["operationId"]: item[method]
        for item in document["paths"].values()
        for method in METHODS
        if method in item
    }


def fields_of(document: dict[str, Any], schema: Any, above: tuple[str, ...] = ()) -> set[str]:
    """Every name of a field a schema allows, however deep."""
    if isinstance(schema, list):
        return set().union(*(fields_of(document, one, above) for one in schema))
    if not isinstance(schema, dict) or schema.get("$ref") in above:
        return set()
    if "$ref" in schema:
        inner = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return fields_of(document, inner, (*above, schema["$ref"]))
    properties = schema.get("properties", {})
    below = [*properties.values(), *schema.get("patternProperties", {}).values()]
    below += [
        schema.get(key) for key in ("items", "anyOf", "oneOf", "allOf", "prefixItems", "additionalProperties")
    ]
    return set(properties) | fields_of(document, below, above)


def test_every_operation_opens_and_shows_every_field_of_its_body(page: Page, system: System) -> None:
    document = whole_document(system)
    page.evaluate(OPEN_ALL)
    shown = page.evaluate(BODIES)
    assert "[object" not in page.inner_text("body")
    assert set(shown) == set(operations(document))
    bodies = 0
    for name, operation in operations(document).items():
        for media, content in operation.get("requestBody", {}).get("content", {}).items():
            bodies += 1
            wanted = fields_of(document, content["schema"])
            assert wanted <= set(shown[name]["fields"]), (name, wanted - set(shown[name]["fields"]))
            if media == "application/json":
                schema = {**content["schema"], "components": document["components"]}
                Draft202012Validator(schema).validate(json.loads(shown[name]["text"]))
    assert bodies > 40


def test_a_request_is_sent_with_a_token_of_the_page(page: Page, system: System) -> None:
    for field in ("client_id", "client_secret"):
        page.fill(
            f"#{field.removeprefix('client_').replace('id', 'client')}", system.credentials["portal"][field]
        )
    page.press("#secret", "Enter")
    page.wait_for_selector("#state.ok")
    card = page.locator("details.op.post", has_text="/api/v1/appeals").first
    card.locator("summary").first.click()
    body = {"text": "Яма на дороге у школы", "region": "46", "external_id": "from-the-page"}
    card.locator("textarea").fill(json.dumps(body))
    card.get_by_role("button", name="Send").click()
    answer = card.locator("pre:not(.code)")
    answer.wait_for()
    assert card.locator(".status").inner_text().startswith("201")
    assert json.loads(answer.inner_text())["number"].startswith("46-")
    card.locator(".samples summary").click()
    for language, words in (
        ("curl", "--data-binary '{"),
        ("Python", "requests.request("),
        ("JavaScript", "await fetch("),
    ):
        card.locator("select").select_option(language)
        code = card.locator("pre.code").inner_text()
        assert words in code
        assert "from-the-page" in code
        assert "TOKEN" in code
        assert page.input_value("#token") not in code


def test_schemas_guides_and_errors_are_one_step_away(page: Page, system: System) -> None:
    page.click("text=Schemas")
    page.wait_for_selector("#schemas")
    assert page.locator("details.schema").count() == len(whole_document(system)["components"]["schemas"])
    schema = page.locator(
        "details.schema", has=page.locator("summary", has_text=re.compile(r"^AppealView\b"))
    )
    schema.first.locator("summary").first.click()
    assert page.locator("details.schema[open] .name", has_text="due_on").first.is_visible()
    page.click("text=Руководства")
    page.wait_for_selector("h1:has-text('Портал')")
    assert page.locator("pre.code", has_text="from otklik_client import Client").count() == 1
    page.click("text=In English")
    page.wait_for_selector("h1:has-text('A portal')")
    page.go_back()
    page.set_viewport_size({"width": 320, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") == 320


def test_search_keyboard_and_a_narrow_screen(page: Page) -> None:
    page.keyboard.press("/")
    page.keyboard.type("idempotency-key batch")
    found = page.locator("details.op:visible")
    assert found.count() == 1
    page.keyboard.press("Enter")
    assert found.get_attribute("open") is not None
    assert page.inner_text("#found").startswith("1 of ")
    page.fill("#search", "")
    page.set_viewport_size({"width": 320, "height": 700})
    page.evaluate(OPEN_ALL)
    assert page.evaluate("document.documentElement.scrollWidth") == 320
