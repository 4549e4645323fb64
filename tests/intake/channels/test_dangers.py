"""A danger to life in what is added or changed later is an appeal of its own, and nobody waits for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.intake.channels.payloads import vk_comment, vk_deletion, vk_event

Watch = Callable[..., Any]
DANGER = "Горит дом, внутри люди, помогите"
APPEALS = "SELECT id, danger FROM intake.appeal ORDER BY id"


def wrote(number: int, text: str) -> Any:
    """One person comments."""
    return vk_event("wall_reply_new", vk_comment(number, text=text))


def changed(number: int, text: str) -> Any:
    """The same person changes the comment."""
    return vk_event("wall_reply_edit", vk_comment(number, text=text))


async def test_a_danger_does_not_join_what_was_written_before(watch: Watch) -> None:
    page = await watch("vk")
    await page.taken(wrote(1, "Яма на дороге"), wrote(2, DANGER), wrote(3, "Подъезд второй"))
    first, danger = await page.rows(APPEALS)
    assert (first["danger"], danger["danger"]) == (False, True)
    assert await page.counts() == {"registered": 2, "joined": 1}
    # What is added after it is about the danger.
    [clarified] = await page.rows("SELECT appeal_id FROM intake.clarification")
    assert clarified["appeal_id"] == danger["id"]


async def test_an_edit_that_reports_a_danger_is_an_appeal_once(watch: Watch) -> None:
    page = await watch("vk")
    await page.taken(wrote(1, "Яма во дворе"), changed(1, DANGER))
    await page.taken(changed(1, f"{DANGER}!"), vk_event("wall_reply_delete", vk_deletion(1)))
    first, danger = await page.rows(APPEALS)
    assert (first["danger"], danger["danger"]) == (False, True)
    assert await page.counts() == {"registered": 2, "edited": 1, "deleted": 1}
    history = await page.rows(
        "SELECT appeal_id, count(*) AS count FROM intake.appeal_history WHERE kind = 'source_changed' GROUP BY 1 ORDER BY 1"
    )
    assert history == [{"appeal_id": first["id"], "count": 1}, {"appeal_id": danger["id"], "count": 3}]


async def test_an_edit_of_a_danger_adds_to_it(watch: Watch) -> None:
    page = await watch("vk")
    await page.taken(wrote(1, DANGER), changed(1, f"{DANGER}! Улица Ленина, 5"))
    [danger] = await page.rows(APPEALS)
    assert danger["danger"]
    assert await page.counts() == {"registered": 1, "edited": 1}
