"""A promise whose day has passed while it waited does not go out: it is returned instead."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from tests.routing.answers.test_review import decide, reviews, set_up, taken
from tests.routing.conftest import ROADS, Routing, told

OVERDUE = "UPDATE routing.answer SET promised_on = current_date - 2"
HELD: dict[str, dict[str, Any]] = {
    "answer": {"text": "Заделаем.", "outcome": "postponed", "promised_on": "2099-05-01"},
    "interim": {"text": "Разбираемся.", "promised_on": "2099-05-01"},
}


@pytest.mark.parametrize("verb", HELD)
async def test_it_is_not_approved_but_returned(routing: Routing, look: asyncpg.Connection, verb: str) -> None:
    await set_up(routing, review_mode="all")
    item = await taken(routing)
    await routing.act(item, verb, **HELD[verb])
    await look.execute(OVERDUE)
    (waiting,) = await reviews(routing)
    refused = await decide(routing, waiting, 409, decision="approve")
    assert refused["detail"] == "The promised day is over: the answer can only be returned."
    assert await told(look, "answered") == []
    returned = await decide(routing, waiting, decision="return", reasons=["Срок прошёл."])
    assert returned["state"] == "returned"


async def test_it_is_not_signed(routing: Routing, look: asyncpg.Connection) -> None:
    await set_up(routing, second_signature="all")
    item = await taken(routing)
    await routing.act(item, "answer", **HELD["answer"])
    await look.execute(OVERDUE)
    (waiting,) = await reviews(routing)
    signer = routing.mint.headers("agency", organisation=ROADS, person=str(uuid4()), client="desk")
    await routing.call("POST", f"/answers/{waiting['id']}/sign", signer, 409)
    assert await told(look, "assignment.answered") == []
