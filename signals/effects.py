"""What a decision changed: how its territory went beside comparable ones, judged by decisions that were none.

Decisions are taken at peaks, and after a peak it is always better. So the weeks just before are no part of the level
(`panels`), and the same estimate is made for other territories and other dates, where nothing was decided: of these the ones
whose run-up was most like the decision's are its placebos (Abadie, Diamond and Hainmueller, 2010, in space; Heckman and
Hotz, 1989, in time). Their middle is what a run-up brings by itself and is taken off, their spread gives the interval,
and the share of them that did at least as well is the decision's rank.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from signals.arrays import Flags, Floats
from signals.panels import Outlook, Panel, Spans, outlook, spans_around

Better = Literal["high", "low"]
Reason = Literal["too_little_before", "too_early", "nothing_comparable", "too_few_cases"]

LEAST_BEFORE: Final = 8  # weeks
LEAST_AFTER: Final = 4
MOST_AFTER: Final = 12
ALIKE: Final = 100  # so many placebos judge
ENOUGH: Final = 60  # own ones; below, those of further panels are taken, too
LEAST_PLACEBOS: Final = 20
LEAST_SHARE: Final = 0.005
WORKED: Final = 0.1  # at most so many placebos may have done as well
_AROUND: Final = 4  # times as many placebos say how a run-up goes on
_NORMAL_90: Final = 1.645


@dataclass(frozen=True, slots=True)
class Judged:
    """A decision to be judged: its row in the panel, the first week after it, what is better, and whose weeks say nothing."""

    panel: Panel
    row: int
    week: int
    better: Better
    kept_out: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Week:
    """One week of the decision's territory and its counterfactual with a 90 % interval; `number` 0 is the first after it."""

    number: int
    observed: float | None
    expected: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Effect:
    """What changed in the `weeks` after the decision. Of counts `estimate` is relative: -0.25 is a quarter fewer than were to
    be expected; of means it is the difference. `low`, `high`: 90 %.

    `placebo_rank`: the share of placebos that did at least as well, the decision counted among them. `others`: which rows it
    was compared with and their shares in the expectation, the largest first.
    """

    estimate: float
    low: float
    high: float
    placebo_rank: float
    placebos: int
    worked: bool
    weeks: int
    observed: float
    expected: float
    series: tuple[Week, ...]
    others: tuple[tuple[int, float], ...]


@dataclass(frozen=True, slots=True)
class _Placebos:
    """By placebo: change after and in the run-up, their variances by chance, and what came soon after less what came in the
    run-up."""

    after: Floats
    after_variance: Floats
    run_up: Floats
    run_up_variance: Floats
    turn: Floats


@dataclass(frozen=True, slots=True)
class _Spread:
    """Variance of a change: `chance` times what the number of cases gives, and `drift` whatever their number."""

    chance: float
    drift: float

    def of(self, variance: Floats) -> Floats:
        return np.asarray(np.sqrt(self.chance * variance + self.drift))


def estimate_effect(judged: Judged, further: Sequence[Panel] = ()) -> Effect | Reason:
    """The effect, or why there is none. `further`: the same measure of other topics, for their placebos."""
    panel, after = judged.panel, min(judged.panel.weeks - judged.week, MOST_AFTER)
    if judged.week < LEAST_BEFORE:
        return "too_little_before"
    if after < LEAST_AFTER:
        return "too_early"
    spans = spans_around(judged.week, after)
    seen = outlook(panel, spans, _flags(panel, judged.kept_out | {judged.row}))
    if not seen.known[judged.row]:
        return "too_few_cases"
    others = seen.known.copy()
    others[[judged.row, *judged.kept_out]] = False
    placebos = _placebos_of(judged, after, further) if others.any() else None
    return "nothing_comparable" if placebos is None else _judge(judged, spans, seen, placebos)


def _flags(panel: Panel, rows: frozenset[int]) -> Flags:
    return np.isin(np.arange(len(panel.totals)), list(rows))


def _placebos_of(judged: Judged, after: int, further: Sequence[Panel]) -> _Placebos | None:
    found = list(_placebos_in(judged.panel, judged, after))
    if sum(len(each.after) for each in found) < ENOUGH:
        for panel in further:
            found += _placebos_in(panel, None, after, least=judged.week)
    if sum(len(each.after) for each in found) < LEAST_PLACEBOS:
        return None
    columns = ("after", "after_variance", "run_up", "run_up_variance", "turn")
    return _Placebos(*(np.concatenate([getattr(each, name) for each in found]) for name in columns))


def _placebos_in(panel: Panel, judged: Judged | None, after: int, least: int = 0) -> Iterator[_Placebos]:
    """Of every territory and date with as many weeks after it; of the decision's own territory those over before it."""
    rows = frozenset() if judged is None else judged.kept_out | {judged.row}
    kept_out = _flags(panel, rows)
    first = max(LEAST_BEFORE, (least if judged is None else judged.week) // 2)
    for week in range(first, panel.weeks - after + 1):
        seen = outlook(panel, spans_around(week, after), kept_out)
        taken = seen.known & ~kept_out
        if judged is not None and week + after <= judged.week:
            taken[judged.row] = seen.known[judged.row]
        if (~kept_out & seen.known).sum() > 1:
            changes = (
                seen.after.value,
                seen.after.variance,
                seen.run_up.value,
                seen.run_up.variance,
                seen.turn,
            )
            yield _Placebos(*(each[taken] for each in changes))


def _judge(judged: Judged, spans: Spans, seen: Outlook, placebos: _Placebos) -> Effect:
    row, worse = judged.row, 1.0 if judged.better == "low" else -1.0
    spread = _spread(placebos.after, placebos.after_variance)
    run_up_spread = _spread(placebos.run_up, placebos.run_up_variance)
    scores = placebos.after / spread.of(placebos.after_variance)
    run_ups = placebos.run_up / run_up_spread.of(placebos.run_up_variance)
    run_up = seen.run_up.value[row] / float(run_up_spread.of(seen.run_up.variance[row]))
    distance = np.abs(run_ups - run_up)
    alike = _as_after(scores, run_ups, run_up, distance)
    deviation = float(spread.of(seen.after.variance[row]))
    score = seen.after.value[row] / deviation
    low, high = _quantiles(alike)
    by_itself = float(np.median(alike))
    # Whoever says afterwards that it was a peak knows that it went no further: so must his rivals.
    peaks = worse * placebos.turn <= 0
    if peaks.sum() >= LEAST_PLACEBOS:
        rivals = _as_after(scores[peaks], run_ups[peaks], run_up, distance[peaks])
    else:
        rivals = alike
    rank = (1 + int((worse * rivals <= worse * score).sum())) / (1 + len(rivals))
    change, least, most = (float((score - each) * deviation) for each in (by_itself, high, low))
    is_count = judged.panel.scale == "count"
    estimate, lowest, highest = (math.expm1(each) if is_count else each for each in (change, least, most))
    excludes_nothing = highest < 0 if judged.better == "low" else lowest > 0
    series = _series(judged, spans, seen, spread, by_itself * deviation)
    after = [week for week in series if week.number >= 0 and week.observed is not None]
    return Effect(
        estimate=estimate,
        low=lowest,
        high=highest,
        placebo_rank=rank,
        placebos=len(alike),
        worked=bool(rank <= WORKED and excludes_nothing),
        weeks=len(spans.after),
        observed=float(np.mean([week.observed or 0.0 for week in after])) if after else 0.0,
        expected=float(np.mean([week.expected for week in after])) if after else 0.0,
        series=series,
        others=_others(seen.shares[row]),
    )


def _others(shares: Floats) -> tuple[tuple[int, float], ...]:
    order = np.argsort(-shares, kind="stable")
    return tuple((int(each), float(shares[each])) for each in order if shares[each] >= LEAST_SHARE)


def _spread(changes: Floats, variance: Floats) -> _Spread:
    """By least squares of squared changes on their variance by chance; single wild ones do not decide."""
    squares = np.minimum(changes**2, 9 * np.median(changes**2) / 0.455)
    weights = 1 / (variance + variance.mean()) ** 2
    columns = np.stack([variance, np.ones_like(variance)], axis=1)
    moments = (columns * weights[:, None]).T @ columns
    if np.linalg.cond(moments) < 1e12:
        chance, drift = np.linalg.solve(moments, (columns * weights[:, None]).T @ squares)
    else:
        chance, drift = 0.0, -1.0
    alone = float((weights * variance * squares).sum() / (weights * variance**2).sum())
    if drift < 0:
        return _Spread(max(alone, 1e-12), 0.0)
    least = 0.3 * alone
    if chance < least:
        drift = max(0.0, float(np.average(squares - least * variance, weights=weights)))
    return _Spread(max(float(chance), least, 1e-12), float(drift))


def _as_after(scores: Floats, run_ups: Floats, run_up: float, distance: Floats) -> Floats:
    """Scores of the placebos most alike in their run-up, each moved by what a run-up so much higher brings."""
    order = np.argsort(distance, kind="stable")
    around, nearest = order[: _AROUND * ALIKE], order[:ALIKE]
    apart = run_ups[around] - run_ups[around].mean()
    limited = np.clip(scores[around], -4, 4)
    slope = (apart * (limited - limited.mean())).sum() / ((apart**2).sum() + 0.2 * len(around))
    return np.asarray(scores[nearest] + slope * (run_up - run_ups[nearest]))


def _quantiles(alike: Floats) -> tuple[float, float]:
    """5 % and 95 %; of few placebos they lie further out."""
    ordered, number = np.sort(alike), len(alike)
    low = max(math.floor(0.05 * (number + 1)) - 1, 0)
    return float(ordered[low]), float(ordered[number - 1 - low])


def _series(
    judged: Judged, spans: Spans, seen: Outlook, spread: _Spread, by_itself: float
) -> tuple[Week, ...]:
    """Every week that was looked at. After the decision the counterfactual contains what its run-up brings by itself."""
    panel, row = judged.panel, judged.row
    weeks = np.concatenate([spans.before, spans.run_up, spans.after])
    sizes, totals = panel.sizes[row, weeks], panel.totals[row, weeks]
    is_count, expected = panel.scale == "count", seen.expected[row, weeks]
    moved = np.where(weeks >= judged.week, by_itself, 0.0)
    expected = np.maximum(expected * np.exp(moved), 0.01) if is_count else expected + moved
    cases = expected if is_count else np.maximum(sizes, 0.5)
    reach = _NORMAL_90 * np.sqrt(spread.chance / np.maximum(cases, 0.25) + spread.drift)
    low = expected * np.exp(-reach) if is_count else expected - reach
    high = expected * np.exp(reach) if is_count else expected + reach
    observed = totals / np.maximum(sizes, 1e-9)
    return tuple(
        Week(
            int(week - judged.week), float(observed[at]) if sizes[at] > 0 else None,
            float(expected[at]), float(low[at]), float(high[at]),
        )
        for at, week in enumerate(weeks)
    )  # fmt: skip
