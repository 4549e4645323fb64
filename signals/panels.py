"""A measure by week in comparable territories, and what was to be expected of each from how the others went.

How a territory went in a week is its deviation from its own level: of counts `observed / level - 1`, of means
`observed - level`. Expected is the level together with the others' deviations, weighted by how well they foretell this
territory: inversely to the variance that chance and the unlikeness of the two give (a synthetic control with shrunken
weights, after Abadie, Diamond and Hainmueller, 2010; with equal weights it is a difference in differences).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from signals.arrays import Flags, Floats, Ints

Scale = Literal["count", "mean"]

HALF_LIFE: Final = 26.0  # weeks, of what the past before a decision weighs
MOST_BEFORE: Final = 104  # weeks
BLOCK: Final = 4  # weeks that are compared as one when territories are compared
USUAL_DRIFT: Final = 0.02  # variance by which territories drift apart from week to week, beside chance
LEAST_ROWS: Final = 15.0  # before a decision
LIMIT: Final = 2.5  # standard deviations: what is above enters the level up to there
TINY: Final = 1e-9  # instead of nothing, below a fraction


@dataclass(frozen=True, slots=True)
class Panel:
    """A measure by territory and week. `totals`: sums of cases' scores; `sizes`: numbers of cases.

    Of counts a total is the number itself, and every size is one: the week.
    """

    scale: Scale
    totals: Floats
    sizes: Floats

    @property
    def weeks(self) -> int:
        """How many there are."""
        return int(self.totals.shape[1])


@dataclass(frozen=True, slots=True)
class Spans:
    """Weeks around a decision: those that give the level, its run-up, those after it."""

    before: Ints
    run_up: Ints
    after: Ints


@dataclass(frozen=True, slots=True)
class Change:
    """By territory: how a span was beside what was expected (of counts the logarithm of the ratio), and the variance that
    chance gives it, as far as the number of cases says."""

    value: Floats
    variance: Floats


@dataclass(frozen=True, slots=True)
class Outlook:
    """How all territories went around one week. `known`: who had enough cases before. `expected`: by territory and week.
    `shares`: by territory and other territory, what each other gives to the expectation. `turn`: what comes in the first
    weeks after, less what came in the run-up."""

    known: Flags
    shares: Floats
    expected: Floats
    turn: Floats
    run_up: Change
    after: Change


def spans_around(week: int, after: int) -> Spans:
    """Whose level, run-up and effect belong to a decision of that week.

    Decisions are taken when things are bad: the weeks just before are no measure of how things usually are.
    """
    before = min(week, MOST_BEFORE)
    run_up = min(max(before // 4, 2), 4)
    return Spans(
        np.arange(week - before, week - run_up), np.arange(week - run_up, week), np.arange(week, week + after)
    )


def outlook(panel: Panel, spans: Spans, kept_out: Flags) -> Outlook:
    """`kept_out`: territories that say nothing of others (the decision's own, and those with decisions of their own)."""
    weights = 0.5 ** ((spans.before[-1] - spans.before) / HALF_LIFE)
    level, past = _levels(panel, spans.before, weights)
    weekly = level[:, None] * np.ones(panel.weeks) if panel.scale == "count" else panel.sizes
    deviation = _deviations(panel, level)
    known = past * (level if panel.scale == "count" else 1.0) >= LEAST_ROWS
    shares = _weights_of_others(deviation, weekly, spans.before, known & ~kept_out)
    common = _shared(shares, weekly, deviation)
    expected = level[:, None] * (1 + common) if panel.scale == "count" else level[:, None] + common
    effective = weights.sum() ** 2 / (weights**2).sum() / len(spans.before)
    held = weekly[:, spans.before].sum(axis=1) * effective
    run_up, after = (
        _change(panel, span, _Given(expected, weekly, shares, held)) for span in (spans.run_up, spans.after)
    )
    given = shares * weekly[:, spans.before].mean(axis=1)
    given /= np.maximum(given.sum(axis=1, keepdims=True), TINY)
    soon = spans.after[: len(spans.run_up)]
    return Outlook(known, given, expected, _mean(panel, soon) - _mean(panel, spans.run_up), run_up, after)


def _mean(panel: Panel, span: Ints) -> Floats:
    return np.asarray(panel.totals[:, span].sum(axis=1) / np.maximum(panel.sizes[:, span].sum(axis=1), TINY))


def _levels(panel: Panel, before: Ints, weights: Floats) -> tuple[Floats, Floats]:
    """By territory: the level before, and the number of cases (of counts: weeks) behind it."""
    totals, sizes = panel.totals[:, before], panel.sizes[:, before]
    level = (totals @ weights) / np.maximum(sizes @ weights, TINY)
    if panel.scale == "count":
        # An outbreak of long ago is no part of what is usual.
        usual = totals.sum(axis=0) / max(totals.sum() / len(before), TINY)
        for _ in range(2):
            mean = np.maximum(level, 0.2)[:, None] * usual
            limited = np.minimum(totals, mean + LIMIT * np.sqrt(1.5 * mean + 0.05 * mean**2) + 0.5)
            level = (limited @ weights) / weights.sum()
        level = np.maximum(level, 0.2)
    return level, sizes.sum(axis=1)


def _deviations(panel: Panel, level: Floats) -> Floats:
    """By territory and week; 0 where there was no case."""
    if panel.scale == "count":
        return np.asarray(panel.totals / level[:, None] - 1)
    mean = panel.totals / np.maximum(panel.sizes, TINY)
    return np.where(panel.sizes > 0, mean - level[:, None], 0.0)


def _weights_of_others(deviation: Floats, weekly: Floats, before: Ints, sources: Flags) -> Floats:
    """By territory and other territory: what one case of the other says, 1 / (noise + cases a week × unlikeness)."""
    cases = weekly[:, before]
    noise = _noise_of_a_case(deviation[:, before], cases)
    blocks = np.array_split(np.arange(len(before)), max(2, len(before) // BLOCK))
    sums = np.stack([(cases * deviation[:, before])[:, block].sum(axis=1) for block in blocks], axis=1)
    sizes = np.maximum(np.stack([cases[:, block].sum(axis=1) for block in blocks], axis=1), TINY)
    means, chance = sums / sizes, np.minimum(noise / sizes, 1.0).mean(axis=1)
    apart = ((means[:, None] - means[None]) ** 2).mean(axis=2) - chance[:, None] - chance[None]
    unlike = USUAL_DRIFT * noise + np.maximum(apart, 0)
    shares = 1 / (noise + cases.mean(axis=1)[None] * unlike)
    shares[:, ~sources] = 0
    np.fill_diagonal(shares, 0)
    return np.asarray(shares)


def _noise_of_a_case(deviation: Floats, cases: Floats) -> float:
    """The variance of a deviation times the cases behind it; 1 is chance alone for counts."""
    filled = cases > 0
    each = cases[filled] * deviation[filled] ** 2
    return float(max(np.median(each) / 0.455, TINY)) if len(each) else 1.0


def _shared(shares: Floats, weekly: Floats, deviation: Floats) -> Floats:
    """By territory and week: how the others went, as far as they say something of this one."""
    return np.asarray(shares @ (weekly * deviation) / np.maximum(shares @ weekly, TINY))


@dataclass(frozen=True, slots=True)
class _Given:
    """What a change is measured by: expectations, cases by week, weights of others, and the cases behind levels."""

    expected: Floats
    weekly: Floats
    shares: Floats
    held: Floats


def _change(panel: Panel, span: Ints, given: _Given) -> Change:
    totals, sizes = panel.totals[:, span].sum(axis=1), panel.sizes[:, span].sum(axis=1)
    expected = (given.expected[:, span] * panel.sizes[:, span]).sum(axis=1)
    own = given.weekly[:, span].sum(axis=1)
    if panel.scale == "count":
        value = np.log((totals + 0.5) / (expected + 0.5))
        own = expected
    else:
        value = np.where(sizes > 0, (totals - expected) / np.maximum(sizes, TINY), 0.0)
    others = given.weekly[:, span].sum(axis=1)
    of_others = (given.shares * others) ** 2 @ (1 / np.maximum(others, 0.5) + 1 / np.maximum(given.held, 0.5))
    of_others /= np.maximum((given.shares @ others) ** 2, TINY)
    return Change(value, 1 / np.maximum(own, 0.5) + 1 / np.maximum(given.held, 0.5) + of_others)
