"""An appeal's answer is foreseen by how long such appeals took, for who may see it, until it is there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from chassis.moments import utc_now
from contracts.event import Event
from contracts.intake import AppealRegistered
from contracts.routing import AssignmentAnswered, AssignmentCreated
from contracts.sla import ClockReading, DeadlineSet
from harness.tokens import TokenMint
from tests.analytics.conftest import Project
from tests.analytics.histories import BODIES, TOPICS, Case, Task

REGION, CITY, ELSEWHERE = "46", "38701000", "38602000"
DAY = timedelta(days=1)


def appeal(topic: int, received: datetime, days: float | None, due: float = 30.0) -> list[Event]:
    """One that a body got at once and answered after so many days, or not yet."""
    id, task = uuid7(), Task(uuid7(), True, received, BODIES[topic], TOPICS[topic], received + due * DAY)
    case = Case(id, REGION, received, "portal", CITY, None, None, [task])
    about = {"region": REGION, "appeal_id": id, "time": received}
    named = about | {"assignment_id": task.id, "organisation": task.body}
    common = {
        "regime": "message",
        "channel": "portal",
        "municipality": CITY,
        "number": "n",
        "received_at": received,
    }
    clock = ClockReading(clock="answer", state="running", due_at=task.due_at, due_on=task.due_at.date())
    events: list[Event] = [
        AppealRegistered(**about, **common, client_id="p", text=""),
        AssignmentCreated(**named, **common, sequence=1, role="lead", topic=task.topic, created_at=received),
        DeadlineSet(
            **about, deadline_id=task.id, assignment_id=task.id, sequence=1, lead=True, clocks=(clock,)
        ),
    ]
    if days is not None:
        events.append(answered(case, days))
    return events


def answered(case: Case, days: float) -> Event:
    (task,) = case.tasks
    return AssignmentAnswered(
        region=case.region,
        appeal_id=case.id,
        assignment_id=task.id,
        answer_id=uuid7(),
        sequence=2,
        organisation=task.body,
        outcome="solved",
        text="",
        answered_at=case.received_at + days * DAY,
    )


@pytest.fixture
async def ask(app_client: Any, mint: TokenMint) -> Callable[..., Any]:
    """`await ask(appeal_id, role, **scope)`."""
    client, _ = await app_client("analytics")

    async def get(
        appeal_id: UUID, role: str = "coordinator", regions: Sequence[str] = (REGION,), **scope: Any
    ) -> Any:
        headers = mint.headers(role, list(regions), **scope)
        return await client.get(f"/api/v1/analytics/finish?appeal={appeal_id}", headers=headers)

    return get


async def test_an_answer_is_foreseen(ask: Callable[..., Any], projected: Project) -> None:
    """One topic takes four days, another twenty; who has waited longer than most waits for what is left."""
    now = utc_now()
    past = [
        event
        for number in range(300)
        for topic, days in ((0, 4 + number % 3), (1, 20 + number % 5))
        for event in appeal(topic, now - timedelta(days=60, hours=number % 40), days)
    ]
    quick, slow = appeal(0, now - 2 * DAY, None), appeal(1, now - 2 * DAY, None, due=22.5)
    overdue, ended = appeal(1, now - 30 * DAY, None, due=3), appeal(0, now - 9 * DAY, 5)
    for events in (past, quick, slow, overdue, ended):
        await projected(events)
    found = {}
    for name, events in (("quick", quick), ("slow", slow), ("overdue", overdue)):
        answer = await ask(events[0].appeal_id)  # type: ignore[attr-defined]
        assert answer.status_code == 200, answer.text
        found[name] = answer.json()
    assert _days(now - 2 * DAY, found["quick"]["low"]) in (4, 5)
    assert _days(now - 2 * DAY, found["quick"]["expected_on"]) in (5, 6)
    assert _days(now - 2 * DAY, found["quick"]["high"]) in (6, 7)
    assert found["quick"]["risk"] < 0.05
    assert 20 <= _days(now - 2 * DAY, found["slow"]["expected_on"]) <= 25
    assert 0.25 < found["slow"]["risk"] < 0.6
    assert found["overdue"]["risk"] == 1.0
    assert (await ask(ended[0].appeal_id)).status_code == 404  # type: ignore[attr-defined]
    await _is_closed_to_others(ask, quick[0].appeal_id)  # type: ignore[attr-defined]


async def test_it_is_the_same_whoever_has_asked_before(ask: Callable[..., Any], projected: Project) -> None:
    """A quick body and a municipal centre look at what is theirs; what the centre of the region is told then, and what they are
    told, rests on all of the region's appeals all the same."""
    now = utc_now()
    past = [
        event
        for number in range(100)
        for topic, days in ((0, 4), (1, 20), (1, 20), (1, 20))
        for event in appeal(topic, now - timedelta(days=60, hours=number), days)
    ]
    quick, unsorted = appeal(0, now - 2 * DAY, None), appeal(3, now - 2 * DAY, None)[:1]
    for events in (past, quick, unsorted):
        await projected(events)
    asked = quick[0].appeal_id  # type: ignore[attr-defined]
    told = [
        (await ask(asked, role, **scope)).json()
        for role, scope in (
            ("agency", {"organisation": BODIES[0].id}),
            ("analyst", {"municipalities": [CITY]}),
            ("coordinator", {}),
        )
    ]
    assert told[0] == told[1] == told[2]
    region = (await ask(unsorted[0].appeal_id)).json()  # type: ignore[attr-defined]
    assert _days(now - 2 * DAY, region["expected_on"]) in (20, 21)


async def _is_closed_to_others(ask: Callable[..., Any], quick: UUID) -> None:
    """404 like one that does not exist; 403 for who may not ask at all."""
    for role, scope in (
        ("coordinator", {"regions": ["59"]}),
        ("coordinator", {"municipalities": [ELSEWHERE]}),
        ("agency", {"organisation": BODIES[1].id}),
    ):
        assert (await ask(quick, role, **scope)).status_code == 404, (role, scope)
    for role, scope in (
        ("analyst", {"municipalities": [CITY]}),
        ("agency", {"organisation": BODIES[0].id}),
        ("federal", {"regions": ["*"]}),
    ):
        assert (await ask(quick, role, **scope)).status_code == 200, (role, scope)
    assert (await ask(uuid7())).status_code == 404
    assert (await ask(quick, "portal")).status_code == 403


def _days(since: datetime, day: str) -> int:
    return (datetime.fromisoformat(day).date() - since.date()).days
