"""A simulated month: decisions whose truth is known, audits drawn by the service and decided truthfully by a coordinator.

The published interval has to hold the true precision of all decisions, not only of those that were audited.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any
from uuid import UUID

from tests.conftest import size
from tests.routing.conftest import REFERENCE, Routing, Said, appeal
from tests.routing.learning.steps import models_of, set_share

TOPICS = 15
DECISIONS = size(3000, 24_000)
SHARE = 0.06 if DECISIONS < 10_000 else 0.02  # the shipped share of 0.015 needs a real month's numbers
AT_ONCE = 300
SEED = 20261129


@dataclass(frozen=True)
class Case:
    """An appeal, what the model says of it, and what it is about."""

    id: UUID
    named: int
    truth: int

    @property
    def text(self) -> str:
        return f"названо {self.named:02} на деле {self.truth:02}"


class Clerk:
    """A model that is wrong as often as the cases say, and knows no thresholds of its own."""

    def __init__(self) -> None:
        self.thresholds: dict[str, dict[float, float]] = {}

    thresholds: Mapping[str, Mapping[float, float]] = MappingProxyType({})

    def predict(self, texts: Sequence[str]) -> list[Said]:
        return [Said(f"Тема {text.split()[1]}", 0.8) for text in texts]


def month(dice: random.Random) -> list[Case]:
    """Topics differ in how often they occur, and in how often the model is right."""
    weights = [1 / (1 + topic) for topic in range(TOPICS)]
    errors = [0.03 + 0.03 * topic for topic in range(TOPICS)]
    cases = []
    for _ in range(DECISIONS):
        (named,) = dice.choices(range(TOPICS), weights)
        wrong = dice.random() < errors[named]
        truth = dice.choice([t for t in range(TOPICS) if t != named]) if wrong else named
        cases.append(Case(UUID(int=dice.getrandbits(128), version=4), named, truth))
    return cases


async def test_the_true_precision_lies_within_the_published_interval(
    routing: Routing, proof: Callable[..., None]
) -> None:
    await _load_topics(routing)
    await set_share(routing, SHARE)
    routing.app.state.resources.context.classifier = Clerk()
    cases = month(random.Random(SEED))
    begin = datetime.now(UTC) - timedelta(days=30)
    step = timedelta(days=30) / len(cases)
    for start in range(0, len(cases), AT_ONCE):
        chunk = enumerate(cases[start : start + AT_ONCE], start)
        await routing.handle(
            *(appeal(case.text, appeal_id=case.id, received_at=begin + n * step) for n, case in chunk)
        )
    audited = await _decide_all(routing)
    (shipped,) = await models_of(routing)
    live = shipped["live"]
    true = _precision(cases)
    by_topic = {each["topic"]: each for each in live["topics"]}
    held = [
        each["low"] <= _precision([c for c in cases if f"t{c.named:02}" == code]) <= each["high"]
        for code, each in by_topic.items()
    ]
    proof(
        decisions=len(cases),
        audited=audited,
        true=round(true, 4),
        published=live["all"],
        topics=len(held),
        held=sum(held),
    )
    assert live["all"]["sample"] == audited
    assert 0.7 * SHARE * len(cases) < audited < 1.3 * SHARE * len(cases)
    assert live["all"]["low"] <= true <= live["all"]["high"]
    assert live["all"]["high"] - live["all"]["low"] < 0.15
    assert len(held) >= 0.8 * TOPICS
    assert sum(held) >= 0.9 * len(held)


def _precision(cases: Sequence[Case]) -> float:
    return sum(case.named == case.truth for case in cases) / len(cases)


async def _load_topics(routing: Routing) -> None:
    topics = [{"code": f"t{n:02}", "name": f"Тема {n:02}", "group": "streets"} for n in range(TOPICS)]
    rules = [{"group": "streets", "organisation": "roads"}]
    await routing.load(topics=[*REFERENCE["topics"], *topics], rules=[*REFERENCE["rules"], *rules])


async def _decide_all(routing: Routing) -> int:
    """A coordinator reads what was drawn and decides by the text; how many there were."""
    coordinator, decided = routing.mint.headers("coordinator"), 0
    while True:
        page = await routing.call("GET", "/audits", coordinator, params={"status": "open", "limit": 100})
        for audit in page["items"]:
            truth = f"t{audit['text'].split()[-1]}"
            body: dict[str, Any] = (
                {"verdict": "right"} if truth == audit["topic"] else {"verdict": "wrong", "topic": truth}
            )
            await routing.call(
                "POST", f"/audits/{audit['id']}", coordinator, json=body, more={"If-Match": audit["version"]}
            )
        decided += len(page["items"])
        if not page["items"]:
            return decided
