"""What people decide becomes labels, in the transaction of the decision."""

from __future__ import annotations

import asyncpg

from tests.routing.conftest import LIGHTS, ROADS, Routing, Said, appeal
from tests.routing.learning.steps import labels_of


async def test_a_correction_is_a_label(routing: Routing, look: asyncpg.Connection) -> None:
    routing.classifier.told["Яма"] = Said("Ямы на дорогах", 0.1)
    await routing.handle(appeal())
    (item,) = await routing.triage()
    coordinator = routing.mint.headers("coordinator")
    await routing.act(item, "correct", headers=coordinator, status=422, topic="no-such")
    assert await labels_of(look) == []
    await routing.act(item, "correct", headers=coordinator, topic="lamps")
    assert await labels_of(look) == [("correction", "lamps", LIGHTS)]


async def test_a_redirect_is_a_label_when_its_receiver_takes_it(
    routing: Routing, look: asyncpg.Connection
) -> None:
    """Of the organisation only: who is competent says nothing of the topic. Sent on once more it is none."""
    await routing.handle(appeal())
    (item,) = await routing.claim()
    await routing.act(
        item, "redirect", reason_code="not_competent", comment="x", suggested_organisation=str(LIGHTS)
    )
    assert await labels_of(look) == []
    (item,) = await routing.claim(LIGHTS)
    await routing.act(item, "accept", LIGHTS)
    assert await labels_of(look) == [("redirect", None, LIGHTS)]


async def test_an_answer_takes_it_as_well_and_who_was_first_gives_no_label(
    routing: Routing, look: asyncpg.Connection
) -> None:
    await routing.handle(appeal())
    (item,) = await routing.claim()
    item |= await routing.act(item, "accept")
    assert await labels_of(look) == [], "nobody had sent it to another one before"
    await routing.act(
        item, "redirect", reason_code="other_topic", comment="x", suggested_organisation=str(LIGHTS)
    )
    (item,) = await routing.claim(LIGHTS)
    await routing.act(item, "answer", LIGHTS, text="Сделано.", outcome="solved")
    assert await labels_of(look) == [("redirect", None, LIGHTS)]
    assert ROADS != LIGHTS
