"""Working through a list: what is refused stays where it was, with what was typed."""

from __future__ import annotations

from uuid import UUID

import pytest
from playwright.sync_api import expect

from harness.browser import needs_browser
from tests.web.conftest import Stage
from tests.web.things import waiting_for_a_moderator

pytestmark = needs_browser
ID = str(UUID(int=5))
ACT = f"POST /appeals/{ID}/moderation"
PATH = f"/centre/moderation/{ID}"
REASON = "Эта причина написана от руки"


@pytest.mark.parametrize(
    ("refusal", "words"),
    [
        (503, "Система сейчас недоступна"),
        (429, "Слишком много запросов"),
        ("json", "Слишком много запросов"),
        ("lost", "Нет связи"),
    ],
)
def test_the_reason_that_was_typed_stays(stage: Stage, refusal: int | str, words: str) -> None:
    stage.answer("GET /moderation", {"items": [waiting_for_a_moderator(ID)], "next_cursor": None})
    page = stage.enter("coordinator", "/centre/moderation")
    if isinstance(refusal, int):
        stage.fail(ACT, refusal)
    elif refusal == "json":  # as the gateway itself refuses
        page.route(f"**{PATH}", lambda route: route.fulfill(status=429, json={"status": 429}))
    else:
        page.route(f"**{PATH}", lambda route: route.abort())
    page.get_by_text("Отклонить или скрыть").click()
    reason = page.locator("article").get_by_label("Причина")
    reason.fill(REASON)
    page.get_by_role("button", name="Решить").click()
    expect(page.locator(f"#w-{ID}").get_by_role("alert")).to_contain_text(words)
    expect(reason).to_have_value(REASON)
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    page.context.close()
