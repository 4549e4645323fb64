"""Terms and calendars as values: to JSON and back, published years, a region's changes, office time, zones."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.national import load_year
from contracts.territories import MUNICIPAL_ZONES, REGIONS, find_zone
from services.sla.calendars.rules.calendar_codec import dump_calendar, parse_calendar
from services.sla.calendars.rules.calendars import Calendar, CalendarChanges, open_calendar
from services.sla.calendars.rules.deadlines import (
    compute,
)
from services.sla.calendars.rules.office_hours import OfficeHours
from services.sla.calendars.rules.terms import Term, dump_term, parse_term
from tests.sla import naive
from tests.sla.recomputing import recompute
from tests.sla.strategies import (
    FAST,
    KURSK,
    UNITS,
    ZONES,
    at,
    starts,
)


@pytest.mark.parametrize("unit", UNITS)
@given(amount=st.integers(1, 2000))
@settings(max_examples=20, deadline=None)
def test_terms_go_to_json_and_back(unit: str, amount: int) -> None:
    term = Term(amount, unit)  # type: ignore[arg-type]
    assert parse_term(json.loads(json.dumps(dump_term(term)))) == term


@pytest.mark.parametrize(
    "data",
    [
        None, [], {}, {"days": 3}, {"days": 0, "unit": "working_day"}, {"days": 3, "unit": "working_hour"},
        {"hours": 3, "unit": "calendar_day"}, {"days": 3, "hours": 1, "unit": "working_day"}, {"minutes": -5},
        {"days": True, "unit": "working_day"}, {"days": 1.5, "unit": "working_day"}, {"days": "3", "unit": "working_day"},
        {"days": 10**9, "unit": "calendar_day"}, {"minutes": 10, "unit": "working_hour"}, {"days": 3, "unit": ["x"]},
    ],
)  # fmt: skip
def test_malformed_terms_are_refused(data: object) -> None:
    with pytest.raises(ValueError):
        parse_term(data)


def test_working_days_of_the_published_years() -> None:
    counted = [
        KURSK.count_working(date(year, 1, 1), date(year + 1, 1, 1)) for year in (2024, 2025, 2026, 2027)
    ]
    assert counted == [248, 247, 247, 247]
    assert KURSK.count_working(date(2024, 1, 1), date(2028, 1, 1)) == sum(counted)
    for day in (date(2024, 1, 1) + timedelta(days=offset) for offset in range(4 * 365 + 1)):
        assert KURSK.is_working(day) == naive.is_working(day), day


def test_eves_are_the_shortened_days_of_the_official_calendars() -> None:
    assert sorted(load_year(2024).eves) == [
        date(2024, 2, 22), date(2024, 3, 7), date(2024, 5, 8), date(2024, 6, 11), date(2024, 11, 2),
    ]  # fmt: skip
    assert date(2025, 11, 1) in load_year(2025).eves
    short = Calendar("46", "Europe/Moscow", shorten_pre_holidays=True)
    start, term = at("2026-04-30T16:30"), Term(1, "working_hour")
    assert compute(start, term, KURSK).due_at == at("2026-04-30T17:30")
    shortened = compute(start, term, short)
    assert shortened.due_at == at("2026-05-04T09:30")
    assert recompute(shortened.steps) == shortened.due_at


def test_a_region_changes_its_calendar() -> None:
    changes = CalendarChanges(
        days_off={date(2026, 8, 27): "День Республики", date(2026, 8, 28): "паводок"},
        working_days={date(2026, 8, 29): "отработка"},
        hours={date(2026, 8, 26): ((540, 720),)},
    )
    calendar = Calendar("02", "Asia/Yekaterinburg", changes=changes, version=2)
    zone = ZoneInfo("Asia/Yekaterinburg")
    start = at("2026-08-26T10:00", zone)
    days = compute(start, Term(2, "working_day"), calendar)
    assert days.due_on == date(2026, 8, 31)
    assert "День Республики" in json.dumps(days.steps, ensure_ascii=False)
    hours = compute(start, Term(3, "working_hour"), calendar)
    assert hours.due_at == at("2026-08-29T10:00", zone)
    assert recompute(hours.steps) == hours.due_at
    again = parse_calendar(json.loads(json.dumps(dump_calendar(calendar))), region="02")
    assert dump_calendar(again) == dump_calendar(calendar)
    assert compute(start, Term(3, "working_hour"), again) == hours


def test_an_office_that_works_on_saturday_counts_it() -> None:
    week = ((((8 * 60, 20 * 60)),),) * 6 + ((),)
    calendar = Calendar("46", "Europe/Moscow", hours=OfficeHours(week))
    assert compute(at("2026-11-20T19:00"), Term(2, "working_hour"), calendar).due_at == at("2026-11-21T09:00")
    assert compute(at("2026-11-20T19:00"), Term(1, "working_day"), calendar).due_on == date(2026, 11, 21)
    assert compute(at("2026-12-30T19:00"), Term(2, "working_hour"), calendar).due_at == at("2027-01-09T09:00")


@pytest.mark.parametrize(
    "data",
    [
        {"zone": "Mars/Base"}, {"zone": "../etc"}, {"office_hours": {"mon": [["18:00", "09:00"]]}},
        {"office_hours": {"day": []}}, {"office_hours": {"mon": []}}, {"days_off": [{"date": "31.12.2026"}]},
        {"days_off": ["2026-12-31"]}, {"short_days": [{"date": "2026-12-31", "hours": [["9", "12"]]}]},
        {"days_off": [{"date": "0001-01-01"}]}, {"version": "x"},
    ],
)  # fmt: skip
def test_malformed_calendars_are_refused(data: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        parse_calendar(data, region="46")


@given(starts, st.integers(1, 400_000))
@FAST
def test_office_time_forth_and_back(start: datetime, seconds: int) -> None:
    wall = start.replace(tzinfo=None, microsecond=0)
    later = KURSK.add_open(wall, seconds)
    assert KURSK.count_open(wall, later) == seconds
    earlier = KURSK.subtract_open(later, seconds)
    assert KURSK.count_open(earlier, later) == seconds
    assert KURSK.is_open(earlier)


@given(st.dates(date(2024, 1, 10), date(2027, 6, 1)), st.integers(-120, 120).filter(bool))
@FAST
def test_shift_counts_working_days(day: date, number: int) -> None:
    moved = KURSK.shift(day, number)
    assert KURSK.is_working(moved)
    one = timedelta(days=1)
    span = KURSK.count_working(day + one, moved + one) if number > 0 else KURSK.count_working(moved, day)
    assert span == abs(number)


@pytest.mark.parametrize("zone", ZONES)
def test_a_day_is_the_local_date_of_the_body(zone: str) -> None:
    calendar, local = Calendar("46", zone), ZoneInfo(zone)
    before = at("2026-08-31T23:59:59", local).astimezone(UTC)
    after = before + timedelta(seconds=1)
    term = Term(3, "calendar_day")
    assert compute(before, term, calendar).due_at == at("2026-09-03T23:59:59", local)
    assert compute(after, term, calendar).due_at == at("2026-09-04T23:59:59", local)
    assert compute(before, Term(1, "working_hour"), calendar).due_at == at("2026-09-01T10:00", local)


def test_past_changes_of_the_clock_are_honoured() -> None:
    calendar = Calendar("46", "Europe/Moscow")  # on 26 October 2014 at 02:00 the clock went back an hour
    start = at("2014-10-25T12:00")
    assert compute(start, Term(24, "calendar_hour"), calendar).due_at == at("2014-10-26T11:00")
    due = compute(start, Term(1, "calendar_day"), calendar, "none").due_at
    assert due is not None
    assert due.utcoffset() == timedelta(hours=3)
    assert due - start.astimezone(UTC) == timedelta(hours=36, minutes=59, seconds=59)


def test_territories() -> None:
    assert len(REGIONS) == 89
    assert len(ZONES) == 24
    assert {datetime(2026, 1, 1, tzinfo=UTC).astimezone(ZoneInfo(zone)).utcoffset() for zone in ZONES} == {
        timedelta(hours=hours) for hours in range(2, 13)
    }
    assert find_zone("14", "98646101") == "Asia/Srednekolymsk"
    assert find_zone("14", "98701000") == "Asia/Yakutsk"
    assert find_zone("14", "98516000", {"98516": "Asia/Vladivostok"}) == "Asia/Vladivostok"
    sakha = {
        datetime(2026, 1, 1, tzinfo=UTC).astimezone(ZoneInfo(zone)).utcoffset()
        for zone in MUNICIPAL_ZONES.values()
    }
    assert sakha == {timedelta(hours=hours) for hours in (9, 10, 11)}
    by_prefix = {region.oktmo_prefix: code for code, region in REGIONS.items()}
    assert len(by_prefix) == 89, "each has its own"
    for prefix, code in (("38", "46"), ("718", "86"), ("71", "72"), ("118", "83")):
        assert by_prefix[prefix] == code
    with pytest.raises(KeyError):
        find_zone("99")


@given(st.sampled_from(sorted(REGIONS)), st.sampled_from(sorted(MUNICIPAL_ZONES)))
def test_a_municipality_of_another_region_changes_no_clock(region: str, prefix: str) -> None:
    """Whoever sends it has mistaken it; days of the region are counted at the region's own time."""
    own = MUNICIPAL_ZONES[prefix] if region == "14" else REGIONS[region].zone
    assert find_zone(region, f"{prefix}101") == own


def test_the_last_day_of_an_appeal_with_a_mistaken_municipality_is_that_of_its_region() -> None:
    evening = datetime.fromisoformat("2026-09-03T18:00:00+03:00")  # on the Kolyma it is the fourth
    found = [
        compute(evening, Term(30, "calendar_day"), open_calendar("46", code), "none").due_on
        for code in ("38701000", "98637000")
    ]
    assert found == [date(2026, 10, 3)] * 2
