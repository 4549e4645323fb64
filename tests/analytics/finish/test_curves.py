"""Curves of waiting: those of the textbook, and on a real city's quarter."""

from __future__ import annotations

import csv
import gzip
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from services.analytics.finish.rules.curves import Curve, StepCount, curve_of
from services.analytics.finish.rules.steps import LONGEST, STEPS, start_of, step_at

DAY = 86_400


@given(st.integers(0, LONGEST - 1))
def test_every_time_has_its_step(seconds: int) -> None:
    step = step_at(seconds)
    assert start_of(step) <= seconds < start_of(step + 1)
    assert step_at(LONGEST * 2) == STEPS - 1


@given(st.lists(st.tuples(st.integers(0, 40), st.booleans()), min_size=1, max_size=60))
def test_it_is_the_product_limit_estimate(cases: list[tuple[int, bool]]) -> None:
    """Days waited, and whether an answer ended it; by the definition, one factor after the other."""
    curve = curve_of([counted((days * DAY, answered) for days, answered in cases)])
    left = 1.0
    for day in range(41):
        at_risk = sum(days >= day for days, _ in cases)
        answered = sum(days == day and ended for days, ended in cases)
        left *= 1 - answered / at_risk if at_risk else 1.0
        assert math.isclose(curve.share_left((day + 1) * DAY, 0), left, abs_tol=1e-6)


@given(
    st.lists(st.tuples(st.integers(0, 40), st.booleans()), min_size=5, max_size=60),
    st.integers(0, 30 * DAY),
    st.sampled_from([0.1, 0.5, 0.9]),
)
def test_a_quantile_is_where_so_many_have_been_answered(
    cases: list[tuple[int, bool]], waited: int, level: float
) -> None:
    """Of those who have waited as long: never before they have, and later for a higher one."""
    curve = curve_of([counted((days * DAY, answered) for days, answered in cases)])
    found = curve.quantile(level, waited)
    if found is not None:
        assert found >= waited
        assert curve.share_left(found + 1, waited) <= 1 - level + 1e-3
        higher = curve.quantile(0.99, waited)
        assert higher is None or higher >= found


def test_a_narrow_group_is_drawn_to_the_wider_one() -> None:
    """Two cases change little, two thousand decide."""
    region = counted((10 * DAY, True) for _ in range(1000))
    few, many = (counted((3 * DAY, True) for _ in range(number)) for number in (2, 2000))
    medians = [curve_of([region, own]).quantile(0.5, 0) for own in (few, many)]
    assert [round((median or 0) / DAY) for median in medians] == [10, 3]


def counted(cases: Iterable[tuple[float, bool]]) -> list[StepCount]:
    """(seconds, whether answered) by step."""
    ceased, seen = Counter[int](), Counter[int]()
    for seconds, answered in cases:
        step = step_at(seconds)
        seen[step] += 1
        ceased[step] += answered
    return [StepCount(step, ceased[step], seen[step]) for step in seen]


@dataclass(frozen=True)
class Request:
    """One of a real city's: what it was about, how long it took (None: longer than the file knows), how long it might."""

    opened: datetime
    closed: datetime | None
    term: float | None
    groups: tuple[str, ...]


def read_requests(folder: Path) -> list[Request]:
    """Reason, type and type in its queue are the groups; a target before the opening, or decades later, is none."""

    def moment(text: str) -> datetime | None:
        return datetime.fromisoformat(text) if text else None

    found = []
    with gzip.open(folder / "boston311_2011q4.csv.gz", "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            opened, target = datetime.fromisoformat(row["open_dt"]), moment(row["target_dt"])
            term = (target - opened).total_seconds() if target else None
            known = term is not None and 0 < term < LONGEST
            groups = (row["reason"], row["type"], f"{row['type']} {row['queue']}")
            found.append(Request(opened, moment(row["closed_dt"]), term if known else None, groups))
    return found


@dataclass(frozen=True)
class Known:
    """What could be known on a day: of every group, how long its requests had waited by then."""

    day: datetime
    curves: dict[tuple[str, ...], Curve]
    late: dict[str, float]

    @classmethod
    def on(cls, day: datetime, requests: Sequence[Request]) -> Known:
        past = [each for each in requests if each.opened < day]
        groups: dict[str, list[tuple[float, bool]]] = defaultdict(list)
        late: dict[str, list[bool]] = defaultdict(list)
        for each in past:
            closed = each.closed is not None and each.closed <= day
            end = each.closed if each.closed is not None and closed else day
            waited = max((end - each.opened).total_seconds(), 0.0)
            for group in ("", *each.groups):
                groups[group].append((waited, closed))
            if each.term is not None and (closed or waited > each.term):
                late[each.groups[1]].append(waited > each.term)
        steps = {group: counted(cases) for group, cases in groups.items()}
        chains = {each.groups for each in requests}
        curves = {
            chain: curve_of([steps.get(group, []) for group in ("", *chain)]) for chain in sorted(chains)
        }
        return cls(day, curves, {kind: (sum(each) + 1) / (len(each) + 5) for kind, each in late.items()})


def area_under_curve(scores: Sequence[float], labels: Sequence[bool]) -> float:
    """P(a late one has a higher score than one in time), ties count half (Mann and Whitney)."""
    by_score: dict[float, list[bool]] = defaultdict(list)
    for score, label in zip(scores, labels, strict=True):
        by_score[score].append(label)
    below, concordant = 0, 0.0
    for score in sorted(by_score):
        late = sum(by_score[score])
        in_time = len(by_score[score]) - late
        concordant += late * (below + in_time / 2)
        below += in_time
    return concordant / (sum(labels) * below)


def judged(known: Known, requests: Sequence[Request]) -> Iterator[tuple[bool, float, float, bool]]:
    """Of the next twenty days, as they come in: whether the time they took was inside the interval, their risk, how often
    their type was late before, and whether they were late (asked only of those with a term)."""
    for each in requests:
        if not known.day <= each.opened < known.day + timedelta(days=20):
            continue
        curve = known.curves[each.groups]
        took = (each.closed - each.opened).total_seconds() if each.closed else math.inf
        low, high = (curve.quantile(level, 0) for level in (0.1, 0.9))
        inside = (low or 0 if low is not None else math.inf) <= took <= (math.inf if high is None else high)
        risk = math.nan if each.term is None else curve.share_left(each.term, 0)
        yield inside, risk, known.late.get(each.groups[1], 0.2), took > (each.term or math.inf)


def test_a_real_citys_requests_are_done_when_it_says(samples: Path, proof: Callable[..., None]) -> None:
    """On two days of its quarter: eight of ten inside the interval; who will be late is told better than by its type."""
    requests = read_requests(samples)
    results = [
        each
        for day in (datetime(2011, 11, 20), datetime(2011, 12, 1))  # noqa: DTZ001
        for each in judged(Known.on(day, requests), requests)
    ]
    coverage = sum(inside for inside, *_ in results) / len(results)
    asked = [(risk, usual, late) for _, risk, usual, late in results if not math.isnan(risk)]
    risks, usual, late = (list(column) for column in zip(*asked, strict=True))
    area, base = (area_under_curve(scores, late) for scores in (risks, usual))
    proof(
        requests=len(results), coverage_80=round(coverage, 3), auc=round(area, 3), auc_of_type=round(base, 3)
    )
    assert 0.75 <= coverage <= 0.85
    assert area > base + 0.05
    assert area >= 0.8
