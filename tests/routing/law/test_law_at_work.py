"""What the rules of law do with appeals on their way: several questions, proposals, hand-overs, stopped correspondence."""

from __future__ import annotations

from typing import Any

import asyncpg
from uuid_utils.compat import uuid7

from contracts.intake import AppealReopened
from tests.routing.conftest import CITY, DISTRICT, GOVERNMENT, LIGHTS, NOW, ROADS, Routing, Said, appeal, told

HOLE, LAMP = (
    "Во дворе дома 5 по улице Мира огромная яма на дороге",
    "На улице Ленина третий день не горит ни один фонарь",
)
BOTH = f"1) {HOLE}. 2) {LAMP}."


def _teach(routing: Routing) -> None:
    routing.classifier.told = {
        BOTH: Said("Ямы на дорогах", 0.5, [("Нет освещения", 0.4)]),
        HOLE: Said("Ямы на дорогах", 0.9),
        LAMP: Said("Нет освещения", 0.8),
    }


async def test_two_sure_questions_become_two_assignments_with_one_lead(
    routing: Routing, look: asyncpg.Connection
) -> None:
    """59-ФЗ ст. 8 ч. 4: each organisation has the appeal and answers its own question."""
    _teach(routing)
    await routing.handle(appeal(BOTH))
    (lead,), (helper,) = await routing.queue(ROADS), await routing.queue(LIGHTS)
    assert (lead["role"], lead["topic"]) == ("lead", "holes")
    assert (helper["role"], helper["topic"]) == ("co_executor", "lamps")
    assert lead["text"] == helper["text"] == BOTH
    details = await routing.call("GET", f"/assignments/{helper['id']}", routing.agency(LIGHTS))
    assert details["explanation"]["question"] == f"2) {LAMP}."
    assert any("один из вопросов" in step for step in details["explanation"]["steps"])
    taken = await routing.act(lead, "answer", text="Сделано", outcome="solved")
    assert taken["status"] == "answered"
    assert [item["status"] for item in await routing.queue(LIGHTS)] == ["new"], "each is closed apart"
    assert len(await told(look, "assignment.created")) == 2
    assert routing.classifier.asked == [3], "the text and its questions are guessed together"


async def test_questions_stay_together_where_one_is_unsure_or_the_citizen_chose(routing: Routing) -> None:
    _teach(routing)
    routing.classifier.told[LAMP] = Said("Нет освещения", 0.45)
    await routing.handle(appeal(BOTH))
    await routing.handle(appeal(BOTH, topic="lamps"))
    (alone,) = await routing.queue(ROADS)
    (chosen,) = await routing.queue(LIGHTS)
    assert (alone["role"], chosen["role"]) == ("lead", "lead")


async def test_a_complaint_of_several_questions_passes_by_its_object(routing: Routing) -> None:
    _teach(routing)
    await routing.handle(appeal(BOTH, complained_about=LIGHTS))
    assert await routing.queue(LIGHTS) == []
    assert len(await routing.queue(ROADS)) == len(await routing.queue(CITY)) == 1


async def test_the_coordinator_finds_what_the_law_proposes(routing: Routing) -> None:
    await routing.handle(appeal("Обжалую решение районного суда о яме", regime="statutory"))
    (waiting,) = await routing.triage()
    assert waiting["proposal"] == {
        "rule": "R7",
        "outcome": "returned",
        "reason": "Обжалуется судебное решение: вернуть заявителю и разъяснить порядок обжалования.",
        "basis": "59-ФЗ, ст. 11 ч. 2",
        "days": 7,
        "holds": True,
    }
    assert waiting["triage_reason"].startswith("Обжалуется судебное решение")
    assert waiting["explanation"]["suggested_organisation"] == str(ROADS)
    await routing.handle(appeal("Яма", regime="statutory", channel="paper", anonymous=True))
    assert [item["proposal"]["rule"] for item in await routing.triage()] == ["R7", "R6"]
    await routing.handle(appeal(complained_about=GOVERNMENT))
    assert (await routing.triage())[2]["proposal"]["rule"] == "R2"
    await routing.handle(appeal("Яма на личном приёме", channel="reception"))
    (item,) = await routing.queue(ROADS)
    details = await routing.call("GET", f"/assignments/{item['id']}", routing.agency())
    assert details["explanation"]["proposal"]["rule"] == "R12"


async def test_inside_a_level_a_question_goes_down_and_up_without_hops(
    routing: Routing, look: asyncpg.Connection
) -> None:
    await routing.handle(appeal())
    holder, other = ROADS, CITY
    for _ in range(6):
        (item,) = await routing.queue(holder)
        await routing.act(
            item, "redirect", by=holder, reason_code="not_competent", suggested_organisation=str(other)
        )
        holder, other = other, holder
    (item,) = await routing.queue(ROADS)
    assert item["hops"] == 0
    created, redirected = await told(look, "assignment.created"), await told(look, "assignment.redirected")
    assert [each["within_level"] for each in created] == [False, *[True] * 6]
    assert all(each["within_level"] for each in redirected)
    await routing.act(item, "redirect", reason_code="other_territory", suggested_organisation=str(DISTRICT))
    (gone,) = await routing.queue(DISTRICT)
    assert gone["hops"] == 1
    assert not (await told(look, "assignment.redirected"))[-1]["within_level"]


async def test_a_hand_over_inside_a_level_never_reaches_the_object_of_a_complaint(
    routing: Routing, look: asyncpg.Connection
) -> None:
    await routing.handle(appeal(complained_about=ROADS))
    (item,) = await routing.queue(CITY)
    await routing.act(
        item, "redirect", by=CITY, reason_code="not_competent", suggested_organisation=str(ROADS)
    )
    assert await routing.queue(ROADS) == []
    (waiting,) = await routing.triage()
    assert "ст. 8 ч. 6" in waiting["triage_reason"]
    assert not (await told(look, "assignment.redirected"))[-1]["within_level"]


async def _answered_again(routing: Routing, look: asyncpg.Connection) -> dict[str, Any]:
    (item,) = await routing.queue()
    answered = await routing.act(item, "answer", text="Разъяснено", outcome="explained")
    answer_id = await look.fetchval("SELECT max(id::text) FROM routing.answer")
    await routing.handle(
        AppealReopened(
            region="46", appeal_id=item["appeal_id"], assignment_id=item["id"], answer_id=answer_id,
            reason="Не решено", reopened_at=NOW,
        )
    )  # fmt: skip
    return answered


async def test_correspondence_stops_only_after_two_answers_of_one_organisation(
    routing: Routing, look: asyncpg.Connection
) -> None:
    """59-ФЗ ст. 11 ч. 5."""
    await routing.handle(appeal())
    first = await _answered_again(routing, look)
    path, coordinator = (
        f"/appeals/{first['appeal_id']}/stop-correspondence",
        routing.mint.headers("coordinator"),
    )
    decided = {"decided_by_head": True}
    for headers in (routing.mint.headers("portal"), routing.mint.headers("analyst"), routing.agency()):
        await routing.call("POST", path, headers, 403, json=decided)
    await routing.call("POST", path, coordinator, 422, json={"decided_by_head": False})
    await routing.call("POST", path, coordinator, 409, json=decided)
    await _answered_again(routing, look)
    unknown = f"/appeals/{uuid7()}/stop-correspondence"
    await routing.call("POST", unknown, coordinator, 404, json=decided)
    stopped = await routing.call("POST", path, coordinator, json=decided)
    assert stopped["cancelled"] == [first["id"]]
    (cancelled,) = await told(look, "assignment.cancelled")
    assert "ст. 11 ч. 5" in cancelled["reason"]
    await routing.call("POST", path, coordinator, 409, json=decided)


async def test_an_answer_that_waits_for_its_signature_is_no_answer_yet(
    routing: Routing, look: asyncpg.Connection
) -> None:
    await routing.handle(appeal())
    first = await _answered_again(routing, look)
    settings = {"second_signature": "all"}
    await routing.call(
        "PUT",
        "/settings/46/routing",
        routing.mint.headers("admin"),
        json=settings,
        more={"If-Match": 0},
    )
    (item,) = await routing.queue()
    held = await routing.act(item, "answer", text="Разъяснено снова", outcome="explained")
    assert held["status"] == "in_review"
    path = f"/appeals/{first['appeal_id']}/stop-correspondence"
    coordinator = routing.mint.headers("coordinator")
    await routing.call("POST", path, coordinator, 409, json={"decided_by_head": True})


async def test_classifying_explains_every_step_in_sentences(routing: Routing) -> None:
    coordinator = routing.mint.headers("coordinator")
    routing.classifier.told = {
        "Беда": Said("Ямы на дорогах", 0.28, [("Нет освещения", 0.27)], ["беда"]),
        "Туман": Said("Чужая тема", 0.9),
    }
    answer = await routing.call(
        "POST", "/classify", coordinator, json={"text": "Беда в Курске", "region": "46"}
    )
    assert answer["group"] == {"code": "streets", "name": "Улицы"}
    assert answer["organisation"] == {"id": str(CITY), "name": "Администрация города"}
    explained = " ".join(answer["explanation"])
    for words in (
        "«Ямы на дорогах» определена по словам: беда",
        "Место: Город Курск – названо в тексте",
        "уровень определён",
    ):
        assert words in explained
    unknown = await routing.call("POST", "/classify", coordinator, json={"text": "Туман", "region": "46"})
    assert (unknown["topic"], unknown["group"], unknown["organisation"]) == (None, None, None)
    assert unknown["explanation"][-1].startswith("Тему определить не удалось")


async def _relations(routing: Routing, **fields: Any) -> list[str]:
    event = appeal("Во дворе дома 5 по улице Мира огромная яма на дороге", **fields)
    await routing.handle(event)
    item = next(each for each in await routing.queue() if each["appeal_id"] == str(event.appeal_id))
    details = await routing.call("GET", f"/assignments/{item['id']}", routing.agency())
    relations: list[str] = details["explanation"]["relations"]
    return relations


async def test_repeats_duplicates_and_mass_appeals_carry_their_flags(routing: Routing) -> None:
    assert await _relations(routing) == []
    assert await _relations(routing) == ["duplicate"]
    assert await _relations(routing, client_id="another") == []
    for item in await routing.queue():
        await routing.act(item, "answer", text="Сделано", outcome="solved")
    assert await _relations(routing) == ["repeat"]
    assert await _relations(routing, client_id="third") == ["mass"]
    await routing.handle(appeal(), appeal())
    short = [each for each in await routing.queue() if each["text"] == "Яма на дороге"]
    details = await routing.call("GET", f"/assignments/{short[1]['id']}", routing.agency())
    assert details["explanation"]["relations"] == [], "so short a text says nothing"
