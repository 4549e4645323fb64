"""A held answer in its surroundings: the queue's feed, labels of redirects, many answers at once."""

from __future__ import annotations

import asyncpg

from tests.routing.answers.test_review import GOOD, RUDE, decide, reviews, set_up, taken
from tests.routing.conftest import LIGHTS, Routing, appeal
from tests.routing.learning.steps import labels_of


async def test_followers_of_the_queue_see_it_wait_come_back_and_leave(routing: Routing) -> None:
    item = await taken(routing)
    await routing.act(item, "answer", text=RUDE, outcome="explained")
    (waiting,) = await reviews(routing)
    await decide(routing, waiting, decision="return", reasons=["Без упрёков."])
    await set_up(routing, review_mode="all")
    details = await routing.call("GET", f"/assignments/{item['id']}", routing.agency())
    await routing.act(details, "answer", text=GOOD, outcome="solved")
    (waiting,) = await reviews(routing)
    await decide(routing, waiting, decision="approve")
    page = await routing.call("GET", "/queue/changes", routing.agency())
    seen = [(each["change"], each["status"], each["reason"]) for each in page["items"]]
    assert seen[-4:] == [
        ("changed", "in_review", None),
        ("changed", "accepted", None),
        ("changed", "in_review", None),
        ("left", "answered", "Дан ответ."),
    ]


async def test_a_held_answer_takes_what_was_redirected(routing: Routing, look: asyncpg.Connection) -> None:
    """One label, however often the answer comes back."""
    await routing.handle(appeal())
    (item,) = await routing.claim()
    await routing.act(
        item, "redirect", reason_code="not_competent", comment="x", suggested_organisation=str(LIGHTS)
    )
    (item,) = await routing.claim(LIGHTS)
    await routing.act(item, "answer", LIGHTS, text=RUDE, outcome="explained")
    assert await labels_of(look) == [("redirect", None, LIGHTS)]
    (waiting,) = await reviews(routing)
    await decide(routing, waiting, decision="return", reasons=["Без упрёков."])
    item = await routing.call("GET", f"/assignments/{item['id']}", routing.agency(LIGHTS))
    await routing.act(item, "answer", LIGHTS, text=GOOD, outcome="solved")
    assert await labels_of(look) == [("redirect", None, LIGHTS)]


async def test_an_approved_answer_after_a_plan_is_a_label(routing: Routing, look: asyncpg.Connection) -> None:
    """A plan says nothing of who is competent; the answer does once it has gone out."""
    await routing.handle(appeal())
    (item,) = await routing.claim()
    await routing.act(
        item, "redirect", reason_code="not_competent", comment="x", suggested_organisation=str(LIGHTS)
    )
    (item,) = await routing.claim(LIGHTS)
    item |= await routing.act(item, "interim", LIGHTS, text="Разбираемся до 5 мая 2099 года.")
    await routing.act(item, "answer", LIGHTS, text=RUDE, outcome="explained")
    assert await labels_of(look) == []
    (waiting,) = await reviews(routing)
    await decide(routing, waiting, decision="approve")
    assert await labels_of(look) == [("redirect", None, LIGHTS)]


async def test_of_many_answers_each_is_checked(routing: Routing) -> None:
    items = [await taken(routing), await taken(routing)]
    sent = [{key: item[key] for key in ("id", "version", "lease_token")} for item in items]
    sent[1]["text"] = RUDE
    body = {"action": "answer", "text": GOOD, "outcome": "explained", "items": sent}
    done = await routing.call("POST", "/assignments/bulk", routing.agency(), json=body)
    assert [each["status"] for each in done["items"]] == [200, 200]
    assert [each["assignment"]["status"] for each in done["items"]] == ["answered", "in_review"]
    (waiting,) = await reviews(routing)
    assert waiting["assignment_id"] == items[1]["id"]
