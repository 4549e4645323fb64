"""The lead answers an incident as a whole: every citizen gets a copy, once."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from chassis.db import open_work
from contracts.intake import AppealReopened, AppealWithdrawn
from harness.databases import PROJECT
from harness.waiting import eventually
from services.routing.incidents.actions import replying
from tests.conftest import size
from tests.routing.answers.test_review import RUDE, set_up
from tests.routing.conftest import LIGHTS, ROADS, Routing, heard, told
from tests.routing.incidents_acts.incidents import Event, answer_all, arrived, happened

TEXT = "По обращению {number}: яма на улице Ленина заделана 20 ноября, акт № 14."


async def confirmed(routing: Routing, look: asyncpg.Connection, *more: UUID | None, **fields: Any) -> Event:
    """An incident of the roads."""
    event = await happened(routing, look, [ROADS, ROADS, ROADS, *more], **fields)
    await event.act("confirm")
    return event


async def test_every_citizen_gets_a_copy_and_the_incident_is_closed(
    routing: Routing, look: asyncpg.Connection
) -> None:
    event = await happened(routing, look, [ROADS, ROADS, ROADS, ROADS, LIGHTS, None])
    for _ in range(2):
        await routing.claim(ROADS, limit=1)
    await routing.claim(LIGHTS, limit=1)
    await event.act("confirm")
    assert LIGHTS in await event.holders(), "who has leased it works on it"
    given = await event.answer(text=TEXT)
    assert given == {"done": 0, "of": 6}
    assert (await look.fetchval("SELECT text FROM routing.incident_answer")) == "", (
        "officials' words are sealed"
    )
    assert await answer_all(routing) == 3, "one batch, one more look from the beginning, the end"
    assert await event.answer(text=TEXT) == {"done": 6, "of": 6}
    answered = await told(look, "assignment.answered")
    assert Counter(each["assignment_id"] for each in answered) == Counter(map(str, event.assignments))
    assert {each["incident_id"] for each in answered} == {str(event.id)}
    assert {each["organisation"]["id"] for each in answered} == {str(ROADS)}
    numbers = {
        each["number"]
        for each in await look.fetch("SELECT number FROM routing.assignment WHERE role = 'lead'")
    }
    texts = {each["text"] for each in await heard(look, "assignment.answered")}
    assert texts == {TEXT.replace("{number}", number) for number in numbers}
    assert {(each["organisation_id"], each["status"]) for each in await event.members()} == {
        (ROADS, "answered")
    }
    assert await look.fetchval("SELECT count(*) FROM routing.assignment WHERE lease_token IS NOT NULL") == 0
    closed = await event.row()
    assert closed["status"] == "closed"
    assert closed["answered_at"] is not None
    assert (await told(look, "incident.changed"))[-1]["status"] == "closed"
    acts: list[tuple[str, dict[str, Any]]] = [("undo", {}), ("split", {"appeals": [str(event.appeals[0])]})]
    for verb, body in acts:
        problem = await event.act(verb, 409, **body)
        assert problem["type"] == "/problems/not-allowed-now"


async def test_another_text_and_people_who_may_not(routing: Routing, look: asyncpg.Connection) -> None:
    event = await happened(routing, look)
    await event.answer(status=404)
    await event.act("confirm")
    version = (await event.row())["version"]
    await event.answer(LIGHTS, status=404)
    await event.act("answer", 412, routing.agency(), version=1, text=TEXT, outcome="solved")
    await event.answer(outcome="postponed", status=422)
    await event.answer(
        outcome="postponed",
        promised_on=(datetime.now(UTC) - timedelta(days=3)).date().isoformat(),
        status=422,
    )
    problem = await event.answer(attachments=["01930000-0000-7000-8000-000000000001"], status=422)
    assert problem["type"] == "/problems/attachment-unknown"
    assert (await event.answer(text="Заделаем до {due_on}.", status=422))["errors"][0]["pointer"] == "/text"
    given = await event.answer(more={"Idempotency-Key": "once"})
    again = await event.act(
        "answer",
        202,
        routing.agency(),
        version=version,
        text="Яма на улице Ленина заделана 20 ноября, акт № 14.",
        outcome="solved",
    )
    assert again == given, "the version was raised by the answer itself"
    await event.answer(text="Другой ответ: яма засыпана 21 ноября.", status=409)
    await event.act("undo", 409)
    other = await happened(routing, look)
    await other.act("merge", 409, into=str(event.id))


async def test_no_copy_of_what_a_check_blocks_goes_out(routing: Routing, look: asyncpg.Connection) -> None:
    event = await confirmed(routing, look)
    blocked = await event.answer(text=RUDE, outcome="explained", status=422)
    assert blocked["type"] == "/problems/answer-blocked"
    assert blocked["errors"][0]["message"].startswith("rude: ")
    assert await answer_all(routing) == 0
    assert await told(look, "assignment.answered") == []
    await set_up(routing, second_signature="all")
    assert (await event.answer(status=409))["type"] == "/problems/signature-needed"
    await set_up(routing, second_signature="statutory")
    assignments, appeals = await arrived(routing, look, [ROADS], regime="statutory")
    await event.join(assignments, appeals)
    assert (await event.answer())["of"] == 4
    await answer_all(routing)
    assert await event.answer() == {"done": 3, "of": 3}
    statuses = {each["id"]: each["status"] for each in await event.members()}
    assert statuses[assignments[0]] == "new", "somebody has to sign it"


async def test_what_waits_for_somebody_else_is_left_to_itself(
    routing: Routing, look: asyncpg.Connection
) -> None:
    """By status: a question to the citizen, an answer in review, a promise, what was sent away."""
    event = await happened(routing, look, [ROADS] * 7)
    asked, held, promised, sent, answered, begun, _ = event.assignments
    day = (datetime.now(UTC) + timedelta(days=20)).date().isoformat()
    acts: list[tuple[UUID, str, dict[str, Any]]] = [
        (asked, "clarify", {"question": "Где именно?"}),
        (held, "answer", {"text": RUDE, "outcome": "explained"}),
        (promised, "answer", {"text": "Заделаем до 20 декабря.", "outcome": "postponed", "promised_on": day}),
        (sent, "redirect", {"reason_code": "not_competent", "suggested_organisation": str(LIGHTS)}),
        (answered, "answer", {"text": "Яма заделана 3 мая, акт № 1.", "outcome": "solved"}),
        (begun, "accept", {}),
    ]
    for assignment, verb, body in acts:
        await routing.act({"id": assignment, "version": 1}, verb, **body)
    await event.act("confirm")
    assert (await event.answer())["of"] == 3
    await answer_all(routing)
    statuses = {each["id"]: each["status"] for each in await event.members()}
    assert [statuses[each] for each in event.assignments] == [
        "clarifying",
        "in_review",
        "answered",
        "redirected",
        "answered",
        "answered",
        "answered",
    ]
    copies = [each for each in await told(look, "assignment.answered") if each["incident_id"]]
    assert {each["assignment_id"] for each in copies} == {
        str(each) for each in (promised, begun, event.assignments[6])
    }


async def test_who_comes_while_it_is_being_given_gets_it_and_who_reopens_gets_no_second_copy(
    routing: Routing, look: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replying, "AT_ONCE", 2)
    event = await confirmed(routing, look)
    await event.answer()

    async def step() -> bool:
        async with routing.app.state.resources.sessions.begin() as session:
            await open_work(session)
            return await replying.reply_some(session)

    assert await step()
    assert await event.answer() == {"done": 2, "of": 3}
    (first,) = [
        each
        for each in await told(look, "assignment.answered")
        if each["assignment_id"] == str(event.assignments[0])
    ]
    await routing.handle(
        AppealReopened(
            region="46",
            appeal_id=event.appeals[0],
            assignment_id=event.assignments[0],
            answer_id=UUID(first["answer_id"]),
            reason="Яма на месте.",
            reopened_at=datetime.now(UTC),
        )
    )
    late, appeals = await arrived(routing, look, [LIGHTS], received_at=datetime.now(UTC) - timedelta(hours=3))
    await event.join(late, appeals)
    await answer_all(routing)
    given = Counter(each["assignment_id"] for each in await told(look, "assignment.answered"))
    assert given == Counter(map(str, [*event.assignments, *late]))
    statuses = {each["id"]: each["status"] for each in await event.members()}
    assert statuses[event.assignments[0]] == "reopened"
    assert statuses[late[0]] == "answered"
    assert await look.fetchval("SELECT count(*) FROM routing.incident_reply") == 0
    assert await event.answer() == {"done": 4, "of": 4}


async def test_two_workers_and_an_organisation_at_once_give_no_answer_twice(
    routing: Routing, look: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replying, "AT_ONCE", 3)
    events = [await confirmed(routing, look, *[ROADS] * 6) for _ in range(2)]
    for event in events:
        await event.answer()
    single = events[0].assignments[-1]

    async def alone() -> None:
        headers = {**routing.agency(), "If-Match": "1"}
        body = {"text": "Яма заделана 3 мая, акт № 1.", "outcome": "solved"}
        await routing.client.post(f"/api/v1/assignments/{single}/answer", headers=headers, json=body)

    await asyncio.gather(answer_all(routing), answer_all(routing), alone())
    await answer_all(routing)
    given = Counter(each["assignment_id"] for each in await told(look, "assignment.answered"))
    assert given == Counter(str(each) for event in events for each in event.assignments)
    assert [(await event.row())["status"] for event in events] == ["closed", "closed"]


async def test_people_who_act_at_once_take_turns(routing: Routing, look: asyncpg.Connection) -> None:
    """Nobody waits in a circle, and whoever comes second is told so."""
    first = await happened(routing, look, [ROADS, LIGHTS, ROADS, None])
    second = await happened(routing, look, [LIGHTS, ROADS, LIGHTS, None])
    coordinator = {**routing.mint.headers("coordinator"), "If-Match": "1"}

    async def act(event: Event, verb: str, **body: Any) -> int:
        path = f"/api/v1/incidents/{event.id}/{verb}"
        return int((await routing.client.post(path, headers=coordinator, json=body)).status_code)

    statuses = await asyncio.gather(
        act(first, "confirm"),
        act(second, "merge", into=str(first.id)),
        act(first, "merge", into=str(second.id)),
        act(second, "confirm"),
        act(first, "undo"),
        routing.handle(
            AppealWithdrawn(region="46", appeal_id=first.appeals[0], withdrawn_at=datetime.now(UTC))
        ),
    )
    assert set(statuses[:5]) <= {200, 409, 412}
    assert 200 in statuses[:4], "somebody was the first"
    assert await look.fetchval("SELECT count(*) FROM routing.incident_report") == 8
    for event in (first, second):
        assert (await event.row())["appeals"] == len(await event.members())


async def test_whoever_gives_it_is_killed_again_and_again(
    routing: Routing, look: asyncpg.Connection, proof: Callable[..., None]
) -> None:
    """kill -9 in the middle of it: what was committed stands, the next one goes on, nobody has it twice or not at all."""
    count, kills = size(300, 3_000), size(3, 12)
    event = await happened(routing, look, [ROADS] * (count - count // 10))
    more = await arrived(routing, look, [LIGHTS, None] * (count // 20))
    await event.join(*more)
    await event.act("confirm")
    assert (await event.answer(text=TEXT))["of"] == count

    async def done() -> int:
        return int(await look.fetchval("SELECT done FROM routing.incident_answer"))

    for number in range(1, kills + 1):
        worker = subprocess.Popen(
            [sys.executable, "-m", "tests.routing.incidents_acts.replier"],
            cwd=PROJECT,
            stdout=subprocess.DEVNULL,
        )
        try:
            wanted = count * number // (kills + 1)
            await eventually(partial(_reaches, done, wanted), 120)
        finally:
            worker.kill()
            worker.wait()
    assert 0 < await done() < count
    await answer_all(routing)
    given = Counter(each["assignment_id"] for each in await told(look, "assignment.answered"))
    assert given == Counter(str(each["id"]) for each in await event.members())
    answers = await look.fetchval("SELECT count(*) FROM routing.answer")
    assert (len(given), answers, await done()) == (count, count, count)
    assert (await event.row())["status"] == "closed"
    proof(appeals=count, killed=kills, lost=0, doubled=0)


async def _reaches(done: Callable[[], Awaitable[int]], wanted: int) -> bool:
    return await done() >= wanted
