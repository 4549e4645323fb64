"""Terms of their own: documents of another body, special cases, appeals that leave the system."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

from services.sla.clocks.actions.recalculations import rebuild_appeals
from services.sla.clocks.rules import facts as f
from tests.sla.events import BODY, OTHER, Appeal, clocks_of, deliver, now, rows, said
from tests.sla.story import at, created, due, fact, fold, on, registered

Client = Any


def mark(case: str, moment: str, *, applies: bool = True) -> f.Fact:
    return fact(f.AppealMarked, moment, case=case, applies=applies)


def test_a_mark_taken_back_leaves_the_usual_term() -> None:
    facts = [
        registered("statutory"),
        created(regime="statutory"),
        mark("special_outcome", "2026-09-02T10:00"),
    ]
    assert due(fold(facts)["one:answer:1"]) == "2026-09-08T23:59:59"
    facts.append(mark("special_outcome", "2026-09-03T10:00", applies=False))
    assert due(fold(facts)["one:answer:1"]) == "2026-10-01T23:59:59"


def test_what_ended_while_the_mark_held_is_judged_by_it() -> None:
    facts = [
        registered("statutory"), created(regime="statutory"), mark("special_outcome", "2026-09-02T10:00"),
        on(f.AssignmentAnswered, "2026-09-09T10:00", outcome="explained"),
        mark("special_outcome", "2026-09-10T10:00", applies=False),
    ]  # fmt: skip
    answer = fold(facts, at("2026-09-11T10:00"))["one:answer:1"]
    assert (answer.state, due(answer)) == ("breached", "2026-09-08T23:59:59")


def test_migration_is_forwarded_in_five_days() -> None:
    """59-ФЗ ст. 8 ч. 3.1 and ст. 12 ч. 1.1."""
    facts = [
        registered("statutory"),
        mark("migration", "2026-09-01T10:00"),
        mark("migration_head", "2026-09-01T10:00"),
    ]
    clocks = fold(facts)
    assert due(clocks["appeal:forward:1"]) == "2026-09-04T23:59:59", "the fifth day is a Sunday"
    assert due(clocks["appeal:answer:1"]) == "2026-09-21T23:59:59"


async def test_documents_have_fifteen_days_and_stop_a_messages_clock(sla: Any) -> None:
    appeal = Appeal(received_at=datetime(2026, 11, 2, 7, 0, tzinfo=UTC), regime="message")
    law = Appeal(received_at=datetime(2026, 11, 2, 7, 0, tzinfo=UTC), regime="statutory")
    asked_at, request = datetime(2026, 11, 10, 7, 0, tzinfo=UTC), uuid4()
    for each in (appeal, law):
        await deliver(sla, each.registered(), each.created(), each.documents_requested(asked_at, request))
    message, statutory = await clocks_of(sla, appeal), await clocks_of(sla, law)
    assert (message["one:answer:1"]["state"], message["one:answer:1"]["due_at"]) == ("paused", None)
    assert statutory["one:documents:1"]["due_on"] == date(2026, 11, 25), "59-ФЗ ст. 10 ч. 2"
    assert statutory["one:answer:1"]["due_on"] == date(2026, 12, 2), "the law knows no pause"
    back = asked_at + timedelta(days=4)
    for each in (appeal, law):
        await deliver(sla, each.documents_received(back, request))
    message, statutory = await clocks_of(sla, appeal), await clocks_of(sla, law)
    assert message["one:answer:1"]["due_on"] == date(2026, 12, 4), "four days more end on a Sunday"
    assert statutory["one:documents:1"]["state"] == "met"


async def test_forwarding_ends_the_clocks(sla: Any) -> None:
    appeal = Appeal(regime="statutory")
    await deliver(sla, appeal.registered(), appeal.created(body=None))
    at_once = now()
    await deliver(sla, appeal.forwarded(at_once), appeal.cancelled(at_once))
    clocks = await clocks_of(sla, appeal)
    assert clocks["appeal:forward:1"]["state"] == "met"
    assert clocks["one:answer:1"]["state"] == "cancelled"
    assert await rows(sla, "SELECT * FROM sla.timer WHERE state = 'armed'") == []


def test_an_answer_given_before_the_forwarding_may_still_be_found_wanting() -> None:
    facts = [
        registered(), created(), created("two", body="other", role="co_executor"),
        on(f.AssignmentAnswered, "2026-09-02T10:00", outcome="solved"),
        fact(f.AppealForwarded, "2026-09-03T10:00"), on(f.AssignmentCancelled, "2026-09-03T10:00", "two"),
        on(f.AssignmentReopened, "2026-09-04T10:00", cycle=2),
    ]  # fmt: skip
    clocks = fold(facts, at("2026-09-05T10:00"))
    assert clocks["two:answer:1"].state == "cancelled"
    assert (clocks["one:answer:2"].state, due(clocks["one:answer:2"])) == ("running", "2026-10-02T23:59:59")


async def post(client: Client, appeal: Appeal, headers: dict[str, str], **body: Any) -> Any:
    return await client.post(
        f"/api/v1/appeals/{appeal.id}/deadlines/cases", json={"reason": "Так решено", **body}, headers=headers
    )


async def test_a_coordinator_marks_and_takes_back(client: Client, mint: Any, sla: Any) -> None:
    appeal = Appeal(regime="message")
    await deliver(sla, appeal.registered(), appeal.created())
    coordinator = mint.headers("coordinator")
    before = (await clocks_of(sla, appeal))["one:answer:1"]["due_at"]
    marked = await post(client, appeal, coordinator, case="fast_track")
    assert marked.status_code == 200, marked.text
    (answer,) = [
        item for item in marked.json()["items"] if item["clock"] == "answer" and item["assignment_id"]
    ]
    assert "фаст-трек" in answer["reason"]
    shown = (await clocks_of(sla, appeal))["one:answer:1"]
    assert shown["due_at"] < before
    again = await post(client, appeal, coordinator, case="fast_track")
    assert again.json() == marked.json()
    assert len(await said(sla, "case.marked")) == 1, "saying it again says nothing"
    taken_back = await post(client, appeal, coordinator, case="fast_track", applies=False)
    assert taken_back.status_code == 200
    assert (await clocks_of(sla, appeal))["one:answer:1"]["due_at"] == before
    async with sla.begin() as session:
        assert await rebuild_appeals(session, [appeal.key]) == set()


async def test_who_may_mark_what(client: Client, mint: Any, sla: Any) -> None:
    appeal = Appeal(regime="statutory")
    await deliver(sla, appeal.registered(), appeal.created(body=BODY))
    holder, stranger = (mint.headers("agency", organisation=body.id) for body in (BODY, OTHER))
    assert (await post(client, appeal, holder, case="special_outcome")).status_code == 200
    assert (await post(client, appeal, holder, case="special_outcome", applies=False)).status_code == 403
    assert (await post(client, appeal, stranger, case="special_outcome")).status_code == 404
    assert (await post(client, appeal, mint.headers("portal"), case="special_outcome")).status_code == 403
    elsewhere = mint.headers("coordinator", ["77"])
    assert (await post(client, appeal, elsewhere, case="special_outcome")).status_code == 404
    coordinator = mint.headers("coordinator")
    unknown = await post(client, appeal, coordinator, case="after_interim")
    assert unknown.status_code == 422
    assert "special_outcome" in unknown.text
    assert (await post(client, Appeal(), coordinator, case="special_outcome")).status_code == 404
    assert (await post(client, appeal, coordinator, case="special_outcome", reason=" ")).status_code == 422


async def test_a_body_that_is_late_or_gone_marks_nothing(client: Client, mint: Any, sla: Any) -> None:
    late, gone = Appeal(received_at=now() - timedelta(days=60)), Appeal()
    await deliver(sla, late.registered(), late.created())
    await deliver(
        sla, gone.registered(), gone.created(), gone.accepted(now()), gone.redirected(now(), uuid4())
    )
    holder = mint.headers("agency", organisation=BODY.id)
    assert (await post(client, late, holder, case="fast_track")).status_code == 409
    assert (await post(client, gone, holder, case="fast_track")).status_code == 404
    assert (await post(client, late, mint.headers("coordinator"), case="fast_track")).status_code == 200


async def test_an_appeal_nobody_has_routed_can_be_marked(client: Client, mint: Any, sla: Any) -> None:
    appeal = Appeal(regime="statutory")
    await deliver(sla, appeal.registered())
    answer = await post(client, appeal, mint.headers("coordinator"), case="migration")
    assert answer.status_code == 200, answer.text
    assert {item["clock"] for item in answer.json()["items"]} == {"register", "forward", "answer"}
