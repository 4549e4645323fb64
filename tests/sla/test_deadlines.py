"""Deadlines against the published vectors, a naive second opinion, and laws any deadline must obey."""

from __future__ import annotations

import json
import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.sla.calendars.rules.calendars import Calendar
from services.sla.calendars.rules.deadlines import (
    Extension,
    Pause,
    WeekendRule,
    compute,
    compute_promise,
    is_late,
    merge_pauses,
)
from services.sla.calendars.rules.terms import Term
from tests.sla import naive
from tests.sla.recomputing import recompute
from tests.sla.strategies import (
    FAST,
    KURSK,
    RULES,
    ZONES,
    at,
    pauses,
    rules,
    starts,
    terms,
    zones,
)

# Worked out with `holidays` 0.109 alone, before any of this code: (days, start, previous, next)
VECTORS = [
    (30, "2026-11-21", "2026-12-21", "2026-12-21"),
    (30, "2026-12-03", "2026-12-30", "2027-01-11"),
    (30, "2027-01-22", "2027-02-20", "2027-02-24"),
    (30, "2027-04-02", "2027-04-30", "2027-05-04"),
    (30, "2025-04-08", "2025-05-07", "2025-05-12"),
    (30, "2024-10-03", "2024-11-02", "2024-11-02"),
    (7, "2027-02-15", "2027-02-20", "2027-02-24"),
    (3, "2026-12-30", "2026-12-30", "2027-01-11"),
    (60, "2026-11-02", "2026-12-30", "2027-01-11"),
]


@pytest.mark.parametrize(("days", "start", "previous", "following"), VECTORS)
@pytest.mark.parametrize("time", ["00:00:00", "10:00:00", "23:59:59"])
def test_published_vectors(days: int, start: str, previous: str, following: str, time: str) -> None:
    term = Term(days, "calendar_day")
    begin = at(f"{start}T{time}")
    assert compute(begin, term, KURSK, "previous").due_on == date.fromisoformat(previous)
    assert compute(begin, term, KURSK, "next").due_on == date.fromisoformat(following)
    assert compute(begin, term, KURSK, "none").due_on == date.fromisoformat(start) + timedelta(days=days)
    assert compute(begin, term, KURSK).due_at == at(f"{previous}T23:59:59")


def _cases() -> list[tuple[str, int, str, datetime, str]]:
    """300 cases fixed by a seed, thick around the holidays where mistakes live."""
    chance = random.Random(59)
    anchors = [
        date(2024, 12, 20),
        date(2025, 4, 20),
        date(2025, 10, 25),
        date(2026, 2, 15),
        date(2026, 12, 20),
    ]
    anchors += [date(2027, 2, 10), date(2027, 4, 25), date(2026, 6, 1), date(2024, 4, 20)]
    cases: list[tuple[str, int, str, datetime, str]] = []
    for number in range(300):
        zone = ZONES[number % len(ZONES)]
        day = chance.choice(anchors) + timedelta(days=chance.randrange(-20, 20))
        start = datetime.combine(day, datetime.min.time(), ZoneInfo(zone)) + timedelta(
            minutes=chance.randrange(24 * 60)
        )
        unit = ("calendar_day", "working_day")[number % 2]
        amount = chance.choice([1, 2, 3, 5, 7, 10, 15, 20, 30, 45, 60])
        cases.append((unit, amount, RULES[number % 3], start.astimezone(UTC), zone))
    return cases


@pytest.mark.parametrize(("unit", "amount", "rule", "start", "zone"), _cases())
def test_days_agree_with_a_second_opinion(
    unit: str, amount: int, rule: WeekendRule, start: datetime, zone: str
) -> None:
    deadline = compute(start, Term(amount, unit), Calendar("46", zone), rule)  # type: ignore[arg-type]
    if unit == "calendar_day":
        expected = naive.due_calendar_days(start, amount, ZoneInfo(zone), rule)
    else:
        expected = naive.due_working_days(start, amount, ZoneInfo(zone))
    assert deadline.due_at == expected
    assert recompute(deadline.steps) == expected


@given(
    starts,
    st.integers(1, 30),
    zones,
    st.lists(st.tuples(st.integers(-2000, 6000), st.integers(1, 3000)), max_size=2),
)
@settings(max_examples=60, deadline=None)
def test_working_hours_agree_with_a_walk_by_minutes(
    start: datetime, hours: int, zone: str, spans: list[tuple[int, int]]
) -> None:
    start = start.replace(second=0, microsecond=0)
    stood = [
        (start + timedelta(minutes=begin), start + timedelta(minutes=begin + length))
        for begin, length in spans
    ]
    expected = naive.due_working_minutes(start, hours * 60, ZoneInfo(zone), stood)
    deadline = compute(
        start, Term(hours, "working_hour"), Calendar("46", zone), pauses=[Pause(*span) for span in stood]
    )
    assert deadline.due_at == expected


@given(starts, terms, rules, pauses, zones, st.integers(0, 3))
@settings(max_examples=300, deadline=None)
def test_the_explanation_alone_gives_the_same_deadline(
    start: datetime, term: Term, rule: WeekendRule, pauses: list[Pause], zone: str, more: int
) -> None:
    extensions = [Extension(more * 5)] if more else []
    deadline = compute(start, term, Calendar("46", zone), rule, pauses, extensions=extensions)
    steps = json.loads(json.dumps(deadline.steps))
    assert recompute([step for step in steps if step["kind"] != "result"]) == deadline.due_at
    assert all(step["text"] and step["kind"] for step in steps)
    assert steps[-1]["due_on"] == str(deadline.due_on)


@given(starts, terms, rules, pauses, zones)
@FAST
def test_a_longer_term_is_never_due_earlier(
    start: datetime, term: Term, rule: WeekendRule, pauses: list[Pause], zone: str
) -> None:
    calendar = Calendar("46", zone)
    shorter = compute(start, term, calendar, rule, pauses).due_at
    longer = compute(start, Term(term.amount + 1, term.unit), calendar, rule, pauses).due_at
    assert shorter is not None
    assert longer is not None
    assert shorter <= longer


@given(starts, terms, rules, pauses, st.integers(0, 100_000), st.integers(0, 100_000))
@FAST
def test_a_pause_outside_the_interval_changes_nothing(
    start: datetime, term: Term, rule: WeekendRule, pauses: list[Pause], before: int, after: int
) -> None:
    due = compute(start, term, KURSK, rule, pauses)
    assert due.due_at is not None
    early = Pause(start - timedelta(minutes=before + 60), start - timedelta(minutes=before))
    late = Pause(due.due_at + timedelta(minutes=after, seconds=1), None)
    assert compute(start, term, KURSK, rule, [early, *pauses, late]) == due


@given(starts, terms, rules, pauses)
@FAST
def test_a_pause_never_brings_the_deadline_forward(
    start: datetime, term: Term, rule: WeekendRule, pauses: list[Pause]
) -> None:
    due = compute(start, term, KURSK, rule, pauses).due_at
    plain = compute(start, term, KURSK, rule).due_at
    assert due is not None
    assert plain is not None
    assert due >= plain
    for pause in merge_pauses(pauses, start):
        assert pause.until is not None
        assert not (pause.since < due < pause.until), "due while the clock stands still"


@given(starts, pauses, st.randoms())
@FAST
def test_pauses_are_a_set_of_instants(start: datetime, pauses: list[Pause], chance: random.Random) -> None:
    doubled = [*pauses, *pauses]
    chance.shuffle(doubled)
    for unit in ("calendar_day", "working_hour"):
        term = Term(30, unit)
        assert (
            compute(start, term, KURSK, "next", doubled).due_at
            == compute(start, term, KURSK, "next", pauses).due_at
        )


def test_a_pause_adds_the_dates_of_its_half_open_interval() -> None:
    start, term = at("2026-09-01T10:00"), Term(30, "calendar_day")
    pause = Pause(at("2026-09-07T15:00"), at("2026-09-14T09:00"))
    assert compute(start, term, KURSK, "none").due_on == date(2026, 10, 1)
    assert compute(start, term, KURSK, "none", [pause]).due_on == date(2026, 10, 8)
    same_day = Pause(at("2026-09-07T10:00"), at("2026-09-07T17:00"))
    assert compute(start, term, KURSK, "none", [same_day]).due_on == date(2026, 10, 1)
    overlapping = Pause(at("2026-09-10T00:00"), at("2026-09-16T00:00"))
    assert compute(start, term, KURSK, "none", [pause, overlapping]).due_on == date(2026, 10, 10)
    working = compute(start, Term(10, "working_day"), KURSK, pauses=[pause])
    assert compute(start, Term(10, "working_day"), KURSK).due_on == date(2026, 9, 15)
    assert working.due_on == date(2026, 9, 22)


def test_an_endless_pause_leaves_no_deadline() -> None:
    deadline = compute(
        at("2026-09-01T10:00"), Term(8, "working_hour"), KURSK, pauses=[Pause(at("2026-09-01T11:00"))]
    )
    assert deadline.due_at is None
    assert deadline.due_on is None
    assert recompute(deadline.steps) is None
    assert "приостановлен" in deadline.steps[-1]["text"]


def test_a_pause_that_began_in_the_days_won_by_next_holds_the_deadline() -> None:
    # raw end Saturday 10 October, due Monday 12 October; asked on Sunday, answered on Wednesday
    pause = Pause(at("2026-10-11T12:00"), at("2026-10-14T12:00"))
    deadline = compute(at("2026-09-10T10:00"), Term(30, "calendar_day"), KURSK, "next", [pause])
    assert deadline.due_on == date(2026, 10, 14)
    assert recompute(deadline.steps) == deadline.due_at


def test_previous_never_moves_before_the_start_or_the_end_of_a_pause() -> None:
    from_holiday = compute(at("2027-01-02T12:00"), Term(3, "calendar_day"), KURSK)
    assert from_holiday.due_on == date(2027, 1, 11)
    resumed = compute(
        at("2026-09-10T10:00"),
        Term(30, "calendar_day"),
        KURSK,
        "previous",
        [Pause(at("2026-10-09T10:00"), at("2026-10-17T10:00"))],
    )
    assert resumed.due_on == date(2026, 10, 19)  # raw end Sunday 18th; Friday 16th lies in the pause
    assert recompute(resumed.steps) == resumed.due_at


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        ("2026-11-20T17:00", 1, "2026-11-20T18:00"),  # ends at closing: stays
        ("2026-11-20T17:30", 1, "2026-11-23T09:30"),  # over the weekend
        ("2026-11-20T12:30", 1, "2026-11-20T14:30"),  # over lunch
        ("2026-11-20T13:20", 4, "2026-11-20T18:00"),  # from lunch
        ("2026-11-21T10:00", 8, "2026-11-23T18:00"),  # from Saturday
        ("2026-11-20T05:00", 9, "2026-11-23T10:00"),  # from before opening
        ("2027-02-20T16:00", 3, "2027-02-24T10:00"),  # a working Saturday, then three days off
        ("2026-12-30T17:00", 2, "2027-01-11T10:00"),  # over New Year
    ],
)
def test_working_hours(start: str, hours: int, due: str) -> None:
    assert compute(at(start), Term(hours, "working_hour"), KURSK).due_at == at(due)


def test_hours_and_minutes_pass_day_and_night_and_seconds_count() -> None:
    assert compute(at("2026-12-31T20:00:30"), Term(24, "calendar_hour"), KURSK).due_at == at(
        "2027-01-01T20:00:30"
    )
    assert compute(at("2026-12-31T20:00:30.9"), Term(30, "minute"), KURSK).due_at == at("2026-12-31T20:30:30")
    assert compute(at("2026-11-20T09:00:30"), Term(1, "working_hour"), KURSK).due_at == at(
        "2026-11-20T10:00:30"
    )


def test_an_extension_counts_from_the_first_start() -> None:
    deadline = compute(at("2026-11-02T10:00"), Term(30, "calendar_day"), KURSK, extensions=[Extension(30)])
    assert deadline.due_on == date(2026, 12, 30)
    hours = compute(at("2026-11-20T09:00"), Term(8, "working_hour"), KURSK, extensions=[Extension(1)])
    assert hours.due_at == at("2026-11-23T18:00")
    with pytest.raises(ValueError):
        compute(at("2026-11-02T10:00"), Term(30, "calendar_day"), KURSK, extensions=[Extension(0)])


def test_beyond_the_decreed_years_the_explanation_says_so() -> None:
    deadline = compute(at("2027-12-20T10:00"), Term(30, "calendar_day"), KURSK)
    assert not deadline.certain
    assert [step["year"] for step in deadline.steps if step["kind"] == "uncertain"] == [2028]
    assert compute(at("2027-11-20T10:00"), Term(30, "calendar_day"), KURSK).certain


def test_a_promise_ends_with_its_date_even_on_a_day_off() -> None:
    deadline = compute_promise(at("2026-12-03T10:00"), date(2027, 1, 3), KURSK)
    assert deadline.due_at == at("2027-01-03T23:59:59")
    assert recompute(deadline.steps) == deadline.due_at


def test_the_last_second_is_in_time() -> None:
    due = at("2026-12-30T23:59:59")
    assert not is_late(at("2026-12-30T23:59:59.999999"), due)
    assert is_late(at("2026-12-31T00:00:00"), due)


def test_bad_input_is_a_value_error() -> None:
    term = Term(1, "working_day")
    for call in (
        lambda: compute(datetime(2026, 1, 1), term, KURSK),  # noqa: DTZ001
        lambda: compute(datetime(1900, 1, 1, tzinfo=UTC), term, KURSK),
        lambda: compute(datetime(2500, 1, 1, tzinfo=UTC), term, KURSK),
        lambda: compute(at("2026-01-01"), term, KURSK, "sometimes"),  # type: ignore[arg-type]
        lambda: compute(datetime.fromisoformat("0001-01-01T00:00:00+14:00"), term, KURSK),
        lambda: compute(datetime.fromisoformat("9999-12-31T23:59:59-14:00"), term, KURSK),
        lambda: Pause(at("2026-01-02"), at("2026-01-01")),
        lambda: Pause(at("2026-01-02"), datetime.fromisoformat("9999-12-31T23:59:59-14:00")),
        lambda: Pause(datetime(2026, 1, 2)),  # noqa: DTZ001
    ):
        with pytest.raises(ValueError):
            call()
