"""Decisions are taken at peaks, after which it is always better: what did nothing is not said to have worked, what did
something is measured, and who has too little to say so gets a reason."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta

import numpy as np

from signals import Case
from signals.effects import Effect, Judged, estimate_effect
from signals.panels import Panel
from tests.conftest import FULL, size
from tests.signals.decided import NOTHING, World, decide, thinned

Keep = Callable[..., None]

WORLDS = (
    World("a region"),
    World("long memory", memory=0.9, rows=20.0),
    World("walking apart", memory=0.7, drift=0.02),
    World("few rows", rows=3.0),
    World("few municipalities", places=8),
    World("half a year", weeks=30),
)


def test_what_did_nothing_has_not_worked_and_intervals_hold_what_was_planted(proof: Keep) -> None:
    """Of decisions at local peaks without any effect at most one in ten has worked, though most seem to; 90 % intervals cover."""
    chance, each = np.random.default_rng(40), size(8, 100)
    together = NOTHING
    for world in WORLDS:
        outcome = decide(world, each, chance)
        together += outcome
        proof(world=world.name, **outcome.figures())
    figures = together.figures()
    proof(world="all", **figures)
    assert figures["seemed_to_work"] >= 0.6
    # Of fifty decisions chance alone gives some more.
    assert figures["worked_without_effect"] <= (0.1 if FULL else 0.15)
    assert (0.85 if FULL else 0.8) <= figures["covered"] <= (0.95 if FULL else 0.99)
    assert figures["found_0.5"] >= 0.6
    assert figures["found_0.2"] < figures["found_0.5"]


LEAST_WEEKLY = 3.0  # rows of a type in a place


def weekly(rows: list[Case], kind: str, day: int) -> tuple[np.ndarray, list[str]]:
    """Rows of a type by place and week; weeks begin on that day of the register."""
    first = min(row.at for row in rows).date() + timedelta(days=day % 7)
    own = [((row.at.date() - first).days // 7, row.place) for row in rows if row.type == kind and row.place]
    weeks = max((max(row.at for row in rows).date() - first).days // 7, 0)
    places = sorted({place for _, place in own})
    counts = np.zeros((len(places), weeks))
    for week, place in own:
        if 0 <= week < weeks:
            counts[places.index(place), week] += 1
    return counts, places


def test_on_a_real_quarter(quarter: list[Case], proof: Keep) -> None:
    """Thirteen weeks are little: eight before, four after. At the peaks of its neighbourhoods nothing is said to have worked
    more often than by chance, and planted effects are covered."""
    by_type: dict[str, int] = defaultdict(int)
    citizens = [row for row in quarter if not row.official]
    for row in citizens:
        by_type[row.type] += 1
    chance, worked, covered, found = np.random.default_rng(41), [], [], []
    kinds = [kind for kind, number in sorted(by_type.items()) if number >= 300]
    for day in range(size(2, 7)):
        panels = {kind: weekly(citizens, kind, day)[0] for kind in kinds}
        for kind, counts in panels.items():
            further = [
                Panel("count", each, np.ones_like(each)) for name, each in panels.items() if name != kind
            ]
            for place, week in peaks_within(counts):
                without = estimate_effect(_of(counts, place, week), further)
                planted = estimate_effect(
                    _of(thinned(counts, place, week, 0.5, chance), place, week), further
                )
                if isinstance(without, Effect) and isinstance(planted, Effect):
                    worked.append(without.worked)
                    covered.append(planted.low <= -0.5 <= planted.high)
                    found.append(planted.worked)
    figures = {
        "worked_without_effect": float(np.mean(worked)),
        "covered": float(np.mean(covered)),
        "found_0.5": float(np.mean(found)),
    }
    proof(decisions=len(worked), **{name: round(value, 3) for name, value in figures.items()})
    assert len(worked) >= 20
    assert figures["worked_without_effect"] <= 0.1
    assert 0.8 <= figures["covered"] <= 0.99


def _of(counts: np.ndarray, place: int, week: int) -> Judged:
    return Judged(Panel("count", counts, np.ones_like(counts)), place, week, "low")


def peaks_within(counts: np.ndarray) -> list[tuple[int, int]]:
    """Places and weeks after two that were the worst so far, with eight weeks before and four after."""
    two = counts[:, 1:] + counts[:, :-1]
    return [
        (place, week)
        for place in range(len(counts))
        for week in range(8, counts.shape[1] - 3)
        if two[place, week - 2] == two[place, : week - 1].max()
        and two[place, week - 2] > 1.3 * 2 * counts[place, : week - 2].mean() >= LEAST_WEEKLY
    ]
