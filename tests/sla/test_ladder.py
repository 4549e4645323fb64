"""Who hears of a deadline and when."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.sla import ClockKind
from services.sla.calendars.rules.calendars import open_calendar
from services.sla.calendars.rules.deadlines import compute, is_late
from services.sla.calendars.rules.terms import Term
from services.sla.clocks.rules.fold import Clock
from services.sla.escalation.rules.timers import set_timers
from services.sla.policies.rules.escalation import EscalationLevel, default_levels, dump_level, parse_level

MOSCOW = ZoneInfo("Europe/Moscow")
KURSK = open_calendar("46")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=MOSCOW)


def clock_of(start: datetime, term: Term, kind: ClockKind = "answer") -> Clock:
    deadline = compute(start, term, KURSK)
    return Clock(
        appeal_id="a", assignment_id="b", clock=kind, cycle=1, organisation_id=None, lead=True, started_at=start,
        due_at=deadline.due_at, due_on=deadline.due_on, state="running", met_at=None, ended_at=None, policy_id=None,
        policy_version=None, calendar_version=1, explanation=(), version=4,
    )  # fmt: skip


ANSWER = clock_of(at("2026-09-01T10:00"), Term(30, "calendar_day"))  # due Thursday 1 October 2026


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        (EscalationLevel(1, "breach", "executor"), ["2026-10-02T00:00"]),
        # half of the term is 16 September 16:59:59 and some
        (EscalationLevel(1, "reminder", "executor", share=0.5), ["2026-09-16T16:59:59"]),
        (EscalationLevel(1, "reminder", "head", before=Term(4, "working_hour")), ["2026-10-01T14:00"]),
        (EscalationLevel(1, "reminder", "head", before=Term(12, "working_hour")), ["2026-09-30T14:00"]),
        # 28 September 23:59:59: the office is closed, the next opening is before the deadline
        (EscalationLevel(1, "reminder", "head", before=Term(3, "working_day")), ["2026-09-29T09:00"]),
        (EscalationLevel(1, "reminder", "head", before=Term(1, "minute")), ["2026-10-01T17:59:59"]),
        (EscalationLevel(1, "reminder", "head", before=Term(60, "calendar_day")), []),
        (EscalationLevel(1, "escalation", "head", after=Term(2, "working_hour")), ["2026-10-02T11:00"]),
        (EscalationLevel(1, "escalation", "head", after=Term(1, "calendar_hour")), ["2026-10-02T09:00"]),
        # Saturday 3 October 23:59:59 waits for Monday
        (EscalationLevel(1, "escalation", "superior", after=Term(2, "calendar_day")), ["2026-10-05T09:00"]),
        # eight hours end at closing, when nobody reads any more: the next morning
        (
            EscalationLevel(1, "escalation", "superior", after=Term(8, "working_hour"), every=Term(8, "working_hour"), times=3),
            ["2026-10-05T09:00", "2026-10-06T09:00", "2026-10-07T09:00"],
        ),
        (
            EscalationLevel(1, "reminder", "executor", before=Term(2, "working_day"), every=Term(1, "working_day"), times=9),
            ["2026-09-30T09:00", "2026-10-01T09:00", "2026-10-01T17:59:59"],
        ),
        (EscalationLevel(1, "reminder", "executor", share=0.5, clocks=("react",)), []),
    ],
)  # fmt: skip
def test_a_rung_fires_at(level: EscalationLevel, expected: list[str]) -> None:
    timers = set_timers(ANSWER, [level], KURSK)
    assert [timer.fire_at.replace(microsecond=0) for timer in timers] == [at(text) for text in expected]


def test_the_breach_is_the_first_late_second() -> None:
    (timer,) = set_timers(ANSWER, [EscalationLevel(20, "breach", "executor")], KURSK)
    assert ANSWER.due_at is not None
    assert is_late(timer.fire_at, ANSWER.due_at)
    assert not is_late(timer.fire_at - timedelta(microseconds=1), ANSWER.due_at)
    assert (timer.kind, timer.level, timer.repeat, timer.slot) == ("breach", 20, 1, "breach:20:1")


@given(
    st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.sampled_from([Term(30, "calendar_day"), Term(8, "working_hour"), Term(3, "working_day"), Term(24, "calendar_hour")]),
    st.sampled_from(["react", "answer", "promise", "documents", "register", "forward"]),
    st.sampled_from(["statutory", "message"]),
)  # fmt: skip
@settings(max_examples=120, deadline=None)
def test_default_ladders_hold_together(start: datetime, term: Term, kind: ClockKind, regime: str) -> None:
    clock = clock_of(start, term, kind)
    timers = set_timers(clock, default_levels(regime), KURSK)  # type: ignore[arg-type]
    assert clock.due_at is not None
    assert len({timer.slot for timer in timers}) == len(timers)
    assert [timer.kind for timer in timers].count("breach") == 1
    assert any(timer.kind == "escalation" for timer in timers)
    for timer in timers:
        if timer.kind == "reminder":
            assert start < timer.fire_at <= clock.due_at
        else:
            assert timer.fire_at > clock.due_at
        if timer.kind != "breach":
            assert KURSK.is_open(timer.fire_at.astimezone(MOSCOW).replace(tzinfo=None))


@pytest.mark.parametrize("change", [{"ended_at": at("2026-09-02T10:00")}, {"due_at": None}])
def test_nothing_fires_for_a_clock_that_ended_or_stands_still(change: dict[str, object]) -> None:
    assert set_timers(replace(ANSWER, **change), default_levels("message"), KURSK) == []  # type: ignore[arg-type]


@pytest.mark.parametrize("regime", ["statutory", "message"])
def test_ladders_go_to_json_and_back(regime: str) -> None:
    ladder = default_levels(regime)  # type: ignore[arg-type]
    assert len({level.number for level in ladder}) == len(ladder)
    assert [parse_level(json.loads(json.dumps(dump_level(level)))) for level in ladder] == ladder


@pytest.mark.parametrize(
    "data",
    [
        {}, {"level": 1, "kind": "reminder", "whom": "executor"}, {"level": 1, "kind": "breach", "whom": "cat"},
        {"level": 1, "kind": "breach", "whom": "head", "share": 0.5}, {"level": 1, "kind": "reminder", "whom": "head", "share": 2},
        {"level": 1, "kind": "reminder", "whom": "head", "after": {"minutes": 5}},
        {"level": 1, "kind": "escalation", "whom": "head", "before": {"minutes": 5}},
        {"level": 1, "kind": "escalation", "whom": "head", "after": {"minutes": 5}, "times": 3},
        {"level": 1, "kind": "escalation", "whom": "head", "after": {"minutes": 5}, "every": {"minutes": 5}, "times": 10**6},
        {"level": "x", "kind": "breach", "whom": "head"}, {"level": 1, "kind": "breach", "whom": "head", "clocks": ["lunch"]},
    ],
)  # fmt: skip
def test_malformed_rungs_are_refused(data: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        parse_level(data)


def test_dates_used_above() -> None:
    assert ANSWER.due_on == date(2026, 10, 1)
