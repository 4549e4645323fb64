"""The half-year of the demo region: what is written has a season and a week, bursts, slow bodies, and is true to the rules of imports."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median
from typing import Any, get_args
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from otklik.demo import read_reference
from otklik.demo_data.calendar import ZONE, in_office, season_on
from otklik.demo_data.cases import Case
from otklik.demo_data.filling import write_cases
from otklik.demo_data.identity import MOST_MONTHS, MOST_PER_DAY, MOST_SEEDS, find_span, import_id_of, new_span
from otklik.demo_data.past import USUAL, Span
from otklik.demo_data.region import Region, read_region
from otklik.demo_data.story import read_story
from otklik.demo_data.today import TodayWriter
from otklik_client.models import ExportedReference
from otklik_client.models.base import Received
from services.intake.migration.rules import find_contradictions
from services.intake.migration.schemas import LegacyCase
from services.intake.registration.schemas import NewAppeal
from tests.clients.filled import filled
from tests.otklik.commandline import Run

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
HALF_YEAR = new_span(NOW, 6, USUAL, 1)
INSTANTS = st.integers(1_600_000_000, 3_700_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
ExportedReference.model_rebuild()
_ROWS: dict[str, type[Received]] = {
    name: get_args(field.annotation)[0] for name, field in ExportedReference.model_fields.items()
}


def stated(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value is not None}


@pytest.fixture(scope="module")
def region() -> Region:
    """As `GET /reference/46` gives it."""
    tables = {
        name: [filled(_ROWS[name], active=True, **stated(row)) for row in rows]
        for name, rows in read_reference().items()
    }
    return read_region("46", ExportedReference.model_validate(tables))


@pytest.fixture(scope="module")
def cases(region: Region) -> list[Case]:
    """The half-year before a last day of November."""
    return write_cases(read_story(), region, HALF_YEAR)


def days_of(cases: list[Case], chosen: Callable[[Case], bool] = lambda _: True) -> Counter[date]:
    """How many of the chosen cases were received on each local day."""
    return Counter(case.letter.received_at.astimezone(ZONE).date() for case in cases if chosen(case))


def share(cases: list[Case], chosen: Callable[[Case], bool]) -> float:
    """Of the cases."""
    return sum(map(chosen, cases)) / len(cases)


def test_a_half_year_has_thousands_in_every_place(cases: list[Case], region: Region) -> None:
    assert 4_000 <= len(cases) <= 8_000
    places = Counter(case.letter.place.oktmo for case in cases)
    assert set(places) == {district.oktmo for district in region.districts}
    assert places.most_common(1)[0][0] == "38701000"
    assert len({case.letter.text for case in cases}) == len(cases), "no letter is written twice"
    assert {case.letter.channel for case in cases} == set(read_story().volume.channels)


def test_seasons_and_weeks_show(cases: list[Case]) -> None:
    def months_of(theme: str) -> Counter[int]:
        named = (case for case in cases if case.letter.theme and case.letter.theme.name == theme)
        return Counter(case.letter.received_at.month for case in named)

    heating, weeds, snow = months_of("heating"), months_of("weeds"), months_of("yard-snow")
    assert heating[10] > 10 * (heating[7] + 1)
    assert weeds[7] > 10 * (weeds[11] + 1)
    assert snow[11] > 0 == snow[7]
    week = Counter(case.letter.received_at.weekday() for case in cases)
    assert week[0] == max(week.values())
    assert week[0] > 2 * week[6]
    hours = Counter(case.letter.received_at.hour for case in cases)
    assert hours[10] > 8 * hours[3]


def test_a_burst_stands_out_in_its_place_and_topic(cases: list[Case], region: Region) -> None:
    burst = read_story().volume.burst[0]
    oktmo = region.districts[burst.municipality - 1].oktmo
    there = days_of(cases, lambda c: (c.letter.topic, c.letter.place.oktmo) == (burst.topic, oktmo))
    first = HALF_YEAR.days[-1] - timedelta(days=burst.days_ago)
    during = [there[first + timedelta(days=n)] for n in range(len(burst.lasts))]
    usual = median(there[day] for day in HALF_YEAR.days)
    assert min(during) >= 25 > 10 * (usual + 1)
    assert max(days_of(cases).values()) == days_of(cases)[first + timedelta(days=1)]


def test_bodies_answer_as_the_story_has_it(cases: list[Case]) -> None:
    answered = [case for case in cases if case.answer is not None]
    outcomes = Counter(case.answer.outcome for case in answered if case.answer)
    assert outcomes["solved"] / len(answered) == pytest.approx(0.6, abs=0.03)
    assert outcomes["refused"] / len(answered) == pytest.approx(0.08, abs=0.02)
    assert outcomes["postponed"] > 20
    by_body = Counter(case.letter.organisation for case in answered)
    late = Counter(case.letter.organisation for case in answered if case.is_late)
    shares = sorted(late[body] / count for body, count in by_body.items() if count >= 60)
    assert shares[-1] > 0.3
    assert shares[len(shares) // 2] < 0.12
    assert 0.05 < share(answered, lambda case: case.is_late) < 0.25
    assert share(answered, lambda case: case.verdict is not None) == pytest.approx(0.24, abs=0.03)


def test_the_past_leaves_a_queue(cases: list[Case]) -> None:
    waiting = [case for case in cases if case.answer is None]
    assert 100 < len(waiting) < 600
    assert any(case.due_at < NOW for case in waiting), "overdue"
    assert any(NOW < case.due_at < NOW + timedelta(days=2) for case in waiting), "due soon"
    assert any(case.accepted_at is None and case.letter.organisation for case in waiting), "new"
    assert any(case.letter.organisation is None for case in waiting), "for the coordinator"


def test_citizens_judge_late_and_empty_answers_worse(cases: list[Case]) -> None:
    rated = [(case, case.verdict.score) for case in cases if case.verdict is not None]
    late = [score for case, score in rated if case.is_late]
    solved = [
        score for case, score in rated if not case.is_late and case.answer and case.answer.outcome == "solved"
    ]
    assert sum(late) / len(late) + 1 < sum(solved) / len(solved)


def test_nothing_contradicts_itself(cases: list[Case], region: Region) -> None:
    for case in cases:
        taken = LegacyCase.model_validate(case.as_json("46"))
        assert find_contradictions(taken, NOW) == [], case
    writer = TodayWriter(read_story(), region, HALF_YEAR)
    for live in [*writer.letters(), *writer.gathered()]:
        NewAppeal.model_validate(live.as_json("46"))


def test_the_same_seed_writes_the_same(region: Region) -> None:
    def written(seed: int) -> list[dict[str, object]]:
        return [case.as_json("46") for case in write_cases(read_story(), region, new_span(NOW, 1, 5, seed))]

    assert written(3) == written(3)
    assert [each["text"] for each in written(3)] != [each["text"] for each in written(4)]


@given(
    INSTANTS,
    st.integers(1, MOST_MONTHS),
    st.integers(1, MOST_PER_DAY),
    st.integers(0, MOST_SEEDS - 1),
)
def test_an_import_names_its_story(now: datetime, months: int, per_day: int, seed: int) -> None:
    span: Span = new_span(now, months, per_day, seed)
    known = import_id_of(span)
    assert (known.version, known.variant) == (7, "specified in RFC 4122")
    assert find_span([known]) == span


@given(st.uuids(version=4))
def test_other_imports_name_none(other: UUID) -> None:
    assert find_span([other]) is None


@given(st.lists(st.floats(0, 9), min_size=12, max_size=12), st.dates(date(2020, 1, 1), date(2040, 1, 1)))
def test_a_season_changes_evenly(weights: list[float], day: date) -> None:
    today, tomorrow = season_on(weights, day), season_on(weights, day + timedelta(days=1))
    assert min(weights) - 1e-9 <= today <= max(weights) + 1e-9
    assert abs(today - tomorrow) <= (max(weights) - min(weights)) / 10 + 1e-9


@settings(max_examples=50)
@given(INSTANTS, st.integers(0, 9))
def test_officials_work_in_office_hours_and_never_before(at: datetime, seed: int) -> None:
    local = at.astimezone(ZONE)
    found = in_office(Random(seed), local)
    assert found >= local
    assert found.weekday() < 5
    assert 9 <= found.hour < 18


def test_what_is_not_the_demo_is_refused(run: Run, tmp_path: Path) -> None:
    clients = {
        role: {"client_id": "a", "client_secret": "b"}
        for role in ("admin", "portal", "coordinator", "analyst")
    }
    (tmp_path / "credentials.json").write_text(json.dumps(clients))
    ended = run("demo-data", "--home", tmp_path, "--url", "http://127.0.0.1:1", "--yes")
    assert ended.code == 1
    assert "otklik up --demo" in ended.err
    (tmp_path / "credentials.json").unlink()
    assert "make run" in run("demo-data", "--home", tmp_path, "--url", "http://127.0.0.1:1").err
