"""What a model is trained on: the last word on every question, with texts that are still there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import asyncpg
from uuid_utils.compat import uuid7

from contracts.intake import AppealReopened
from harness.resources import worker_session
from services.routing.learning.queries.figures import read_shadow_figures
from services.routing.learning.queries.samples import read_samples
from services.routing.learning.rules.comparison import Row
from services.routing.reference.queries.cache import load_region_reference
from tests.routing.conftest import LIGHTS, REFERENCE, ROADS, Routing, Said, appeal
from tests.routing.incidents_acts.incidents import answer_all, happened
from tests.routing.works.steps import WATER, announce, give, set_up


async def samples_of(routing: Routing) -> dict[str, Row]:
    """By text."""
    async with worker_session(routing.app) as session:
        rows = await read_samples(session, await load_region_reference(session, "46"))
    by_text = {row.text: row for row in rows}
    assert len(by_text) == len(rows), "one row per question"
    return by_text


async def test_what_nobody_has_decided_teaches_nothing(routing: Routing) -> None:
    routing.classifier.told["Туман"] = Said("Ямы на дорогах", 0.1)
    await routing.handle(appeal("Яма"), appeal("Туман"))
    await routing.claim()
    assert await samples_of(routing) == {}


async def test_an_answer_with_the_topic_unchanged_is_the_weakest_word(routing: Routing) -> None:
    received = datetime.now(UTC) - timedelta(days=3)
    await routing.handle(appeal("Яма", received_at=received))
    (item,) = await routing.claim()
    await routing.act(item, "answer", text="Сделано.", outcome="solved")
    (row,) = (await samples_of(routing)).values()
    assert (row.topic, row.group, row.agency) == ("Ямы на дорогах", "Улицы", "Комитет дорог")
    assert abs(row.received_at - received.timestamp()) < 1, (
        "time is when the appeal came, not when it was decided"
    )


async def test_the_newest_word_counts_and_a_redirect_speaks_of_the_organisation_only(
    routing: Routing,
) -> None:
    coordinator = routing.mint.headers("coordinator")
    await routing.handle(appeal("Фонарь"))
    (item,) = await routing.claim()
    item |= await routing.act(item, "correct", headers=coordinator, topic="clinics")
    item |= await routing.act(item, "correct", headers=coordinator, topic="holes")
    assert (await samples_of(routing))["Фонарь"].topic == "Ямы на дорогах"
    item |= await routing.act(
        item,
        "redirect",
        headers=coordinator,
        reason_code="not_competent",
        comment="x",
        suggested_organisation=str(LIGHTS),
    )
    (successor,) = await routing.claim(LIGHTS)
    await routing.act(successor, "accept", LIGHTS)
    row = (await samples_of(routing))["Фонарь"]
    assert (row.topic, row.agency) == ("Ямы на дорогах", "Горсвет")


async def test_what_is_out_of_use_or_gone_teaches_nothing(routing: Routing, look: asyncpg.Connection) -> None:
    """No copy of a text is left anywhere: with the assignment its label means nothing."""
    coordinator = routing.mint.headers("coordinator")
    await routing.handle(appeal("Первое"), appeal("Второе"))
    for item in await routing.claim():
        await routing.act(item, "correct", headers=coordinator, topic="lamps")
    assert set(await samples_of(routing)) == {"Первое", "Второе"}
    first = await look.fetchval("SELECT id FROM routing.assignment ORDER BY id LIMIT 1")
    await look.execute("DELETE FROM routing.assignment WHERE id = $1", first)
    assert len(await samples_of(routing)) == 1
    topics = [{**each, "active": each["code"] != "lamps"} for each in REFERENCE["topics"]]
    await routing.load(topics=topics)
    assert await samples_of(routing) == {}


async def test_what_was_answered_together_with_others_teaches_nothing(
    routing: Routing, look: asyncpg.Connection
) -> None:
    """Nobody has looked at each text: a work's contractor is not competent for all who write of water. A person's word counts, and
    so does an answer of one's own after a citizen was not content."""
    await set_up(routing)
    await announce(routing)
    texts = [f"На улице Ленина нет воды, {n}-й день" for n in range(3)]
    asked = [appeal(text) for text in texts]
    await routing.handle(*asked)
    await give(routing)
    event = await happened(routing, look, [ROADS, ROADS])
    await event.act("confirm")
    await event.answer()
    await answer_all(routing)
    assert await samples_of(routing) == {}
    answer = await look.fetchrow(
        "SELECT id, assignment_id FROM routing.answer WHERE appeal_id = $1", asked[0].appeal_id
    )
    reopened = AppealReopened(
        region="46",
        appeal_id=asked[0].appeal_id,
        assignment_id=answer["assignment_id"],
        answer_id=answer["id"],
        reason="Воды так и нет.",
        reopened_at=datetime.now(UTC),
    )
    await routing.handle(reopened)
    (item,) = await routing.claim(WATER)
    await routing.act(item, "answer", WATER, text="Прорыв устранён.", outcome="solved")
    assert [(row.topic, row.agency) for row in (await samples_of(routing)).values()] == [
        ("Водоснабжение", "Городской водоканал")
    ]


async def test_what_was_answered_together_speaks_for_neither_of_two_models(
    routing: Routing, look: asyncpg.Connection
) -> None:
    """Hundreds of one incident, all as the current model has them, would refuse whatever has them otherwise."""
    event = await happened(routing, look, [ROADS, ROADS])
    alone = appeal()
    await routing.handle(alone)
    model_id = uuid7()
    await look.execute(
        "INSERT INTO routing.shadow_prediction (region, assignment_id, model_id, topic, confidence, current_topic, "
        "current_confidence, at) SELECT region, id, $1, 'lamps', 0.9, 'holes', 0.9, now() FROM routing.assignment",
        model_id,
    )
    await event.act("confirm")
    await event.answer()
    await answer_all(routing)
    (item,) = await routing.claim()
    await routing.act(item, "answer", text="Сделано.", outcome="solved")
    async with worker_session(routing.app) as session:
        figures = await read_shadow_figures(session, "46", model_id)
    assert (figures.sample, figures.lost) == (1, 1), "the one that somebody looked at by itself"
