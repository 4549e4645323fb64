"""Two models judged on the same rows that neither has seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from pydantic import BaseModel

from chassis.normal import fold
from services.routing.classifier.evaluation import calibration_error, coverage_at_precision
from services.routing.learning.rules.intervals import JudgedPrecision, TopicPrecision, precision_of, sign_test

# A candidate is better when it has more topics right by at least this share of all rows, and chance explains that in one
# case of twenty at most.
MARGIN: Final = 0.005
LEVEL: Final = 0.05
Ranked = Sequence[tuple[str, float]]


class Row(BaseModel):
    """A text with the names a person gave it; `received_at` in seconds since 1970."""

    text: str
    topic: str
    group: str = ""
    agency: str = ""
    received_at: float


@dataclass(frozen=True, slots=True)
class Ranking:
    """What a model makes of a row: topics and organisations by name, best first, with probabilities."""

    topics: Ranked
    agencies: Ranked


class Figures(BaseModel):
    """Accuracy of the first and of the first three, calibration error, and the share that may be decided by itself with a
    precision of 0.80; all 0..1."""

    top1: float
    top3: float
    ece: float
    coverage_at_80: float


class Judged(BaseModel):
    """Figures of one model. `agency`: null for a model that names no organisations."""

    topic: Figures
    agency: Figures | None


class HoldOut(BaseModel):
    """A candidate beside the model that was current, on the newest rows by time.

    `all`, `topics`: precision of what the candidate would decide by itself. `gained`: rows whose topic only the candidate
    has right, `lost`: only the other; `p_value` of the sign test.
    """

    rows: int
    since: datetime
    until: datetime
    candidate: Judged
    current: Judged
    gained: int
    lost: int
    p_value: float
    better: bool
    all: JudgedPrecision
    topics: list[TopicPrecision]


@dataclass(frozen=True, slots=True)
class Terms:
    """By what rows are judged: the region's topics (name → code), and its threshold for deciding by itself, 0..1."""

    topics: Mapping[str, str]
    threshold: float

    def known(self, ranked: Ranked) -> Ranked:
        """Topics the region has; others are passed over, as in routing."""
        names = {fold(name).strip(): name for name in self.topics}
        return [(names[plain], score) for name, score in ranked if (plain := fold(name).strip()) in names]


def compare(
    rows: Sequence[Row], candidate: Sequence[Ranking], current: Sequence[Ranking], terms: Terms
) -> HoldOut:
    """Figures of both, and whether the candidate is better."""
    new = [terms.known(each.topics) for each in candidate]
    old = [terms.known(each.topics) for each in current]
    wanted = [row.topic for row in rows]
    pairs = [(_hits(a, right), _hits(b, right)) for a, b, right in zip(new, old, wanted, strict=True)]
    gained, lost = pairs.count((True, False)), pairs.count((False, True))
    p_value = sign_test(gained, lost)
    everything, topics = _precisions(new, wanted, terms)
    return HoldOut(
        rows=len(rows),
        since=datetime.fromtimestamp(min(row.received_at for row in rows), UTC),
        until=datetime.fromtimestamp(max(row.received_at for row in rows), UTC),
        candidate=_judge(rows, new, candidate),
        current=_judge(rows, old, current),
        gained=gained,
        lost=lost,
        p_value=round(p_value, 6),
        better=is_better(gained, lost, len(rows)),
        all=everything,
        topics=topics,
    )


def is_better(gained: int, lost: int, rows: int) -> bool:
    """Whether a candidate that has `gained` rows and `lost` others of `rows` is better: by the margin, and not by chance."""
    return gained - lost >= MARGIN * rows and sign_test(gained, lost) <= LEVEL


def _hits(ranked: Ranked, right: str) -> bool:
    return bool(ranked) and ranked[0][0] == right


def _score(ranked: Ranked) -> float:
    return ranked[0][1] if ranked else 0.0


def _judge(rows: Sequence[Row], topics: Sequence[Ranked], rankings: Sequence[Ranking]) -> Judged:
    of_topics = _figures(topics, [row.topic for row in rows])
    named = [(each.agencies, row.agency) for each, row in zip(rankings, rows, strict=True) if row.agency]
    if not any(agencies for agencies, _ in named):
        return Judged(topic=of_topics, agency=None)
    of_agencies = _figures([agencies for agencies, _ in named], [agency for _, agency in named])
    return Judged(topic=of_topics, agency=of_agencies)


def _figures(ranked: Sequence[Ranked], wanted: Sequence[str]) -> Figures:
    judged = [(_score(guess), _hits(guess, right)) for guess, right in zip(ranked, wanted, strict=True)]
    among_three = sum(
        right in [name for name, _ in guess[:3]] for guess, right in zip(ranked, wanted, strict=True)
    )
    return Figures(
        top1=round(sum(hit for _, hit in judged) / len(judged), 4),
        top3=round(among_three / len(judged), 4),
        ece=round(calibration_error(judged), 4),
        coverage_at_80=round(coverage_at_precision(judged), 4),
    )


def _precisions(
    ranked: Sequence[Ranked], wanted: Sequence[str], terms: Terms
) -> tuple[JudgedPrecision, list[TopicPrecision]]:
    """Of what would be decided without a person: in all, and by the topic that was named."""
    sure = [
        (guess[0][0], guess[0][0] == right)
        for guess, right in zip(ranked, wanted, strict=True)
        if guess and guess[0][1] >= terms.threshold
    ]
    return precisions(sure, lambda name: terms.topics[name])


def precisions(
    judged: Sequence[tuple[str, bool]], code_of: Callable[[str], str] = str
) -> tuple[JudgedPrecision, list[TopicPrecision]]:
    """Precision of decisions (topic, right) in all and per topic, topics in order of their codes."""
    sizes = Counter(code_of(topic) for topic, _ in judged)
    right = Counter(code_of(topic) for topic, hit in judged if hit)
    by_topic = [
        TopicPrecision(topic=code, **precision_of(right[code], size).model_dump())
        for code, size in sorted(sizes.items())
    ]
    return precision_of(right.total(), len(judged)), by_topic
