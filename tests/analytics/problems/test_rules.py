"""What is the same problem, when a region is looked through, which words are kept: pure rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from services.analytics.problems.actions.keeping import raised
from services.analytics.problems.rules.discoveries import q_values
from services.analytics.problems.rules.identity import JOINED, decide
from services.analytics.problems.rules.looks import Look, due_look, settle
from services.analytics.problems.rules.places import cells_within
from services.analytics.problems.rules.reasons import names_somebody
from services.analytics.tables.problems import ProblemRow, ProblemRun
from tests.analytics.problems.conftest import burst

DAY = timedelta(days=1)
TODAY = date(2026, 9, 1)


def registered(finding_on: date) -> ProblemRow:
    return raised("46", uuid7(), burst(finding_on), TODAY, None)


@given(st.lists(st.integers(0, 200), min_size=1, max_size=12))
def test_one_problem_is_registered_once_however_often_it_is_found(days: list[int]) -> None:
    """Findings that follow within two weeks are one problem, those that do not are others; the order of looks says nothing."""
    findings = [burst(TODAY - 300 * DAY + day * DAY) for day in sorted(days)]
    known: list[ProblemRow] = []
    for _ in range(2):
        for finding in findings:
            verdict = decide(finding, known, TODAY, date.min)
            if verdict.outcome == "raise":
                known.append(raised("46", uuid7(), finding, TODAY, None))
            elif verdict.problem is not None:
                at = known.index(verdict.problem)
                longest = max(verdict.problem.last_on, finding.last_on)
                known[at] = replace(verdict.problem, last_on=longest)
    ordered = sorted(days)
    gaps = sum(later - earlier - 2 > JOINED.days for earlier, later in pairwise(ordered))
    assert len(known) == gaps + 1


def test_old_findings_raise_nothing_and_extend_what_is_known() -> None:
    known = registered(TODAY - 20 * DAY)
    old = burst(TODAY - 18 * DAY)
    assert decide(old, [], TODAY, TODAY - 6 * DAY).outcome == "silent"
    assert decide(old, [known], TODAY, TODAY - 6 * DAY).outcome == "extend"


def test_a_circle_is_the_same_where_it_overlaps_by_half() -> None:
    spot = replace(burst(TODAY), kind="hotspot", lat=51.73, lon=36.19, radius_m=400)
    known = [raised("46", uuid7(), spot, TODAY, None)]
    assert decide(replace(spot, lat=51.7325), known, TODAY, date.min).outcome == "extend"  # 280 m
    assert decide(replace(spot, lat=51.7360), known, TODAY, date.min).outcome == "raise"  # 670 m
    assert decide(replace(spot, topic="topic-2"), known, TODAY, date.min).outcome == "raise"


def test_a_circle_has_the_cells_whose_rows_statistics_counted() -> None:
    """A cell is some 200 m: the smallest circle has the cell it was found in, a large one many."""
    counts = [len(cells_within(51.73, 36.19, radius)) for radius in (200, 400, 1000)]
    assert counts[0] >= 1
    assert 2 <= counts[1] <= 8
    assert 20 <= counts[2] <= 40


NIGHT = datetime(2026, 9, 1, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("local_hour", "analysed_to", "minutes_ago", "expected"),
    [
        (3, None, None, Look(date(2026, 9, 1), True)),  # never looked through
        (
            2,
            date(2026, 8, 30),
            600,
            Look(date(2026, 9, 2), False),
        ),  # the day before yesterday is done, the night not come
        (3, date(2026, 8, 30), 600, Look(date(2026, 9, 1), True)),
        (15, date(2026, 8, 25), 600, Look(date(2026, 9, 1), True)),  # after an outage
        (15, date(2026, 8, 31), 600, Look(date(2026, 9, 2), False)),  # by day
        (15, date(2026, 8, 31), 30, None),  # too soon
    ],
)
def test_a_region_is_looked_through_at_night_and_by_day_when_it_is_cheap(
    local_hour: int, analysed_to: date | None, minutes_ago: int | None, expected: Look | None
) -> None:
    local = datetime(2026, 9, 1, local_hour, 5, tzinfo=UTC)
    run = None
    if minutes_ago is not None:
        run = ProblemRun("46", analysed_to, 1000, 5.0, NIGHT - timedelta(minutes=minutes_ago))
    assert due_look(run, NIGHT, local, 3600) == expected
    if run is not None:
        dear = replace(run, seconds=60.0 * (minutes_ago or 0))
        assert due_look(dear, NIGHT, local, 3600) is None


def test_the_past_is_news_once_it_is_another_one() -> None:
    look = Look(date(2026, 9, 1), True)
    run = ProblemRun("46", date(2026, 8, 31), 10_000, 1.0, NIGHT)
    assert settle(run, look, 10_050) == (look, date(2026, 8, 25))
    assert settle(run, look, 12_000) == (look, look.start)
    assert settle(None, look, 0) == (look, look.start)
    by_day = Look(date(2026, 9, 2), False)
    assert settle(run, by_day, 10_050) == (by_day, date(2026, 8, 25))
    assert settle(run, by_day, 12_000) == (look, look.start)  # as the night did


def test_false_discoveries_are_a_share_of_all() -> None:
    """The example of Benjamini and Hochberg (1995): four of fifteen at 0.05."""
    p_values = [
        0.0001,
        0.0004,
        0.0019,
        0.0095,
        0.0201,
        0.0278,
        0.0298,
        0.0344,
        0.0459,
        0.3240,
        0.4262,
        0.5719,
        0.6528,
        0.7590,
        1.0,
    ]
    assert sum(share <= 0.05 for share in q_values(p_values)) == 4
    assert q_values([]) == []


@given(st.text(alphabet="абв ,.", max_size=50), st.integers(10**9, 10**11))
def test_numbers_of_persons_are_seen_in_words(words: str, number: int) -> None:
    assert names_somebody(f"{words} {number}")
    assert not names_somebody(f"{words} дом 12, 3 подъезда, с 01.02")


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("с 01.12.2026 15 домов, по 15.12.26. 2026-12-01", False),
        ("1 500 000 руб. и 12 500\u00a0000,50 ₽", False),
        ("8.12.26-55-123", True),
        ("паспорт 45 06 123456 руб.", True),
        ("+7 912 345 67 89, 500 000 рублей", True),
        ("01.12.2026 8 (4712) 55-12-34", True),
    ],
)
def test_days_and_sums_are_nobodys_numbers(words: str, named: bool) -> None:
    assert names_somebody(words) is named
