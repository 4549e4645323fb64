"""Moderators' decisions in routing: whatever order they are heard of in, and however often, the newest of an appeal counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

import asyncpg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.event import Event
from contracts.intake import AppealModerated, AppealRegistered, AppealWithdrawn
from harness.deliveries import deliver, let_meet
from services.routing.assignments.rules.moderation import REJECTED
from tests.conftest import size
from tests.routing.conftest import NOW, Routing, appeal, told

ModerationDecision = Literal["accept", "reject", "hide"]
# What may happen to an appeal, as it happens: decisions, and the citizen's withdrawal.
STORIES: list[list[ModerationDecision | None]] = [
    ["reject"],
    ["reject", "accept"],
    ["reject", "hide"],
    ["accept", "reject", "accept"],
    ["hide", "reject"],
    ["reject", "accept", "reject"],
    ["reject", "accept", "reject", "hide"],
    ["reject", None],
    ["reject", "accept", None],
    ["accept", None],
]


def decided(registered: AppealRegistered, decision: ModerationDecision, at: datetime) -> AppealModerated:
    return AppealModerated(
        region="46", appeal_id=registered.appeal_id, decision=decision, reason="по правилам", moderated_at=at
    )


def story_of(registered: AppealRegistered, story: Sequence[ModerationDecision | None]) -> list[Event]:
    """Its events, an hour between each two."""
    events: list[Event] = [registered]
    for number, step in enumerate(story, 1):
        at = NOW + timedelta(hours=number)
        events.append(
            decided(registered, step, at)
            if step
            else AppealWithdrawn(region="46", appeal_id=registered.appeal_id, withdrawn_at=at)
        )
    return events


async def open_leads(look: asyncpg.Connection, registered: AppealRegistered) -> int:
    found: int = await look.fetchval(
        "SELECT count(*) FROM routing.assignment WHERE appeal_id = $1 AND role = 'lead' AND status <> 'cancelled'",
        registered.appeal_id,
    )
    return found


async def end_of(look: asyncpg.Connection, registered: AppealRegistered) -> str | None:
    end: str | None = await look.fetchval(
        "SELECT end_reason FROM routing.routed_appeal WHERE appeal_id = $1", registered.appeal_id
    )
    return end


@settings(
    max_examples=size(60, 400), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.sampled_from(STORIES), st.data())
async def test_in_any_order_an_appeal_ends_as_its_newest_decision_has_it(
    routing: Routing, look: asyncpg.Connection, story: list[ModerationDecision | None], data: st.DataObject
) -> None:
    registered = appeal(on_moderation=True)
    events = story_of(registered, story)
    order = data.draw(st.permutations([*events, *data.draw(st.lists(st.sampled_from(events), max_size=3))]))
    consumer = routing.app.state.resources.consumers[0]
    while order:  # in batches of any size; what comes again has been forgotten by the inbox
        count = data.draw(st.integers(1, len(order)))
        batch, order = order[:count], order[count:]
        by_subject: dict[str, list[Event]] = {}
        for event in batch:
            by_subject.setdefault(event.SUBJECT, []).append(event)
        await consumer.applier.apply_together(by_subject, again=True)
    assert await open_leads(look, registered) == (story[-1] in ("accept", "hide"))
    end = await end_of(look, registered)
    assert (end == REJECTED, end is None) == (story[-1] == "reject", story[-1] in ("accept", "hide"))


async def test_a_second_rejection_and_objection_double_no_question(
    routing: Routing, look: asyncpg.Connection
) -> None:
    registered = appeal(on_moderation=True)
    for event in story_of(registered, ["reject", "accept", "reject", "accept"]):
        await routing.handle(event)
    assert await open_leads(look, registered) == 1
    assert len(await told(look, "assignment.created")) == 3


async def test_an_appeal_that_was_rejected_before_it_was_registered_is_woken(
    routing: Routing, look: asyncpg.Connection
) -> None:
    registered = appeal(on_moderation=True)
    _, rejected, accepted = story_of(registered, ["reject", "accept"])
    await routing.handle(rejected)
    await routing.handle(registered)
    assert await open_leads(look, registered) == 0
    await routing.handle(accepted)
    (item,) = await routing.triage()
    assert item["appeal_id"] == str(registered.appeal_id)
    assert item["triage_reason"].startswith("Возражение заявителя принято")


async def test_replicas_meet_decisions_in_one_order(routing: Routing, look: asyncpg.Connection) -> None:
    early, late = sorted((appeal(), appeal()), key=lambda event: event.appeal_id)
    await routing.handle(early, late)
    await routing.handle(decided(early, "reject", NOW), decided(late, "reject", NOW))
    replica, later = routing.app.state.resources.consumers[0], NOW + timedelta(hours=1)
    await let_meet(
        routing.database,
        "INSERT INTO routing.routed_appeal (region, appeal_id, routed_at) VALUES ('46', $1, NULL) "
        "ON CONFLICT (region, appeal_id) DO UPDATE SET routed_at = now()",
        early.appeal_id,
        late.appeal_id,
        deliver(replica, [decided(late, "accept", later), decided(early, "reject", later)]),
        deliver(replica, [decided(early, "accept", later), decided(late, "hide", later)]),
    )
    assert [await open_leads(look, each) for each in (early, late)] == [1, 1]
