"""A decision that comes while clocks are being counted: none stays dated by what has just been replaced."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any

from sqlalchemy import text

from services.sla.clocks.actions.recalculations import queue_rebuild, rebuild_appeals
from services.sla.handlers import follow_events
from services.sla.policies.queries import hold_region_configs, read_region_config
from services.sla.workers import recalculate_some
from tests.sla.events import Appeal, clocks_of, days, deliver, now
from tests.sla.test_policy_changes import answer_policy

Client = Any
_DECIDING = "SELECT pg_advisory_xact_lock(hashtext('otklik sla region config'), hashtext('46'))"


async def _edit(client: Client, mint: Any, due_on: date) -> None:
    """The days around a due day are days off now."""
    off = [(due_on - timedelta(days=shift)).isoformat() for shift in range(3)]
    body = {"days_off": [{"date": day, "reason": "День региона"} for day in off], "note": "указ"}
    headers = {**mint.headers("admin"), "If-Match": "1"}
    assert (await client.put("/api/v1/calendars/46", json=body, headers=headers)).status_code == 200


async def test_a_clock_that_is_counted_after_a_decision_follows_it_whenever_its_transaction_began(
    client: Client, mint: Any, sla: Any
) -> None:
    received_at = now() - days(3)
    known, coming = Appeal(received_at=received_at), Appeal(received_at=received_at)
    await deliver(sla, known.registered(), known.created())
    due_on = (await clocks_of(sla, known))["one:answer:1"]["due_on"]
    async with sla.begin() as session:
        await session.execute(text("SELECT now()"))
        await _edit(client, mint, due_on)
        await follow_events(session, [coming.registered(), coming.created()])
    clocks = [(await clocks_of(sla, each))["one:answer:1"] for each in (known, coming)]
    assert [(each["calendar_version"], each["due_on"]) for each in clocks] == [(2, clocks[0]["due_on"])] * 2


async def test_who_counts_many_waits_for_who_decides(sla: Any, service: Any) -> None:
    appeal = Appeal(received_at=now() - days(3))
    await deliver(sla, appeal.registered(), appeal.created())
    async with sla.begin() as session:
        await queue_rebuild(session, "46")

    async def rebuild() -> None:
        async with sla.begin() as session:
            await rebuild_appeals(session, [appeal.key])

    for work in (partial(recalculate_some, service[1].state.resources), rebuild):
        async with sla.begin() as deciding:
            await read_region_config(deciding, "46")
            await deciding.execute(text(_DECIDING))
            counting = asyncio.ensure_future(work())
            done, _ = await asyncio.wait([counting], timeout=0.5)
            assert not done, "it would count by what is being replaced"
        await counting


async def test_what_is_counted_while_a_policy_waits_keeps_its_version(
    client: Client, mint: Any, sla: Any
) -> None:
    """The decision waits for whoever counts: it holds from then on, so that the next fact moves nothing."""
    admin = mint.headers("admin")
    policy = await answer_policy(client, admin)
    body = {"regime": "message", "clock": "answer", "term": {"days": 10, "unit": "working_day"}}
    path, headers = f"/api/v1/policies/{policy['id']}", {**admin, "If-Match": "1"}
    appeal = await _count_meanwhile(sla, lambda: client.put(path, json=body, headers=headers))
    await deliver(sla, appeal.accepted(now()))
    assert (await clocks_of(sla, appeal))["one:answer:1"]["policy_version"] == 1
    later = Appeal()
    await deliver(sla, later.registered(), later.created())
    assert (await clocks_of(sla, later))["one:answer:1"]["policy_version"] == 2


async def test_what_was_answered_while_a_calendar_waits_is_judged_by_the_one_before(
    client: Client, mint: Any, sla: Any
) -> None:
    headers, body = {**mint.headers("admin"), "If-Match": "1"}, {"note": "указ"}

    def change() -> Any:
        return client.put("/api/v1/calendars/46", json=body, headers=headers)

    appeal = await _count_meanwhile(sla, change, answered=True)
    await deliver(sla, appeal.accepted(now()))
    assert (await clocks_of(sla, appeal))["one:answer:1"]["calendar_version"] == 1


async def _count_meanwhile(sla: Any, decide: Callable[[], Any], *, answered: bool = False) -> Appeal:
    """An appeal that comes, and may be answered, after a decision was begun and before it is done."""
    async with sla.begin() as session:
        await hold_region_configs(session, ["46"])
        deciding = asyncio.ensure_future(decide())
        done, _ = await asyncio.wait([deciding], timeout=0.5)
        assert not done, "it waits for whoever counts"
        appeal = Appeal(received_at=now())
        events = [appeal.registered(), appeal.created(), *([appeal.answered(now())] if answered else [])]
        await follow_events(session, events)
    assert (await deciding).status_code == 200
    return appeal
