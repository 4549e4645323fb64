"""Places of templates that nobody has filled reach no citizen: not in an answer, a plan, or a question; in bulk they are filled."""

from __future__ import annotations

from typing import Any

import pytest

from tests.routing.conftest import Routing, appeal

WAYS: dict[str, tuple[str, dict[str, Any]]] = {
    "answer": ("text", {"outcome": "solved"}),
    "interim": ("text", {}),
    "clarify": ("question", {}),
}


@pytest.mark.parametrize("place", ["{number}", "{received_on}", "{due_on}"])
@pytest.mark.parametrize("verb", WAYS)
async def test_what_is_not_filled_does_not_go_out(routing: Routing, verb: str, place: str) -> None:
    await routing.handle(appeal())
    (item,) = await routing.queue()
    field, more = WAYS[verb]
    unfilled: dict[str, Any] = {**more, field: f"Обращение {place} получено."}
    own: dict[str, Any] = {**more, field: "Скобки {свои} остаются."}
    refused = await routing.act(item, verb, status=422, **unfilled)
    assert [error["pointer"] for error in refused["errors"]] == [f"/{field}"]
    assert place in refused["errors"][0]["message"]
    await routing.act(item, verb, **own)


async def test_in_bulk_each_has_its_own_number(routing: Routing) -> None:
    await routing.handle(appeal(), appeal())
    items = await routing.queue()
    body = {"action": "answer", "outcome": "solved", "text": "По обращению {number} ({topic}): сделано."}
    sent = [{"id": item["id"], "version": item["version"]} for item in items]
    sent.append({"id": items[0]["id"], "version": 1, "text": "Ответим до {due_on}."})
    unfilled, *done = (
        await routing.call(
            "POST", "/assignments/bulk", routing.agency(), json={**body, "items": [sent[-1], *sent[:-1]]}
        )
    )["items"]
    assert (unfilled["status"], unfilled["problem"]["errors"][0]["pointer"]) == (422, "/text")
    assert [each["status"] for each in done] == [200, 200]
    for item in items:
        details = await routing.call("GET", f"/assignments/{item['id']}", routing.agency())
        (given,) = details["answers"]
        assert given["text"] == f"По обращению {item['number']} (Ямы на дорогах): сделано."
