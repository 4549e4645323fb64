"""What an organisation notes for itself: the number in its own system, and who works on it; absences."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from contracts.routing import AssignmentGivenToPerson
from harness.resources import worker_session
from services.intake.history.rules.kinds import KINDS
from services.routing.assignments.actions.notes import return_some
from tests.routing.conftest import LIGHTS, ROADS, Routing, appeal, told

ANNA, BORIS, VERA = (str(UUID(int=number)) for number in (101, 102, 103))


async def entries(routing: Routing, organisation: UUID = ROADS) -> list[dict[str, Any]]:
    """The whole delta feed with what each entry carries."""
    page = await routing.call("GET", "/queue/changes", routing.agency(organisation), params={"limit": 1000})
    items: list[dict[str, Any]] = page["items"]
    return items


async def test_a_systems_own_number_is_in_queue_details_and_changes(routing: Routing) -> None:
    await routing.handle(appeal())
    (item,) = await routing.queue()
    noted = await routing.act(item, "external-ref", external_ref="ВХ-15/2026")
    assert (noted["external_ref"], noted["version"], noted["status"]) == ("ВХ-15/2026", 1, "new")
    assert (await routing.queue())[0]["external_ref"] == "ВХ-15/2026"
    (claimed,) = await routing.claim()
    assert claimed["external_ref"] == "ВХ-15/2026"
    await routing.act({**claimed, "lease_token": None}, "external-ref", status=409, external_ref="x")
    accepted = await routing.act(claimed, "accept")
    assert accepted["external_ref"] == "ВХ-15/2026", "accepting without a number takes none away"
    details = await routing.call("GET", f"/assignments/{item['id']}", routing.agency())
    assert details["external_ref"] == "ВХ-15/2026"
    seen = [(each["change"], each["status"], each["external_ref"]) for each in await entries(routing)]
    assert seen == [
        ("entered", "new", None),
        ("changed", "new", "ВХ-15/2026"),
        ("changed", "accepted", "ВХ-15/2026"),
    ]
    for wrong in ("", " ", "\u200b", "x" * 101, 5):
        await routing.act(accepted, "external-ref", status=422, external_ref=wrong)
    await routing.act(accepted, "external-ref", status=422)
    await routing.act(accepted, "external-ref", LIGHTS, 404, external_ref="x")
    without = await routing.act(accepted, "external-ref", external_ref=None)
    assert without["external_ref"] is None


async def test_what_leaves_says_how_it_stands_and_why(routing: Routing) -> None:
    """By the number the organisation knows it by; the next organisation has its own."""
    for number in range(4):
        await routing.handle(appeal(received_at=datetime.now(UTC) + timedelta(seconds=number)))
    claimed = await routing.claim()
    one, two, three, four = [
        await routing.act(item, "accept", external_ref=f"ВХ-{number}") for number, item in enumerate(claimed)
    ]
    await routing.act(one, "answer", text="Тел. 8 910 555-12-34", outcome="solved")
    await routing.act(
        two, "redirect", reason_code="other_topic", comment="к Петрову", suggested_organisation=str(LIGHTS)
    )
    coordinator = routing.mint.headers("coordinator")
    moved = await routing.act(three, "correct", headers=coordinator, organisation=str(LIGHTS))
    assert (moved["external_ref"], moved["person"]) == (None, None)
    forward = {"addressee": "Минобороны", "reason": "не наше"}
    await routing.call("POST", f"/appeals/{four['appeal_id']}/forward", coordinator, json=forward)
    left = [
        (each["status"], each["reason"], each["external_ref"])
        for each in await entries(routing)
        if each["change"] == "left"
    ]
    assert left == [
        ("answered", "Дан ответ.", "ВХ-0"),
        ("redirected", "Вопрос относится к другой теме.", "ВХ-1"),
        ("redirected", "Исполнителя изменил координатор.", "ВХ-2"),
        ("cancelled", "Направлено по компетенции.", "ВХ-3"),
    ]
    others = [
        (each["change"], each["status"], each["reason"], each["external_ref"])
        for each in await entries(routing, LIGHTS)
    ]
    assert others == [("entered", "new", None, None)] * 2


async def test_given_to_a_person_of_the_organisation(routing: Routing, look: asyncpg.Connection) -> None:
    await routing.handle(appeal(), appeal())
    item, other = await routing.queue()
    head = routing.mint.headers("agency", organisation=ROADS, person=VERA)
    given = await routing.act(item, "assign", headers=head, person=ANNA)
    assert (given["person"], given["version"], given["status"]) == (ANNA, 1, "new")
    await routing.act(item, "assign", person=ANNA)
    await routing.act(item, "assign", LIGHTS, 404, person=ANNA)
    await routing.act(item, "assign", headers=routing.mint.headers("coordinator"), status=403, person=ANNA)
    await routing.act(item, "assign", status=422)
    assert [each["id"] for each in await routing.queue(person=ANNA)] == [item["id"]]
    assert await routing.queue(person=BORIS) == []
    assert await routing.queue(person=ANNA, topic="lamps") == []
    events = await told(look, "given_to_person")
    assert [(each["given_to"], each["taken_from"], each["person"]) for each in events] == [(ANNA, None, VERA)]
    freed = await routing.act(item, "assign", person=None)
    assert freed["person"] is None
    first, last = [
        KINDS["given_to_person"].entry_of(AssignmentGivenToPerson.model_validate(each))
        for each in await told(look, "given_to_person")
    ]
    assert KINDS["given_to_person"].what(first) == "Комитет дорог: поручено сотруднику"
    assert KINDS["given_to_person"].what(last) == "Комитет дорог: снято с сотрудника"
    await routing.act(other, "answer", text="Да", outcome="solved")
    await routing.act({**other, "version": 2}, "assign", status=409, person=ANNA)


async def test_an_absence_hands_over_and_gives_back(routing: Routing, look: asyncpg.Connection) -> None:
    await routing.handle(*(appeal() for _ in range(4)))
    items = await routing.queue()
    for item in items[:3]:
        await routing.act(item, "assign", person=ANNA)
    await routing.act(items[3], "assign", person=BORIS)
    done = await routing.act(items[2], "answer", text="Да", outcome="solved")
    path, body = "/queue/hand-over", {"from": ANNA, "to": BORIS, "until": "2099-12-31"}
    more = {"Idempotency-Key": "away"}
    answer = await routing.call("POST", path, routing.agency(), json=body, more=more)
    assert answer == {"handed_over": 2}
    assert await routing.call("POST", path, routing.agency(), json=body, more=more) == answer
    assert await routing.call("POST", path, routing.agency(LIGHTS), json=body) == {"handed_over": 0}
    for wrong in ({"to": ANNA}, {"until": "2020-01-01"}, {"until": "soon"}, {"from": None}):
        await routing.call("POST", path, routing.agency(), 422, json={**body, **wrong})
    await routing.call("POST", path, routing.mint.headers("coordinator"), 403, json=body)
    assert len(await routing.queue(person=BORIS)) == 3
    assert await routing.queue(person=ANNA) == []
    handed = (await told(look, "given_to_person"))[-2:]
    assert {(each["given_to"], each["taken_from"]) for each in handed} == {(BORIS, ANNA)}
    assert {each["returns_at"] for each in handed} == {"2099-12-31T21:00:00Z"}, "midnight in Kursk"

    async def returned() -> int:
        async with worker_session(routing.app) as session:
            return await return_some(session, 500)

    assert await returned() == 0
    await routing.act(items[0], "assign", person=VERA)
    await look.execute(
        "UPDATE routing.assignment SET returns_at = now() - interval '1 s' WHERE returns_at IS NOT NULL"
    )
    assert await returned() == 1
    assert await returned() == 0
    whose = {each["id"]: each["person"] for each in await routing.queue()}
    assert [whose[item["id"]] for item in (items[0], items[1], items[3])] == [VERA, ANNA, BORIS]
    assert done["person"] == ANNA, "what is done stays with whoever did it"
    for_good = {"from": BORIS, "to": ANNA}
    assert await routing.call("POST", path, routing.agency(), json=for_good) == {"handed_over": 1}
    assert await look.fetchval("SELECT count(*) FROM routing.assignment WHERE returns_at IS NOT NULL") == 0


async def _whose(routing: Routing) -> list[Any]:
    return [each["person"] for each in await routing.queue()]


async def _days_pass(routing: Routing, look: asyncpg.Connection, days: int) -> None:
    """Absences are so much nearer to their ends; what is over is given back."""
    await look.execute(f"UPDATE routing.assignment SET returns_at = returns_at - interval '{days} days'")
    async with worker_session(routing.app) as session:
        await return_some(session, 500)


async def test_borrowed_work_returns_to_whose_it_was_whoever_stands_in(
    routing: Routing, look: asyncpg.Connection
) -> None:
    """Anna is away for 20 days and Boris for 12 of them: what was hers is Vera's until she comes, what is his until he does."""
    await routing.handle(appeal(), appeal())
    annas, own = await routing.queue()
    await routing.act(annas, "assign", person=ANNA)
    await routing.act(own, "assign", person=BORIS)
    today = datetime.now(UTC).date()

    async def hand_over(from_: str, to: str, days: int | None) -> None:
        until = str(today + timedelta(days=days)) if days else None
        body = {"from": from_, "to": to, "until": until}
        await routing.call("POST", "/queue/hand-over", routing.agency(), json=body)

    await hand_over(ANNA, BORIS, 20)
    await hand_over(BORIS, VERA, 12)
    assert await _whose(routing) == [VERA, VERA]
    await _days_pass(routing, look, 14)
    assert await _whose(routing) == [VERA, BORIS]
    await hand_over(VERA, BORIS, None)
    await _days_pass(routing, look, 8)
    assert await _whose(routing) == [ANNA, BORIS]
    assert await look.fetchval("SELECT count(*) FROM routing.assignment WHERE returns_at IS NOT NULL") == 0


async def test_the_later_day_counts_and_who_has_it_back_owes_it_to_nobody(
    routing: Routing, look: asyncpg.Connection
) -> None:
    await routing.handle(appeal())
    (item,) = await routing.queue()
    await routing.act(item, "assign", person=ANNA)
    for from_, to, until in ((ANNA, BORIS, "2098-01-01"), (BORIS, VERA, "2099-12-31")):
        body = {"from": from_, "to": to, "until": until}
        await routing.call("POST", "/queue/hand-over", routing.agency(), json=body)
    kept = await look.fetchrow("SELECT returns_to::text, returns_at FROM routing.assignment")
    assert tuple(kept) == (ANNA, datetime(2099, 12, 31, 21, tzinfo=UTC))
    await routing.call("POST", "/queue/hand-over", routing.agency(), json={"from": VERA, "to": ANNA})
    assert await look.fetchval("SELECT returns_to FROM routing.assignment") is None
