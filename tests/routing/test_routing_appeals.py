"""Registered appeals find their body, or a coordinator, with the reason."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import orjson

from contracts.intake import AppealClarified, AppealModerated, AppealReopened, AppealWithdrawn
from services.routing.assignments.rules.words import unpack_reason, unpack_words
from tests.routing.conftest import (
    CITY,
    DISTRICT,
    DISTRICT_PLACE,
    GOVERNMENT,
    KURSK,
    LIGHTS,
    NOW,
    ROADS,
    Routing,
    Said,
    appeal,
    told,
)


async def test_an_appeal_reaches_the_competent_body_with_its_reasons(
    routing: Routing, look: asyncpg.Connection
) -> None:
    event = appeal("Яма на дороге в Курске")
    await routing.handle(event)
    (item,) = await routing.queue()
    assert (item["appeal_id"], item["topic"], item["status"]) == (str(event.appeal_id), "holes", "new")
    assert item["organisation"] == {"id": str(ROADS), "name": "Комитет дорог"}
    details = await routing.call("GET", f"/assignments/{item['id']}", routing.agency())
    why = details["explanation"]
    assert (why["source"], why["score"], why["terms"]) == ("model", 0.9, ["яма"])
    assert (why["municipality"], why["municipality_found_in"]) == (KURSK, "text")
    assert why["rule"]["topic"] == "holes"
    assert why["alternatives"] == [{"topic": "lamps", "name": "Нет освещения", "score": 0.05}]
    (created,) = await told(look, "assignment.created")
    assert created["topic"]["group_name"] == "Улицы"
    assert created["organisation"]["name"] == "Комитет дорог"
    assert created["sequence"] == 1


async def test_the_citizens_topic_is_taken_and_brings_co_executors(routing: Routing) -> None:
    await routing.handle(appeal(topic="lamps", municipality=KURSK))
    assert routing.classifier.asked == []
    (lead,) = await routing.queue(LIGHTS)
    (helper,) = await routing.queue(CITY)
    assert (lead["role"], helper["role"]) == ("lead", "co_executor")
    assert lead["appeal_id"] == helper["appeal_id"]


async def test_a_settlement_belongs_to_its_district(routing: Routing) -> None:
    await routing.handle(appeal(topic="clinics", municipality="38602411"))
    assert (await routing.triage())[0]["triage_reason"].startswith("Нет правила компетенции")
    await routing.handle(appeal(topic="holes", municipality="38602411101"))
    assert len(await routing.queue(ROADS)) == 1, "the topic's rule goes before the group's"
    await routing.load(rules=[{"topic": "holes", "municipality": DISTRICT_PLACE, "organisation": "district"}])
    await routing.handle(appeal(topic="holes", municipality="38602411101"))
    assert len(await routing.queue(DISTRICT)) == 1


UNCLEAR: list[tuple[dict[str, Any], Said, str]] = [
    ({"topic": "no-such"}, Said("Ямы на дорогах", 0.9), "Выбранной темы «no-such» нет"),
    ({"complained_about": uuid4()}, Said("Ямы на дорогах", 0.9), "Орган, на который подана жалоба"),
    ({}, Said("Ямы на дорогах", 0.21), "Уверенность в теме 21 % ниже порога 30 %"),
    ({}, Said("Чужая тема", 0.9, [("Нет освещения", 0.04)]), "Уверенность в теме 4 %"),
    ({}, Said("Чужая тема", 0.9), "Тему определить не удалось"),
    ({"topic": "clinics"}, Said("Ямы на дорогах", 0.9), "Нет правила компетенции"),
    ({"region": "59"}, Said("Ямы на дорогах", 0.9), "Тему определить не удалось"),
]


async def test_what_is_unclear_waits_for_a_coordinator(routing: Routing) -> None:
    for fields, said, reason in UNCLEAR:
        routing.classifier.told["Яма"] = said
        event = appeal(**fields)
        await routing.handle(event)
        answer = await routing.call("GET", "/triage", routing.mint.headers("coordinator", ["46", "59"]))
        item = next(item for item in answer["items"] if item["appeal_id"] == str(event.appeal_id))
        assert item["triage_reason"].startswith(reason)
        assert (item["status"], item["organisation"]) == ("triage", None)
        assert item["topic"] or "не удалось" in reason, "there is a best guess wherever one is possible"


async def test_a_complaint_never_reaches_its_object(routing: Routing) -> None:
    """59-ФЗ ст. 8 ч. 6: the superior decides, and where there is none, a person."""
    await routing.handle(appeal(complained_about=ROADS))
    (item,) = await routing.queue(CITY)
    details = await routing.call("GET", f"/assignments/{item['id']}", routing.agency(CITY))
    assert "вышестоящему" in details["explanation"]["note"]
    await routing.handle(appeal(complained_about=CITY))
    assert len(await routing.queue(GOVERNMENT)) == 1, "the committee stands below the city"
    await routing.handle(appeal(complained_about=GOVERNMENT))
    assert "ст. 8 ч. 6" in (await routing.triage())[0]["triage_reason"]
    assert await routing.queue(ROADS) == []


async def test_a_replay_creates_nothing_new(routing: Routing, look: asyncpg.Connection) -> None:
    events = [appeal() for _ in range(40)]
    await routing.handle(*events)
    await routing.handle(*reversed(events), events[0])
    assert await look.fetchval("SELECT count(*) FROM routing.assignment") == 40
    assert len(await told(look, "assignment.created")) == 40
    assert routing.classifier.asked == [32, 8], "in pieces of 32, and only once"
    await routing.handle(appeal(topic="clinics"))
    counted = await routing.call("GET", "/operations/routing/counts", routing.mint.headers("admin", ["*"]))
    own = {"appeals": 41, "assignments": 41, "assigned": 40, "triage": 1}
    assert counted["counts"] == {**own, "feed": 40, "feed_readable": 40}


async def test_the_end_of_an_appeal_may_be_heard_of_first(routing: Routing, look: asyncpg.Connection) -> None:
    first, second = appeal(), appeal()
    await routing.handle(first)
    withdrawn = [
        AppealWithdrawn(region="46", appeal_id=event.appeal_id, withdrawn_at=NOW) for event in (first, second)
    ]
    await routing.handle(*withdrawn)
    await routing.handle(second)
    rows = await look.fetch("SELECT status, version FROM routing.assignment")
    assert [(row["status"], row["version"]) for row in rows] == [("cancelled", 2)] * 2
    assert len(await told(look, "assignment.cancelled")) == 2
    assert await routing.queue() == []
    assert [change for _, change in await routing.feed()] == ["entered", "left"]


async def test_a_rejected_appeal_is_cancelled_an_accepted_one_goes_on(
    routing: Routing, look: asyncpg.Connection
) -> None:
    kept, refused = appeal(on_moderation=True), appeal(on_moderation=True)
    await routing.handle(kept, refused)
    await routing.handle(
        *(
            AppealModerated(
                region="46", appeal_id=e.appeal_id, decision=decision, reason="спам", moderated_at=NOW
            )
            for e, decision in ((kept, "accept"), (refused, "reject"))
        )
    )
    assert [item["appeal_id"] for item in await routing.queue()] == [str(kept.appeal_id)]
    (cancelled,) = await told(look, "assignment.cancelled")
    assert cancelled["reason"] == "Отклонено модератором."


async def test_an_appeal_that_is_admitted_after_all_goes_on_by_a_coordinator(
    routing: Routing, look: asyncpg.Connection
) -> None:
    """Its applicant objected to the rejection; once, however often the decision is told."""
    event = appeal("Яма на дороге в Курске", on_moderation=True)
    await routing.handle(event)

    def decided(decision: str, seconds: int) -> AppealModerated:
        return AppealModerated(
            region="46",
            appeal_id=event.appeal_id,
            decision=decision,
            reason="по возражению",
            moderated_at=NOW + timedelta(seconds=seconds),
        )

    await routing.handle(decided("reject", 0))
    await routing.handle(decided("accept", 60))
    await routing.handle(decided("accept", 60))
    first, again = await told(look, "assignment.created")
    assert first["appeal_id"] == again["appeal_id"] == str(event.appeal_id)
    assert again["organisation"] is None
    assert again["triage_reason"].startswith("Возражение заявителя принято")
    assert again["topic"] == first["topic"]
    assert again["predecessor_id"] is None
    statuses = await look.fetch("SELECT status FROM routing.assignment ORDER BY created_at")
    assert [row["status"] for row in statuses] == ["cancelled", "triage"]


async def test_a_replay_that_the_inbox_has_forgotten_changes_nothing(
    routing: Routing, look: asyncpg.Connection
) -> None:
    """Whatever intake may say of an appeal, said again long after: nothing is written and nobody is told."""
    answered, asked, over = appeal(), appeal(), appeal()
    rejected = appeal(on_moderation=True)
    await routing.handle(answered, asked, over, rejected)
    items = {UUID(item["appeal_id"]): item for item in await routing.claim(limit=10)}
    await routing.act(items[answered.appeal_id], "answer", text="Яма заделана", outcome="solved")
    await routing.act(items[asked.appeal_id], "clarify", question="Где именно?")
    answer = await look.fetchrow("SELECT id, assignment_id FROM routing.answer")
    at = datetime.now(UTC)
    events = [
        answered, asked, over, rejected,
        AppealReopened(
            region="46", appeal_id=answered.appeal_id, assignment_id=answer["assignment_id"],
            answer_id=answer["id"], reason="оценка 1", reopened_at=at,
        ),
        AppealClarified(region="46", appeal_id=asked.appeal_id, text="у подъезда", clarified_at=at),
        AppealWithdrawn(region="46", appeal_id=over.appeal_id, withdrawn_at=at),
        AppealModerated(
            region="46", appeal_id=rejected.appeal_id, decision="reject", reason="брань", moderated_at=at
        ),
    ]  # fmt: skip
    await routing.handle(*events)
    before = await everything(look)
    for event in events:
        await routing.handle(event)
    assert await everything(look) == before


async def everything(look: asyncpg.Connection) -> list[list[asyncpg.Record]]:
    tables = ("routed_appeal", "assignment", "answer", "queue_change", "outbox")
    return [await look.fetch(f"SELECT * FROM routing.{table} ORDER BY 1, 2, 3, 4") for table in tables]


async def test_assignments_of_an_older_version_are_shown_and_worked_on(
    routing: Routing, look: asyncpg.Connection
) -> None:
    """Their words are in clear, as they were kept before."""
    await routing.handle(appeal("Яма на дороге в Курске", address="ул. Ленина, 5"), appeal(topic="unknown"))
    (item,) = await routing.queue()
    coordinator = routing.mint.headers("coordinator")
    path = f"/assignments/{item['id']}"
    before = [await routing.call("GET", each, coordinator) for each in (path, "/triage")]
    for row in await look.fetch("SELECT * FROM routing.assignment"):
        words = unpack_words(row["packed"])
        await look.execute(
            "UPDATE routing.assignment SET text = $2, address = $3, explanation = $4, triage_reason = $5, "
            "due_reason = $6, packed = NULL, due_packed = NULL WHERE id = $1",
            row["id"],
            words.text,
            words.address,
            orjson.dumps(words.explanation).decode(),
            words.triage_reason,
            unpack_reason(row["due_packed"]) if row["due_packed"] else None,
        )
    assert [await routing.call("GET", each, coordinator) for each in (path, "/triage")] == before
    (waiting,) = before[1]["items"]
    corrected = await routing.call(
        "POST",
        f"/assignments/{waiting['id']}/correct",
        coordinator,
        json={"topic": "holes"},
        more={"If-Match": 1},
    )
    assert (corrected["text"], corrected["triage_reason"]) == (waiting["text"], None)
    details = await routing.call("GET", f"/assignments/{waiting['id']}", coordinator)
    assert details["explanation"]["source"] == "coordinator"
    assert await look.fetchval(
        "SELECT packed IS NOT NULL AND text IS NULL FROM routing.assignment WHERE id = $1", corrected["id"]
    )
