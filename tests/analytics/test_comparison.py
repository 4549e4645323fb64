"""A fair comparison: who is like the others is not flagged whatever its topics are, and who is truly worse is found."""

from __future__ import annotations

import json
import math
import os
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from numpy.random import Generator, default_rng

from chassis.db import open_all_rows
from services.analytics.comparison.queries import read_ranking
from services.analytics.comparison.rules.funnels import Observed, judge, over_dispersion
from services.analytics.figures.rules.measures import MEASURES
from services.analytics.store.queries.stores import FactStore
from services.analytics.store.rules.filters import EVERYTHING, Filter
from services.analytics.store.rules.periods import Period
from tests.analytics.arithmetic import NOW, Counted, grouped
from tests.analytics.conftest import Ask
from tests.analytics.copying import Copied
from tests.analytics.histories import Case

FULL = os.environ.get("OTKLIK_FULL") == "1"
REGIONS = 400 if FULL else 40
ORGANISATIONS, TOPICS, MONTHS = 24, 12, 6


@dataclass(frozen=True)
class Group:
    """An organisation of a made-up region: its cases by topic and month, each with its score."""

    scores: dict[tuple[int, int], np.ndarray]


def live_region(
    random: Generator, cases: int, score: Callable[[int, np.ndarray, int], np.ndarray]
) -> list[Group]:
    """Organisations with topics of their own: some do little else than one topic, some a bit of everything.

    `score`: number of the organisation, levels of its cases (what topic and month make of them, about 0) and their number.
    """
    topics, months = random.normal(0, 0.8, TOPICS), random.normal(0, 0.3, MONTHS)
    groups = []
    for number in range(ORGANISATIONS):
        mix = random.dirichlet(np.full(TOPICS, 0.4))
        of_topics = random.choice(TOPICS, cases, p=mix)
        of_months = random.integers(0, MONTHS, cases)
        scores = score(number, topics[of_topics] + months[of_months], cases)
        cells: dict[tuple[int, int], list[float]] = defaultdict(list)
        for topic, month, each in zip(of_topics.tolist(), of_months.tolist(), scores.tolist(), strict=True):
            cells[topic, month].append(each)
        groups.append(Group({cell: np.array(each) for cell, each in cells.items()}))
    return groups


def observe(groups: Sequence[Group]) -> list[Observed]:
    """By the formulas, cell by cell: n / N of the cell's scores, and the variance of n drawn from N."""
    everything = defaultdict(list)
    for group in groups:
        for cell, scores in group.scores.items():
            everything[cell].append(scores)
    pooled = {cell: np.concatenate(parts) for cell, parts in everything.items()}
    found = []
    for number, group in enumerate(groups):
        expected = variance = 0.0
        for cell, scores in group.scores.items():
            whole, n = pooled[cell], len(scores)
            expected += n * whole.mean()
            if len(whole) > n:
                variance += n * (len(whole) - n) / len(whole) * whole.var(ddof=1)
        scores = np.concatenate(list(group.scores.values()))
        found.append(
            Observed(str(number), len(scores), float(scores.sum()), float(expected), float(variance))
        )
    return found


def flags(metric: str, groups: Sequence[Group]) -> list[str | None]:
    """What is made of each organisation."""
    measure, observed = MEASURES[metric], observe(groups)
    assert measure.comparison is not None
    values = {each.key: each.total / each.size for each in observed}
    judged = judge(measure, measure.comparison, observed, values)
    return [judged[each.key].flagged for each in observed]


@dataclass(frozen=True)
class World:
    """How cases come out: `worse` of the organisations differ by `effect`, `spread` is what all of them differ in anyway."""

    metric: str
    cases: int
    effect: float = 0.0
    worse: int = 0
    spread: float = 0.0

    def live(self, random: Generator) -> list[Group]:
        """A region of it. Shares by odds, times by logarithms."""
        own = random.normal(0, self.spread, ORGANISATIONS) if self.spread else np.zeros(ORGANISATIONS)

        def score(number: int, levels: np.ndarray, count: int) -> np.ndarray:
            levels = levels + own[number] + (self.effect if number < self.worse else 0.0)
            if self.metric == "median_hours_to_answer":
                return 12 + levels + random.normal(0, 1.2, count)
            return (random.random(count) < 1 / (1 + np.exp(1.8 - levels))).astype(float)

        return live_region(random, self.cases, score)


def shares_of_flags(world: World, seed: int) -> tuple[float, float]:
    """Of those that are like the others, and of those that are truly worse: the share that is flagged (worse)."""
    random, like, worse = default_rng(seed), [], []
    for _ in range(REGIONS):
        found = flags(world.metric, world.live(random))
        worse += [flag == "worse" for flag in found[: world.worse]]
        like += [flag is not None for flag in found[world.worse :]]
    return float(np.mean(like)), float(np.mean(worse)) if worse else 0.0


def record(**figures: object) -> None:
    """For `make prove`."""
    if path := os.environ.get("OTKLIK_PROOFS"):
        with Path(path).open("a") as file:
            file.write(json.dumps(figures) + "\n")


ALIKE = [
    World("breached", 40),
    World("breached", 400),
    World("median_hours_to_answer", 40),
    World("median_hours_to_answer", 400),
]


@pytest.mark.parametrize("world", ALIKE, ids=str)
def test_who_is_like_the_others_is_not_flagged_for_its_topics(world: World) -> None:
    """At most one in twenty, few cases or many – although the raw shares of their mixes lie far apart."""
    flagged, _ = shares_of_flags(world, 1)
    record(world=str(world), flagged_although_alike=flagged)
    assert flagged <= (0.05 if FULL else 0.06), flagged


TRULY_WORSE = [
    World("breached", 300, effect=math.log(2.0), worse=2),
    World("median_hours_to_answer", 150, effect=math.log(1.5), worse=2),
]


@pytest.mark.parametrize("world", TRULY_WORSE, ids=str)
def test_who_is_truly_worse_is_found(world: World) -> None:
    """Twice the odds of a breach in 300 cases, or answers half as long again in 150: four of five, and more."""
    _, found = shares_of_flags(world, 2)
    record(world=str(world), truly_worse_found=found)
    assert found >= 0.8, found


def test_what_organisations_differ_in_anyway_widens_the_funnel() -> None:
    """With thousands of cases every small difference would be beyond chance; what is usual among them is not flagged."""
    usual = World("breached", 2000, spread=0.15)
    flagged, _ = shares_of_flags(usual, 3)
    record(world=str(usual), flagged_although_usual=flagged)
    assert flagged <= 0.07, flagged
    alone = np.mean([abs(each.total - each.expected) > 1.96 * math.sqrt(each.variance)
                     for each in observe(usual.live(default_rng(4)))])  # fmt: skip
    assert alone > 0.2, "by chance alone a fifth of them, or more, would be"
    assert over_dispersion([0.1, -0.2]) == over_dispersion([]) == 1.0


def test_who_has_its_topics_for_itself_is_compared_with_nobody() -> None:
    """Nothing is expected of it, nothing is flagged; and under the minimum sample there is no value either."""
    lonely = Group({(0, 0): np.array([1.0] * 50)})
    others = [Group({(1, 0): default_rng(n).integers(0, 2, 50).astype(float)}) for n in range(4)]
    measure, observed = MEASURES["breached"], observe([lonely, *others])
    assert measure.comparison is not None
    judged = judge(measure, measure.comparison, observed, {each.key: each.total for each in observed[:4]})
    assert (judged["0"].expected, judged["0"].low, judged["0"].high, judged["0"].flagged) == (None,) * 4
    assert judged["1"].expected is not None
    assert "4" not in judged


def scores_of(metric: str, one: Counted) -> list[float]:
    """What a case counts for, naively; none where it does not count."""
    if metric == "in_time_share":
        return [float(not one.breached)] if one.met or one.breached else []
    if metric == "breached":
        return [float(one.breached)]
    if metric == "median_hours_to_answer":
        if one.answered_at is None:
            return []
        return [math.log(max((one.answered_at - one.case.received_at).total_seconds(), 60))]
    assert metric == "in_time_share_of_due"
    return [float(one.kept)] if one.is_due else []


def groups_of(metric: str, cases: list[Case], by: str) -> dict[str | None, Group]:
    """Organisations or municipalities of real histories as groups of cells."""
    found = {}
    for key, counted in grouped(cases, by).items():
        cells: dict[tuple[str, ...], list[float]] = defaultdict(list)
        for one in counted:
            day = one.due_on if metric == "in_time_share_of_due" else one.case.local.date()
            for score in scores_of(metric, one):
                topic = one.topic.code if one.topic else ""
                cells[one.case.region, topic, f"{day:%Y-%m}"].append(score)
        if cells:
            found[key] = Group({cell: np.array(each) for cell, each in cells.items()})  # type: ignore[misc]
    return found


RANKED = ("in_time_share", "breached", "median_hours_to_answer", "in_time_share_of_due")


@pytest.mark.parametrize("by", ["municipality", "organisation"])
async def test_a_ranking_says_what_the_formulas_say(ask: Ask, cases: list[Case], by: str) -> None:
    """Value as in a breakdown, expectation and limits by plain arithmetic over what happened."""
    for metric in RANKED:
        measure = MEASURES[metric]
        comparison = measure.comparison
        assert comparison is not None
        found = await ask("ranking", metric=metric, by=by)
        values = {i["key"]: i["value"] for i in (await ask("breakdown", metric=metric, by=by))["items"]}
        groups = groups_of(metric, cases, by)
        observed = [
            replace(each, key=key) for key, each in zip(groups, observe(list(groups.values())), strict=True)
        ]
        named = [each for each in observed if each.key is not None]
        enough = {each.key: values[each.key] for each in named if each.size >= measure.minimum_sample}
        judged = judge(measure, comparison, named, enough)
        assert {item["key"] for item in found["items"]} == {each.key for each in named}
        for item, each in ((i, e) for i in found["items"] for e in named if e.key == i["key"]):
            assert item["sample"] == each.size, metric
            assert item["value"] == enough.get(each.key)
            if each.key in judged:
                expected = judged[each.key]
                assert item["flagged"] == expected.flagged
                for name in ("expected", "low", "high"):
                    assert item[name] == pytest.approx(getattr(expected, name)), (metric, item)
            else:
                assert item["expected"] is item["low"] is item["high"] is item["flagged"] is None
        assert found["minimum_sample"] == measure.minimum_sample
        assert found["definition"][metric].startswith(measure.definition)


async def test_both_stores_rank_alike(cases: list[Case], copied: Copied) -> None:
    """Postgres and the copy of the facts."""
    assert cases
    await copied.begin()
    filters = Filter(None, EVERYTHING, Period())
    async with copied.source.sessions() as session:
        await open_all_rows(session)
        for metric in RANKED:
            rankings = [
                await read_ranking(store, filters, MEASURES[metric], "organisation", int(NOW.timestamp()))
                for store in (FactStore(session), copied.store(session))
            ]
            facts, copy = ([item.model_dump() for item in ranking] for ranking in rankings)
            assert len(facts) == len(copy) > 0
            for one, other in zip(facts, copy, strict=True):
                numbers = {name for name, value in one.items() if isinstance(value, float)}
                assert {**one, **dict.fromkeys(numbers)} == {**other, **dict.fromkeys(numbers)}
                for name in numbers:
                    assert one[name] == pytest.approx(other[name], rel=1e-6)


REFUSED = ["metric=received", "metric=median_hours_to_answer_with_open", "by=topic", "by=", "metric="]


@pytest.mark.parametrize("asked", REFUSED)
async def test_what_cannot_be_ranked_is_refused(app_client: object, mint: object, asked: str) -> None:
    """A number that is neither good nor bad, and a dimension nobody answers for."""
    client, _ = await app_client("analytics")  # type: ignore[operator]
    query = f"region=46&by=municipality&{asked}" if not asked.startswith("by") else f"region=46&{asked}"
    answer = await client.get(f"/api/v1/analytics/ranking?{query}", headers=mint.headers("analyst"))  # type: ignore[attr-defined]
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
