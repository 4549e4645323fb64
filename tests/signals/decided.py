"""Invented weeks of territories whose truth is known, and decisions taken at their local peaks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from signals.effects import Better, Effect, Judged, Reason, estimate_effect
from signals.panels import Panel

Generator = np.random.Generator
EFFECTS: Final = (0.2, 0.35, 0.5)  # shares of what comes, taken away by a decision


@dataclass(frozen=True)
class World:
    """How a topic lives in a region. `rows`: the middle territory's a week; `memory`: how much of a week's luck goes on in the
    next; `drift`: by how much territories walk apart a week (standard deviation of the logarithm)."""

    name: str
    places: int = 24
    weeks: int = 104
    rows: float = 6.0
    memory: float = 0.5
    drift: float = 0.0

    def live(self, chance: Generator) -> np.ndarray:
        """Rows by place and week: season, weeks that are busy for all, outbreaks, chance beyond Poisson's."""
        shape, week = (self.places, self.weeks), np.arange(self.weeks)
        of_place = chance.lognormal(np.log(self.rows), 0.9, self.places)[:, None]
        phases = chance.uniform(0, 2 * np.pi) + chance.normal(0, 0.3, (self.places, 1))
        season = 1 + 0.35 * np.sin(2 * np.pi * week / 52 + phases)
        luck = np.zeros(shape)
        luck[:, 0] = chance.normal(0, 1, self.places)
        for at in range(1, self.weeks):
            fresh = np.sqrt(1 - self.memory**2) * chance.normal(0, 1, self.places)
            luck[:, at] = self.memory * luck[:, at - 1] + fresh
        walk = np.cumsum(chance.normal(0, self.drift, shape), axis=1) if self.drift else 0.0
        mean = of_place * season * chance.gamma(20, 1 / 20, self.weeks) * np.exp(0.2 * luck - 0.02 + walk)
        for place in range(self.places):
            for _ in range(chance.poisson(self.weeks / 40)):
                begins, lasts = chance.integers(self.weeks), chance.integers(1, 7)
                ends = min(int(begins) + int(lasts), self.weeks)
                mean[place, begins:ends] *= chance.uniform(1.6, 3.5) * np.linspace(1, 0.6, ends - begins)
        return chance.poisson(mean * chance.gamma(10, 0.1, shape)).astype(float)


def peak_of(counts: np.ndarray, chance: Generator, first: int, after: int = 10) -> tuple[int, int] | None:
    """A place and the week after a local peak of it: three weeks no worse than any three within four weeks around, and a third
    above what was usual."""
    for place in chance.permutation(len(counts)):
        three = np.convolve(counts[place], np.ones(3) / 3, "valid")
        peaks = [
            at + 3
            for at in range(first - 3, counts.shape[1] - after - 3)
            if three[at] == three[max(0, at - 4) : at + 5].max()
            and three[at] > 1.3 * counts[place, :at].mean() >= 1.3
        ]
        if peaks:
            return int(place), int(chance.choice(peaks))
    return None


def judge(counts: np.ndarray, place: int, week: int, better: Better = "low") -> Effect | Reason:
    """A decision's effect on counts."""
    return estimate_effect(Judged(Panel("count", counts, np.ones_like(counts)), place, week, better))


def thinned(counts: np.ndarray, place: int, week: int, share: float, chance: Generator) -> np.ndarray:
    """The same where a decision has taken away a share of what comes."""
    changed = counts.copy()
    changed[place, week:] = chance.binomial(counts[place, week:].astype(int), 1 - share)
    return changed


@dataclass(frozen=True)
class Outcome:
    """What was found of decisions without an effect, and of planted ones."""

    worked: Sequence[bool]
    seemed: Sequence[bool]  # fewer than in the four weeks before: a fifth, at least
    covered: Sequence[bool]
    found: Sequence[tuple[float, bool]]

    def figures(self) -> dict[str, Any]:
        """As shares."""
        power = {
            f"found_{share}": round(
                float(np.mean([found for effect, found in self.found if effect == share])), 3
            )
            for share in EFFECTS
        }
        return {
            "decisions": len(self.worked),
            "worked_without_effect": round(float(np.mean(self.worked)), 3),
            "seemed_to_work": round(float(np.mean(self.seemed)), 3),
            "covered": round(float(np.mean(self.covered)), 3),
            **power,
        }

    def __add__(self, other: Outcome) -> Outcome:
        return Outcome(*([*getattr(self, name), *getattr(other, name)] for name in self.__dataclass_fields__))


NOTHING: Final = Outcome([], [], [], [])


def decide(world: World, decisions: int, chance: Generator) -> Outcome:
    """So many regions, in each one decision at a local peak: without an effect, and with one of three sizes planted."""
    outcome = NOTHING
    while len(outcome.worked) < decisions:
        counts = world.live(chance)
        peak = peak_of(counts, chance, first=min(30, world.weeks // 2))
        if peak is None:
            continue
        place, week = peak
        share = EFFECTS[len(outcome.worked) % len(EFFECTS)]
        without, planted = (
            judge(each, place, week) for each in (counts, thinned(counts, place, week, share, chance))
        )
        if isinstance(without, Effect) and isinstance(planted, Effect):
            before, after = counts[place, week - 4 : week].sum(), counts[place, week : week + 4].sum()
            outcome += Outcome(
                [without.worked],
                [after <= 0.8 * before],
                [planted.low <= -share <= planted.high],
                [(share, planted.worked)],
            )
    return outcome
