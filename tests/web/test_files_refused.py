"""Why a file of a citizen was not taken is said in words, whoever refuses it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from harness.browser import needs_browser
from tests.web.conftest import Stage

pytestmark = needs_browser
KEY = "form"
OPENED = {"title": "Сообщить", "topics": [], "form_token": "token", "proof": {"bits": 1}, "region": "46"}


@pytest.mark.parametrize(
    ("status", "content", "words"),
    [
        (413, '{"status": 413}', "больше 10 МБ"),
        (429, '{"status": 429}', "слишком много запросов"),
        (503, "<!doctype html>", "система сейчас недоступна"),
        (500, "", "Выберите его ещё раз"),
        (422, '{"fault": "Файл повреждён."}', "Файл повреждён."),
    ],
)
def test_a_refused_file_has_a_reason(stage: Stage, status: int, content: str, words: str) -> None:
    form = {"key": KEY, "title": "Сообщить", "region": "46", "municipality": None}
    stage.answer("GET /widget", {"items": [form]})
    stage.answer(f"GET /widget/{KEY}", OPENED)
    page = stage.enter("agency", "/")
    page.route("**/report/files", lambda route: route.fulfill(status=status, body=content))
    page.locator("[name=photos]").set_input_files(
        {"name": "snow.jpg", "mimeType": "image/jpeg", "buffer": b"x"}
    )
    fault = page.locator("#photos .fault")
    expect(fault).to_contain_text("snow.jpg.")
    expect(fault).to_contain_text(words)
    expect(fault).not_to_contain_text("undefined")
    page.context.close()
