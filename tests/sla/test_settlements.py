"""What is said of a clock, and when: each level once, the next one armed, nothing said twice after a move."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.sla.calendars.rules.calendars import open_calendar
from services.sla.calendars.rules.deadlines import compute
from services.sla.calendars.rules.office_hours import Office
from services.sla.calendars.rules.summaries import summarise
from services.sla.calendars.rules.terms import Term
from services.sla.clocks.rules.fold import Clock
from services.sla.clocks.rules.reconciliation import reconcile
from services.sla.escalation.rules.timers import NotificationState, fire, set_timers
from services.sla.policies.rules.escalation import EscalationPolicy, default_levels
from services.sla.policies.rules.region_config import CalendarEdit, HoursEdit, RegionConfig

CALENDAR = open_calendar("46")
LADDER = EscalationPolicy(default_levels("message"))
START = datetime(2026, 11, 2, 7, tzinfo=UTC)
EVENTS = st.integers(0, 24 * 120)


def clock(kind: str = "answer", days: int = 30, **changes: Any) -> Clock:
    term = Term(8, "working_hour") if kind == "react" else Term(days, "calendar_day")
    deadline = compute(START, term, CALENDAR)
    values: dict[str, Any] = {
        "appeal_id": "appeal", "assignment_id": "one", "clock": kind, "cycle": 1, "organisation_id": "body",
        "lead": True, "started_at": START, "due_at": deadline.due_at, "due_on": deadline.due_on, "state": "running",
        "met_at": None, "ended_at": None, "policy_id": None, "policy_version": 1, "calendar_version": 1,
        "explanation": deadline.steps,
    }  # fmt: skip
    return Clock(**(values | changes))


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


@given(
    st.sampled_from(["answer", "react", "forward"]),
    st.integers(1, 40),
    st.lists(EVENTS, min_size=1, max_size=12).map(sorted),
)
@settings(max_examples=300, deadline=None)
def test_firing_again_and_again_says_every_rung_once(kind: str, days: int, looks: list[int]) -> None:
    """However rarely anybody looks, what was fired is what the whole ladder gives up to then, and the next is right."""
    running = clock(kind, days)
    whole = set_timers(running, LADDER.levels, CALENDAR)
    memory, said = NotificationState(1), []
    for hours in looks:
        due, memory, following = fire(running, memory, LADDER, CALENDAR, at(hours))
        said += due
        assert said == [timer for timer in whole if timer.fire_at <= at(hours)]
        assert following == next((timer for timer in whole if timer.fire_at > at(hours)), None)
    assert len({timer.slot for timer in said}) == len(said)


def test_a_late_clock_is_broken_at_once_and_not_reminded() -> None:
    late = clock(state="breached")
    settled = reconcile(None, None, late, LADDER, CALENDAR, at(24 * 40))
    assert settled.breach is not None
    assert settled.breach.fire_at == late.due_at + timedelta(seconds=1)  # type: ignore[operator]
    assert settled.state.breached_version == 1
    assert settled.timer is not None
    assert settled.timer.kind == "escalation"
    again = reconcile(settled.clock, settled.state, late, LADDER, CALENDAR, at(24 * 40))
    assert (again.breach, again.withdrawn) == (None, None)
    met = replace(late, state="met", met_at=at(24), ended_at=at(24))
    withdrawn = reconcile(settled.clock, settled.state, met, LADDER, CALENDAR, at(24 * 40))
    assert (withdrawn.withdrawn, withdrawn.timer, withdrawn.state.breached_version) == (1, None, None)
    assert withdrawn.clock.version == 2


def test_a_moved_due_time_is_announced_again_only_if_it_lies_ahead() -> None:
    running = clock()
    due, memory, _ = fire(running, NotificationState(1), LADDER, CALENDAR, at(24 * 25))
    assert [timer.level for timer in due] == [11]
    shifted = clock(days=31)
    little = reconcile(running, memory, shifted, LADDER, CALENDAR, at(24 * 25))
    assert little.timer is not None
    assert little.timer.level == 12, "not the same reminder for one day more"
    assert little.change is not None
    assert "был 2 декабря 2026 года, 23:59" in little.change, "the wall clock of the place"
    far = reconcile(running, memory, clock(days=60), LADDER, CALENDAR, at(24 * 25))
    assert far.timer is not None
    assert far.timer.level == 11


def test_a_sentence_for_people() -> None:
    explained = compute(datetime(2026, 12, 3, 7, tzinfo=UTC), Term(30, "calendar_day"), CALENDAR)
    assert summarise(explained.steps) == (
        "30 календарных дней с 3 декабря 2026 года (2 января 2027 года – нерабочий день, срок перенесён), "
        "истекает 30 декабря 2026 года (среда)."
    )
    hours = compute(datetime(2026, 12, 3, 7, tzinfo=UTC), Term(9, "working_hour"), CALENDAR)
    assert summarise(hours.steps) == (
        "9 рабочих часов с 3 декабря 2026 года, 10:00, истекает 4 декабря 2026 года, 11:00."
    )


def test_a_catalogue_knows_the_calendar_of_every_moment() -> None:
    edit = CalendarEdit(
        2,
        at(0),
        {"days_off": [{"date": "2026-11-05", "reason": "День области"}], "zones": {"38": "Asia/Omsk"}},
    )
    hours = {"body": [HoursEdit(2, {"mon": [["10:00", "12:00"]]})]}
    config = RegionConfig("46", 1, [], {"message": LADDER}, [edit], hours)
    day = datetime(2026, 11, 5).date()  # noqa: DTZ001
    assert config.calendar_of(Office("46"), at(-1)).is_working(day)
    after = config.calendar_of(Office("46"), at(1))
    assert not after.is_working(day)
    assert after.version == 2
    assert config.calendar_of(Office("46", "38701000"), at(1)).zone == "Asia/Omsk"
    assert config.calendar_of(Office("46", None, "body"), at(1)).hours.regular_day == ((600, 720),)
    assert config.calendar_of(Office("46", None, "other"), at(1)) is after
