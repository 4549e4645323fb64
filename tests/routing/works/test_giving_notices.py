"""Whoever asks about a planned work is answered by its notice, once, and nobody else is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Literal

import asyncpg
import pytest

from contracts.intake import AppealModerated, AppealRegistered, AppealReopened, AppealWithdrawn
from tests.routing.conftest import Routing, appeal, told
from tests.routing.works.steps import LGOV, WATER, announce, answered, give, listed, set_up


async def test_a_question_about_a_work_is_answered_and_explained(
    routing: Routing, look: asyncpg.Connection
) -> None:
    await set_up(routing)
    made = await announce(routing)
    asked = appeal("На улице Ленина с утра нет воды, когда дадут?")
    await routing.handle(asked)
    (item,) = await routing.queue(WATER)
    details = await routing.call("GET", f"/assignments/{item['id']}", routing.agency(WATER))
    assert details["explanation"]["decided_by"] == "work"
    assert details["explanation"]["work"] == {"id": made["id"], "title": made["title"]}
    assert any("«Отключение холодной воды»" in step for step in details["explanation"]["steps"])
    assert await give(routing) == 1
    details = await routing.call("GET", f"/assignments/{item['id']}", routing.agency(WATER))
    (answer,) = details["answers"]
    assert (details["status"], answer["outcome"]) == ("answered", "explained")
    assert asked.number in answer["text"]
    (event,) = await told(look, "assignment.answered")
    assert (event["work_id"], event["organisation"]["name"]) == (made["id"], "Городской водоканал")
    assert [each["answered"] for each in await listed(routing)] == [1]
    incident = await look.fetchrow("SELECT * FROM routing.incident")
    report = await look.fetchrow("SELECT * FROM routing.incident_report")
    assert (str(incident["work_id"]), incident["appeals"], incident["status"]) == (made["id"], 1, "confirmed")
    assert (report["incident_id"], report["matched"]) == (incident["id"], True)
    assert str(incident["id"]) == event["incident_id"]


async def test_what_is_something_else_is_not_answered(routing: Routing, look: asyncpg.Connection) -> None:
    """The same house, another matter; the same matter, another place or time; thanks; a danger."""
    await set_up(routing)
    await announce(routing)
    now = datetime.now(UTC)
    others = {
        "matter": appeal("Огромная яма на улице Ленина у дома 12"),
        "both matters": appeal("На улице Ленина яма после ремонта водопровода"),
        "town": appeal("Льгов, улица Ленина, 12: нет воды"),
        "chosen town": appeal("На улице Ленина нет воды", municipality=LGOV),
        "street": appeal("На улице Садовая нет воды"),
        "square": appeal("На площади Ленина не работает фонтан, нет воды"),
        "before": appeal("На улице Ленина нет воды", received_at=now - timedelta(hours=2)),
        "after": appeal("На улице Ленина нет воды", received_at=now + timedelta(hours=6)),
        "thanks": appeal("Большое спасибо за воду на улице Ленина, всё отлично, благодарим!"),
        "danger": appeal("На улице Ленина нет воды, горит дом, внутри люди!", danger=True),
        "complained about": appeal("На улице Ленина нет воды", complained_about=WATER),
        "named": appeal("Жалоба на Городской водоканал: на улице Ленина нет воды"),
        "two in one": appeal(
            "1) На улице Ленина третий день нет холодной воды. 2) Во дворе на улице Ленина уже давно нет воды в колонке."
        ),
        "foreign": appeal("There is no water in our house in Lenina street since yesterday morning"),
    }
    fitting = appeal("г. Курск, 3-я Песчаная, д. 4: нет холодной воды вторые сутки")
    apart = appeal(
        "1) На улице Ленина третий день нет холодной воды. 2) На улице Ленина глубокая яма у дома.",
        regime="statutory",
    )
    await routing.handle(*others.values(), fitting, apart)
    await give(routing)
    statuses = await answered(look)
    assert (statuses.pop(fitting.appeal_id), statuses.pop(apart.appeal_id)) == ("answered", "answered")
    other = "SELECT status FROM routing.assignment WHERE appeal_id = $1 AND role = 'co_executor'"
    assert await look.fetchval(other, apart.appeal_id) == "new", "the other question goes its own way"
    names = {event.appeal_id: name for name, event in others.items()}
    assert {names[id] for id, status in statuses.items() if status == "answered"} == set()
    assert len(statuses) == len(others)


async def test_areas_towns_and_groups(routing: Routing, look: asyncpg.Connection) -> None:
    """A point in the area; a whole town; a topic of the group that is named; the citizen's own choice of topic."""
    await set_up(routing)
    square = [[36.18, 51.72], [36.2, 51.72], [36.2, 51.74], [36.18, 51.74], [36.18, 51.72]]
    area = {"type": "Polygon", "coordinates": [square]}
    await announce(routing, streets=[], area=area, topics=["utilities"], title="Опрессовка")
    await announce(routing, streets=[], settlement="Льгов", municipality=None, title="Промывка сетей")
    inside, outside = {"lat": 51.73, "lon": 36.19}, {"lat": 51.73, "lon": 36.21}
    fits = [
        appeal("Нет воды во дворе", location=inside),
        appeal("Холодно в квартире", topic="heat", location=inside),
        appeal("Льгов: воды нет во всём городе"),
        appeal("Нет воды", municipality=LGOV),
    ]
    others = [appeal("Нет воды во дворе", location=outside), appeal("Нет воды"), appeal("В Курске нет воды")]
    await routing.handle(*fits, *others)
    assert await give(routing) == len(fits)
    found = {id for id, status in (await answered(look)).items() if status == "answered"}
    assert found == {event.appeal_id for event in fits}


async def test_a_moderator_sees_it_first(routing: Routing, look: asyncpg.Connection) -> None:
    """Held appeals get the notice once they may go on, in whatever order that is heard of; rejected and withdrawn ones never."""
    await set_up(routing)
    await announce(routing)
    text = "На улице Ленина нет воды"
    hidden, rejected, waiting, withdrawn, early = (appeal(text, on_moderation=True) for _ in range(5))
    now = datetime.now(UTC)

    def moderated(event: AppealRegistered, decision: Literal["accept", "reject", "hide"]) -> AppealModerated:
        return AppealModerated(
            region="46", appeal_id=event.appeal_id, decision=decision, reason="", moderated_at=now, sequence=2
        )

    await routing.handle(moderated(early, "accept"))
    await routing.handle(hidden, rejected, waiting, withdrawn, early)
    assert await give(routing) == 1
    await routing.handle(moderated(hidden, "hide"), moderated(rejected, "reject"))
    await routing.handle(
        AppealWithdrawn(region="46", appeal_id=withdrawn.appeal_id, withdrawn_at=now, sequence=2)
    )
    assert await give(routing) == 1
    assert await answered(look) == {
        early.appeal_id: "answered",
        hidden.appeal_id: "answered",
        rejected.appeal_id: "cancelled",
        withdrawn.appeal_id: "cancelled",
        waiting.appeal_id: "new",
    }
    assert await look.fetchval("SELECT count(*) FROM routing.due_notice") == 1


async def test_who_is_not_content_is_not_sent_the_notice_again(
    routing: Routing, look: asyncpg.Connection
) -> None:
    await set_up(routing)
    await announce(routing)
    asked = appeal("На улице Ленина нет воды")
    await routing.handle(asked)
    await give(routing)
    answer = await look.fetchrow("SELECT id, assignment_id FROM routing.answer")
    reopened = AppealReopened(
        region="46",
        appeal_id=asked.appeal_id,
        assignment_id=answer["assignment_id"],
        answer_id=answer["id"],
        reason="Воды так и нет.",
        reopened_at=datetime.now(UTC),
        sequence=3,
    )
    await routing.handle(reopened)
    await routing.handle(asked)  # a replay
    assert await give(routing) == 0
    assert await answered(look) == {asked.appeal_id: "reopened"}
    (item,) = await routing.queue(WATER)
    assert item["status"] == "reopened"


async def test_what_a_person_has_taken_up_stays_with_the_person(
    routing: Routing, look: asyncpg.Connection
) -> None:
    """Claimed ones wait for the lease, accepted ones are a person's; both tell of the work all the same."""
    await set_up(routing)
    await announce(routing)
    await routing.handle(appeal("На улице Ленина нет воды"), appeal("На улице Ленина сухо, нет воды"))
    kept, returned = await routing.claim(WATER)
    assert await give(routing) == 2, "both are looked at again"
    await routing.act(kept, "accept", WATER)
    await routing.act(returned, "release", WATER)
    await look.execute("UPDATE routing.due_notice SET due_at = now()")
    await give(routing)
    statuses = await look.fetch("SELECT id::text, status FROM routing.assignment")
    assert {row["id"]: row["status"] for row in statuses} == {
        kept["id"]: "accepted",
        returned["id"]: "answered",
    }
    assert [each["answered"] for each in await listed(routing)] == [1]
    assert await look.fetchval("SELECT appeals FROM routing.incident") == 2


async def test_a_work_that_was_ended_answers_nobody_more(routing: Routing, look: asyncpg.Connection) -> None:
    await set_up(routing)
    made = await announce(routing)
    before = appeal("На улице Ленина нет воды")
    await routing.handle(before)
    await give(routing)
    waiting = appeal("На улице Ленина нет воды второй час")
    await routing.handle(waiting)
    path, headers = f"/api/v1/works/{made['id']}", routing.mint.headers("coordinator")
    gone = await routing.client.delete(path, headers={**headers, "If-Match": "1"})
    assert gone.status_code == 204, gone.text
    await routing.handle(after := appeal("На улице Ленина нет воды третий час"))
    await give(routing)
    assert await answered(look) == {
        before.appeal_id: "answered",
        waiting.appeal_id: "new",
        after.appeal_id: "new",
    }
    assert await look.fetchval("SELECT status FROM routing.incident") == "closed"
    (over,) = await listed(routing, status="over")
    assert (over["id"], over["answered"]) == (made["id"], 1)


@pytest.mark.parametrize("role", ["coordinator", "agency"])
async def test_what_was_held_is_not_answered_by_a_work_that_is_elsewhere_by_then(
    routing: Routing, look: asyncpg.Connection, role: str
) -> None:
    """A moderator lets appeals go on a day later; meanwhile the work was set right: it was in another street. A work that only
    lasts longer, or says more, still answers."""
    await set_up(routing)
    mistaken, longer = await announce(routing), await announce(routing, streets=["улица Садовая"])
    wrong = appeal("На улице Ленина нет воды", on_moderation=True)
    right = appeal("На улице Садовой нет воды", on_moderation=True)
    await routing.handle(wrong, right)
    assert await look.fetchval("SELECT count(*) FROM routing.due_notice WHERE held") == 2
    headers = routing.agency(WATER) if role == "agency" else routing.mint.headers(role)
    ends_at = (datetime.now(UTC) + timedelta(hours=9)).isoformat()
    for made, change in (
        (mistaken, {"streets": ["3-я Песчаная улица"]}),
        (longer, {"ends_at": ends_at, "notice": "Воды нет до ночи."}),
    ):
        path, first = f"/works/{made['id']}", {"If-Match": 1}
        await routing.call("PUT", path, headers, json={**made, **change}, more=first)
    await routing.handle(
        *(
            AppealModerated(
                region="46",
                appeal_id=event.appeal_id,
                decision="accept",
                reason="",
                moderated_at=datetime.now(UTC),
                sequence=2,
            )
            for event in (wrong, right)
        )
    )
    await give(routing)
    assert await answered(look) == {wrong.appeal_id: "new", right.appeal_id: "answered"}


async def test_what_a_coordinator_has_set_right_is_answered_by_a_person(
    routing: Routing, look: asyncpg.Connection
) -> None:
    """It is about something else, says the coordinator, and leaves it with the same organisation: no notice then."""
    await set_up(routing)
    await announce(routing)
    asked = appeal("На улице Ленина нет воды, второй раз за год прошу новый водопровод", on_moderation=True)
    await routing.handle(asked)
    (item,) = await routing.queue(WATER)
    coordinator = routing.mint.headers("coordinator")
    await routing.act(
        item, "correct", WATER, 200, coordinator, topic="heat", organisation=str(WATER), reason="О другом"
    )
    accepted = AppealModerated(
        region="46",
        appeal_id=asked.appeal_id,
        decision="accept",
        reason="",
        moderated_at=datetime.now(UTC),
        sequence=2,
    )
    await routing.handle(accepted)
    assert await give(routing) == 1
    assert await answered(look) == {asked.appeal_id: "new"}
