"""What tests of deadlines draw from: moments, terms, pauses, zones; and a few fixed things."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import settings
from hypothesis import strategies as st

from contracts.territories import REGIONS
from services.sla.calendars.rules.calendars import open_calendar
from services.sla.calendars.rules.deadlines import (
    Pause,
    WeekendRule,
)
from services.sla.calendars.rules.terms import Term

MOSCOW = ZoneInfo("Europe/Moscow")
KURSK = open_calendar("46")
ZONES = sorted({region.zone for region in REGIONS.values()})
RULES: tuple[WeekendRule, ...] = ("previous", "next", "none")
UNITS = ("calendar_day", "working_day", "calendar_hour", "working_hour", "minute")

FAST = settings(max_examples=150, deadline=None)


def at(text: str, zone: ZoneInfo = MOSCOW) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


starts = st.datetimes(
    datetime(2024, 2, 1),  # noqa: DTZ001 hypothesis wants naive bounds
    datetime(2027, 6, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
terms = st.one_of(
    st.builds(Term, st.integers(1, 90), st.sampled_from(["calendar_day", "working_day"])),
    st.builds(Term, st.integers(1, 200), st.sampled_from(["calendar_hour", "working_hour"])),
    st.builds(Term, st.integers(1, 6000), st.just("minute")),
)
pauses = st.lists(
    st.tuples(starts, st.integers(0, 30 * 24 * 60)).map(
        lambda pair: Pause(pair[0], pair[0] + timedelta(minutes=pair[1]), "уточнение")
    ),
    max_size=4,
)
rules = st.sampled_from(RULES)
zones = st.sampled_from(ZONES)
