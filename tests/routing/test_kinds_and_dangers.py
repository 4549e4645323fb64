"""What an appeal is and how urgent: on its assignments, in events, in the coordinator's list; other languages go to a person."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from meaning import dangers
from tests.routing.conftest import KURSK, NOW, ROADS, Routing, appeal, told

GAS = "Сильный запах газа в подъезде, Курск"


async def test_kind_and_importance_are_on_assignments_and_in_events(
    routing: Routing, look: asyncpg.Connection
) -> None:
    await routing.handle(appeal("Спасибо большое за новый тротуар, очень красиво!"))
    (item,) = await routing.queue()
    assert (item["kind"], item["importance"]) == ("thanks", "normal")
    (created,) = await told(look, "assignment.created")
    assert (created["kind"], created["importance"]) == ("thanks", "normal")


async def test_a_danger_stands_first_until_somebody_accepts_it(routing: Routing) -> None:
    waiting = appeal("Яма на дороге", topic="nonsense", municipality=KURSK)
    danger = appeal(GAS, received_at=NOW + timedelta(hours=1), topic="holes", municipality=KURSK)
    await routing.handle(waiting, danger)
    first, second = await routing.triage()
    assert (first["number"], first["flags"], first["status"]) == (danger.number, ["112"], "new")
    assert first["organisation"]["id"] == str(ROADS)
    assert (second["number"], second["flags"]) == (waiting.number, [])
    (item,) = [each for each in await routing.queue() if each["number"] == danger.number]
    assert item["importance"] == "danger"
    (claimed,) = [each for each in await routing.claim() if each["number"] == danger.number]
    await routing.act(claimed, "accept")
    assert [each["number"] for each in await routing.triage()] == [waiting.number]


async def test_intakes_word_about_a_danger_counts(routing: Routing) -> None:
    assert dangers.find("[имя] снова у двери") is None
    await routing.handle(appeal("[имя] снова у двери", danger=True))
    (item,) = await routing.triage()
    assert (item["importance"], item["flags"]) == ("danger", ["112"])


async def test_pages_go_through_dangers_and_then_through_what_waits(routing: Routing) -> None:
    events = [
        appeal(GAS if number % 2 else "Яма", topic="nonsense", received_at=NOW + timedelta(minutes=number))
        for number in range(6)
    ]
    await routing.handle(*events)
    expected = [events[number].number for number in (1, 3, 5, 0, 2, 4)]
    for limit in (1, 2, 3, 4):
        seen, cursor = list[str](), ""
        for _ in range(7):
            page = await routing.call(
                "GET",
                "/triage",
                routing.mint.headers("coordinator"),
                params={"limit": limit, "cursor": cursor},
            )
            seen += [each["number"] for each in page["items"]]
            cursor = page["next_cursor"]
            if not cursor:
                break
        assert seen == expected, limit


@pytest.mark.parametrize("topic", [None, "holes"])
async def test_what_is_not_russian_is_for_a_person(routing: Routing, topic: str | None) -> None:
    await routing.handle(appeal("Безнең урамда юл начар, төзәтегез әле", topic=topic))
    assert routing.classifier.asked == []
    (item,) = await routing.triage()
    assert item["triage_reason"] == (
        "Обращение не на русском языке (татарский): нужен перевод и решение человека."
    )
    assert (item["topic"], item["organisation"], item["status"]) == (topic, None, "triage")


async def test_classify_tells_kind_importance_and_language(routing: Routing) -> None:
    portal = routing.mint.headers("portal")
    known = await routing.call("POST", "/classify", portal, json={"text": GAS, "region": "46"})
    assert set(known["kind"]) == {"value", "confidence"}
    assert (known["importance"]["value"], known["language"]) == ("danger", "ru")
    foreign = {"text": "Біздің көшеде жарық жоқ", "region": "46"}
    answer = await routing.call("POST", "/classify", portal, json=foreign)
    assert (answer["language"], answer["topic"], answer["organisation"]) == ("kk", None, None)


async def test_a_draft_is_offered_topics_and_warned_of_danger_without_a_token(routing: Routing) -> None:
    async def offered(text: str, status: int = 200) -> dict[str, Any]:
        answer: dict[str, Any] = await routing.call(
            "POST", "/known/topics", {}, status, json={"region": "46", "text": text}
        )
        return answer

    found = await offered("Яма на дороге, глубокая яма на улице")
    assert found["items"][0] == {"code": "holes", "name": "Ямы на дорогах"}
    assert (len(found["items"]) <= 3, found["danger"]) == (True, False)
    assert (await offered(GAS))["danger"] is True
    foreign = await offered("There is a very deep hole in the road near our house")
    assert foreign == {"items": [], "danger": False}
    await offered(" ", 422)
    await offered("а" * 2001, 422)
