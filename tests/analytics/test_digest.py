"""The day in short: against days like it, holidays among them."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from contracts.intake import AppealRegistered, TakenOver
from contracts.routing import (
    AssignmentAnswered,
    AssignmentCorrected,
    AssignmentCreated,
    OrganisationName,
)
from harness.tokens import TokenMint
from services.analytics.digest.rules.days import is_working, level_of, like_days, usual_of
from tests.analytics.conftest import Ask, Project
from tests.analytics.deciding import DECIDED, draw, name_all
from tests.analytics.histories import BODIES, TOPICS, Case

DAY = date(2026, 11, 18)  # a Wednesday
MOSCOW = ZoneInfo("Europe/Moscow")
_INSERT = """
INSERT INTO analytics.fact_appeal
    (region, appeal_id, received_at, received_local, municipality, topic, leads, due_on, due_at, due_kept)
SELECT '46', gen_random_uuid(), x.at, x.at AT TIME ZONE 'Europe/Moscow', '38700000', x.topic, 1, x.due_on, x.due_on, false
FROM unnest($1::timestamptz[], $2::text[], $3::date[]) AS x(at, topic, due_on)
"""


async def test_promises_fall_due(cases: list[Case], ask: Ask) -> None:
    """Answers that postponed, for the day after; what a citizen did not accept is no promise any more."""
    promised = Counter(
        answer.promised_on
        for case in cases
        if case.region == "46"
        for task in case.tasks
        for answer in task.answers
        if answer.promised_on is not None and not answer.reopened
    )
    day, count = promised.most_common(1)[0]
    found = await ask("digest", region="46", date=day - timedelta(days=1))
    assert found["promises_due"] == count
    assert (await ask("digest", region="46", date=day))["promises_due"] == promised[day + timedelta(days=1)]


def test_days_like_a_day() -> None:
    """Wednesdays for a Wednesday, none that was a holiday; the working Saturday is like working days; a holiday like free days."""
    holiday = date(2026, 11, 4)
    assert like_days(DAY) == [DAY - timedelta(days=7 * week) for week in (1, 3, 4, 5, 6, 7, 8)]
    assert not is_working(holiday)
    assert holiday not in like_days(date(2026, 11, 11))
    assert all(not is_working(each) for each in like_days(holiday))
    assert is_working(date(2027, 2, 20))
    assert all(is_working(each) for each in like_days(date(2027, 2, 20)))


@given(st.lists(st.integers(0, 500), min_size=3, max_size=8))
def test_a_band_holds_its_middle(counts: list[int]) -> None:
    """Whatever came: the median day is as usual, and no number of appeals is negative."""
    usual = usual_of(counts)
    assert usual is not None
    assert 0 <= usual.low <= usual.expected <= usual.high
    assert level_of(usual.expected, usual) == "usual"
    assert level_of(usual.high + 1, usual) == "tenser"


@pytest.mark.parametrize("usually", [0.1, 0.25, 0.5, 1, 2, 5])
def test_of_few_appeals_a_day_hardly_more_than_one_in_ten_is_tense(usually: float) -> None:
    """A village in which somebody writes now and then: one letter is no alarm, four are one."""
    random, tense = Random(46), 0
    for _ in range(3000):
        usual = usual_of([draw(random, usually) for _ in range(8)])
        tense += level_of(draw(random, usually), usual) == "tenser"
    assert tense / 3000 <= 0.12
    assert level_of(4, usual_of([0, 0, 1, 0, 0, 0, 1, 0])) == "tenser"
    assert level_of(1, usual_of([0, 0, 1, 0, 0, 0, 1, 0])) == "usual"


async def test_a_tense_day(app_client: Any, mint: TokenMint, look: asyncpg.Connection) -> None:
    """Three times as many as on other Wednesdays, one topic tells why, and what is due stands below; the page says the same."""
    await name_all(look)
    random, rows = Random(5), []
    for shift in range(70):
        day = DAY - timedelta(days=shift)
        for topic, usually in (("lighting", 12.0), ("potholes", 8.0)):
            flood = 6 if topic == "potholes" and shift < 3 else 1
            rows += [
                (
                    datetime(day.year, day.month, day.day, 8, tzinfo=UTC),
                    topic,
                    DAY + timedelta(days=number % 3),
                )
                if shift == 0
                else (datetime(day.year, day.month, day.day, 8, tzinfo=UTC), topic, None)
                for number in range(draw(random, usually * flood * (1 if is_working(day) else 0.5)))
            ]
    await look.execute(_INSERT, *(list(column) for column in zip(*rows, strict=True)))
    client, _ = await app_client("analytics")
    headers = mint.headers("coordinator")
    path = f"/api/v1/analytics/digest?region=46&date={DAY}"
    found = (await client.get(path, headers=headers)).json()
    came = [row for row in rows if row[0].date() == DAY]
    assert found["received"] == len(came)
    assert found["level"] == "tenser"
    assert found["low"] <= 20 <= found["high"] < found["received"]
    assert [(each["topic"], each["direction"]) for each in found["changed"]] == [("potholes", "up")]
    due = [sum(row[2] == DAY + timedelta(days=days) for row in came) for days in range(3)]
    assert [found["overdue"][name] for name in ("breached", "due_today", "due_tomorrow")] == due
    assert found["promises_due"] == 0
    assert found["definition"]["saved"]
    quiet = (await client.get(path + f"&municipality={DECIDED}", headers=headers)).json()
    assert (quiet["received"], quiet["level"]) == (0, None)
    page = await client.get(path + "&format=html", headers=headers)
    assert "Напряжённее обычного" in page.text
    assert "<script" not in page.text
    text = await client.get(path + "&format=md", headers=headers)
    assert f"Поступило: {len(came)} " in text.text
    for refused, status in (
        ("region=59", 403),
        ("region=46&date=x", 422),
        ("region=46&from=2026-01-01", 422),
        ("", 422),
    ):
        answer = await client.get(f"/api/v1/analytics/digest?{refused}", headers=headers)
        assert answer.status_code == status, refused


async def test_a_day_that_is_not_over(app_client: Any, mint: TokenMint, look: asyncpg.Connection) -> None:
    """Somebody looks at today. What is due today is late only when today is over, and nobody can say yet that it was a calm day."""
    await name_all(look)
    now = datetime.now(MOSCOW)
    today, tomorrow = now.date(), now.date() + timedelta(days=1)
    rows: list[tuple[datetime, str, date | None]] = [
        (datetime.combine(today - timedelta(days=shift), time(), MOSCOW), "lighting", None)
        for shift in range(1, 60)
        for _ in range(40)
    ]
    rows += [(now - timedelta(days=20), "lighting", day) for day in (today, today, tomorrow)]
    await look.execute(_INSERT, *(list(column) for column in zip(*rows, strict=True)))
    end = datetime.combine(tomorrow, time(), MOSCOW) - timedelta(seconds=1)
    await look.execute("UPDATE analytics.fact_appeal SET due_at = $1 WHERE due_on IS NOT NULL", end)
    client, _ = await app_client("analytics")
    headers = mint.headers("coordinator")
    path = f"/api/v1/analytics/digest?region=46&date={today}"
    found = (await client.get(path, headers=headers)).json()
    assert (found["received"], found["level"]) == (0, None)
    assert found["low"] > 0
    assert (found["overdue"]["breached"], found["overdue"]["due_today"]) == (0, 1)
    page = (await client.get(path + "&format=md", headers=headers)).text
    assert "День ещё не закончился" in page
    assert "Спокойнее обычного" not in page
    ended = (await client.get(path.replace(str(today), str(tomorrow)), headers=headers)).json()
    assert (ended["level"], ended["overdue"]["breached"]) == (None, 0)
    flood = [(now, "lighting", None)] * 400
    await look.execute(_INSERT, *(list(column) for column in zip(*flood, strict=True)))
    assert (await client.get(path + "&topic=lighting", headers=headers)).json()["level"] == "tenser"


async def test_only_what_nobody_decided_went_by_itself(ask: Ask, projected: Project) -> None:
    """Of one day: two routed at once, one with two questions, the other with a helper and passed on twice by its bodies; one
    sorted by a coordinator; and three of another system's, brought in later with their dates."""
    received = datetime(DAY.year, DAY.month, DAY.day, 9, tzinfo=MOSCOW)

    def created(appeal: UUID, at: datetime, body: OrganisationName | None, **more: Any) -> AssignmentCreated:
        return AssignmentCreated(
            region="46", appeal_id=appeal, assignment_id=uuid7(), sequence=1, number="n", regime="message",
            channel="portal", topic=TOPICS[0], organisation=body, received_at=received, created_at=at, **more,
        )  # fmt: skip

    soon, (first, second, sorted_by_hand) = received + timedelta(seconds=2), (uuid7() for _ in range(3))
    begun = created(second, soon, BODIES[0])
    passed_on = created(second, soon + timedelta(hours=1), BODIES[1], predecessor_id=begun.assignment_id)
    again = created(second, soon + timedelta(hours=2), BODIES[2], predecessor_id=passed_on.assignment_id)
    in_triage = created(sorted_by_hand, soon, None, triage_reason="")
    corrected = AssignmentCorrected(
        region="46", appeal_id=sorted_by_hand, assignment_id=in_triage.assignment_id, sequence=2,
        organisation=BODIES[3], corrected_at=soon,
    )  # fmt: skip
    taken_over = TakenOver(at=received + timedelta(days=5))
    imported = [created(uuid7(), received, BODIES[0], taken_over=taken_over) for _ in range(3)]
    further = created(first, soon, BODIES[1])
    helping = created(second, soon, BODIES[3], role="co_executor")
    events = [
        created(first, soon, BODIES[0]),
        further,
        begun,
        helping,
        passed_on,
        again,
        in_triage,
        corrected,
        *imported,
    ]
    for order in (events, events[::-1]):
        await projected(order)
        found = (await ask("digest", region="46", date=DAY))["saved"]
        assert (found["routed"], found["minutes"]) == (2, 40)


async def test_what_a_notice_answered_went_by_itself_for_its_body_as_well(
    app_client: Any, mint: TokenMint, projected: Project
) -> None:
    """One appeal that a planned work's notice answered, one that a person did: of the region and of the body one each."""
    received = datetime(DAY.year, DAY.month, DAY.day, 9, tzinfo=MOSCOW)
    for work_id in (uuid7(), None):
        about = {"region": "46", "appeal_id": uuid7()}
        of_task = about | {"assignment_id": uuid7(), "organisation": BODIES[0]}
        common = {"number": "n", "regime": "message", "channel": "portal", "received_at": received}
        answered = {"answer_id": uuid7(), "outcome": "explained", "text": "", "answered_at": received}
        await projected(
            [
                AssignmentAnswered(**of_task, **answered, sequence=2, work_id=work_id),
                AppealRegistered(**about, **common, client_id="p", text=""),
                AssignmentCreated(**of_task, **common, sequence=1, created_at=received),
            ]
        )
    client, _ = await app_client("analytics")
    for headers in (mint.headers("coordinator"), mint.headers("agency", organisation=BODIES[0].id)):
        found = await client.get(f"/api/v1/analytics/digest?region=46&date={DAY}", headers=headers)
        assert found.json()["saved"]["answered_by_works"] == 1
