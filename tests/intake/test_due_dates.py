"""The last deadline a citizen reads in the timeline is the one the appeal has, whatever happened in whatever order."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from chassis.migrations import upgrade
from contracts.sla import ClockReading, DeadlineSet, ExtensionDecided
from harness.databases import Database
from harness.migrating import downgrade
from harness.resources import worker_session
from services.intake.history.rules.entries import HistoryEntry
from services.intake.history.rules.narrative import narrate_to_citizens
from services.intake.history.rules.projection import fold_appeal
from tests.intake.conftest import OTHER_BODY, Story, handle, write_histories_in_clear
from tests.intake.test_history_rules import BODIES, FIRST, REGISTERED, SECOND, answered, created, entry
from tests.intake.test_tracking import open_story

DAYS = ["2026-12-01", "2026-12-21", "2027-01-11"]
_DAY = re.compile(r"\d\d\.\d\d\.\d{4}")


def reading(clock: str, cycle: int, state: str, day: str | None) -> dict[str, Any]:
    shown = None if state == "paused" else day
    return {"clock": clock, "cycle": cycle, "state": state, "due_on": shown, "reason": f"{clock} {day}"}


def clocks(minute: int, assignment: UUID | None, sequence: int, *readings: dict[str, Any]) -> HistoryEntry:
    return entry("deadline_set", minute, assignment, sequence, lead=True, clocks=list(readings))


@st.composite
def histories(draw: st.DrawFn) -> list[HistoryEntry]:
    """Two assignments and the appeal itself: several clocks in any state, also readings without an answer clock."""
    minute = st.integers(1, 8)
    assignment = st.sampled_from([FIRST, SECOND])
    states = st.sampled_from(["running", "paused", "met", "breached", "cancelled"])
    kinds = st.sampled_from(["answer", "answer", "react", "documents", "promise"])
    readings = st.builds(reading, kinds, st.integers(1, 2), states, st.sampled_from(DAYS))
    facts = [
        st.builds(created, minute, assignment, st.sampled_from([0, 1, None]), st.sampled_from(["lead", "co_executor"])),
        st.builds(
            lambda m, a, s, some: clocks(m, a, s, *some),
            minute, assignment | st.none(), st.integers(1, 9), st.lists(readings, max_size=3),
        ),
        st.builds(answered, minute, assignment, st.sampled_from(["solved", "postponed"])),
        st.builds(lambda m, a: entry("redirected", m, a, organisation=BODIES[0]), minute, assignment),
        st.builds(lambda m, a: entry("reopened", m, a, organisation=BODIES[0]), minute, assignment),
        st.builds(lambda m, a: entry("cancelled", m, a, reason=""), minute, assignment),
        st.builds(lambda m, a: entry("extension_decided", m, a, decision="approve", days=9, reason=""), minute, assignment),
        st.builds(lambda m: entry("forwarded", m, None, addressee="МВД", reason=""), minute),
    ]  # fmt: skip
    found = draw(st.lists(st.one_of(facts), max_size=14))
    return list({item.event_id: item for item in found}.values())


def last_day(lines: Sequence[Any]) -> date | None:
    """The day of the last line about the deadline; None when that line names none, or there is no such line."""
    told = [line.what for line in lines if line.kind == "deadline_set"]
    found = _DAY.findall(told[-1]) if told else []
    return datetime.strptime(found[-1], "%d.%m.%Y").date() if found else None  # noqa: DTZ007


@given(histories())
@settings(max_examples=400, deadline=None)
def test_the_last_day_a_citizen_reads_is_that_of_the_appeal(history: list[HistoryEntry]) -> None:
    lines = narrate_to_citizens(history, REGISTERED)
    assert last_day(lines) == fold_appeal(history).state.due_on


@given(histories())
@settings(max_examples=200, deadline=None)
def test_the_day_of_the_appeal_is_that_of_a_clock_that_was_not_cancelled(history: list[HistoryEntry]) -> None:
    found = fold_appeal(history).state.due_on
    said = [item for item in history if item.kind == "deadline_set"]
    said.sort(key=lambda item: (item.sequence, item.event_id))
    newest = {item.assignment_id: item for item in said}
    live = {
        clock["due_on"]
        for item in newest.values()
        for clock in item.data["clocks"]
        if clock["clock"] == "answer" and clock["state"] != "cancelled"
    }
    assert found is None or found.isoformat() in live


def test_what_a_redirect_leaves_behind_is_not_the_last_word() -> None:
    """The body that was rid of the question had more days; its clock is cancelled after the other's has begun."""
    history = [
        created(1),
        clocks(2, FIRST, 1, reading("answer", 1, "running", "2026-12-21")),
        entry("extension_decided", 3, decision="approve", days=21, reason=""),
        clocks(4, FIRST, 2, reading("answer", 1, "running", "2027-01-11")),
        entry("redirected", 5, organisation=BODIES[0], reason_code="not_competent"),
        created(5, SECOND, 1),
    ]
    waiting = narrate_to_citizens(history, REGISTERED)
    assert waiting[-1].what == "Срок ответа уточняется"
    history += [
        clocks(6, SECOND, 3, reading("answer", 1, "running", "2026-12-24")),
        clocks(6, FIRST, 3, reading("answer", 1, "cancelled", "2027-01-11")),
    ]
    lines = narrate_to_citizens(history, REGISTERED)
    told = [line.what for line in lines if line.kind == "deadline_set"]
    assert told == [f"Срок ответа – до {day}" for day in ("21.12.2026", "11.01.2027", "24.12.2026")]
    assert fold_appeal(history).state.due_on == date(2026, 12, 24)
    stopped = clocks(8, SECOND, 4, reading("answer", 1, "cancelled", "2026-12-24"))
    over = [*history, entry("withdrawn", 7, None), stopped]
    assert narrate_to_citizens(over, REGISTERED)[-1].what == "Срок ответа больше не действует"
    assert fold_appeal(over).state.due_on is None
    paused = [*history, clocks(8, SECOND, 4, reading("answer", 1, "paused", "2026-12-24"))]
    assert narrate_to_citizens(paused, REGISTERED)[-1].what == "Срок ответа приостановлен"
    assert fold_appeal(paused).state.due_on is None


def clock_of(story: Story, day: str, sequence: int, state: Any = "running") -> DeadlineSet:
    found: DeadlineSet = story.deadline(day, sequence)
    clock = ClockReading(
        clock="answer", state=state, due_on=date.fromisoformat(day), reason=f"{state}: до {day}"
    )
    return found.model_copy(update={"time": story.at, "clocks": (clock,)})


@pytest.mark.parametrize("seed", range(4))
async def test_page_appeal_and_timeline_agree_after_extension_and_redirect(
    app_client: Any, mint: Any, seed: int
) -> None:
    client, app = await app_client("intake")
    path, first = await open_story(client, app, mint)
    events = [first.created(), clock_of(first, "2026-12-21", 1)]
    decided = ExtensionDecided(
        region="46", extension_id=UUID(int=7), appeal_id=first.appeal_id, assignment_id=first.assignment_id,
        sequence=1, decision="approve", days=21, reason="сложный случай", decided_at=first.at,
    )  # fmt: skip
    second = Story(first.appeal_id, start=first.at)
    events += [decided, clock_of(first, "2027-01-11", 2), first.redirected(second.assignment_id)]
    second.at = first.at
    events += [second.created(OTHER_BODY), clock_of(second, "2026-12-24", 3)]
    first.at = second.at
    events.append(clock_of(first, "2027-01-11", 3, "cancelled"))
    order = random.Random(seed)
    if seed:
        order.shuffle(events)
    for event in events:
        await handle(app, event)
    page = (await client.get(path)).json()
    told = [line["what"] for line in page["timeline"] if "Срок ответа" in line["what"]]
    assert (page["due_on"], told[-1]) == ("2026-12-24", "Срок ответа – до 24.12.2026")
    headers = mint.headers("portal")
    appeal = (await client.get(f"/api/v1/appeals/{first.appeal_id}", headers=headers)).json()
    assert appeal["due_on"] == page["due_on"]
    lines = (await client.get(f"/api/v1/appeals/{first.appeal_id}/history", headers=headers)).json()
    assert [line["what"] for line in lines["items"]] == [line["what"] for line in page["timeline"]]


async def test_days_of_appeals_that_ended_before_go(app_client: Any, mint: Any, database: Database) -> None:
    """Rows of an older version kept the day of a clock that was cancelled; one that was met keeps it."""
    client, app = await app_client("intake")
    paths = []
    for state in ("cancelled", "met"):
        path, story = await open_story(client, app, mint)
        await handle(app, story.created(), clock_of(story, "2026-12-21", 1, state), story.cancelled())
        paths.append(path)
    async with worker_session(app) as session:
        await session.execute(text("UPDATE intake.appeal SET due_on = '2026-12-21', due_reason = 'до'"))
    look = await asyncpg.connect(database.dsn())
    await write_histories_in_clear(look)
    await look.execute("UPDATE intake.appeal SET packed = NULL")
    await look.close()
    url = database.url("intake_owner")
    await downgrade("intake", url, "0009")
    await upgrade("intake", url)
    pages = [(await client.get(path)).json() for path in paths]
    assert [(page["status"], page["due_on"]) for page in pages] == [
        ("closed", None),
        ("closed", "2026-12-21"),
    ]
