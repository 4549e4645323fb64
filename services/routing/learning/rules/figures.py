"""How good a model is at work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel

from services.routing.learning.rules.comparison import LEVEL, precisions
from services.routing.learning.rules.intervals import JudgedPrecision, TopicPrecision, sign_test

LEAST_SHADOWED: Final = 30


class LiveFigures(BaseModel):
    """Precision of what a model decided without a person, by audits of these decisions: in all, and by topic."""

    all: JudgedPrecision
    topics: list[TopicPrecision]


@dataclass(frozen=True, slots=True)
class ShadowFigures:
    """Of the appeals whose topic is known by now: how many there are, and which of the two models alone had it right."""

    sample: int
    gained: int
    lost: int

    @property
    def is_worse(self) -> bool:
        """Whether the model in shadow is worse than the current one, and not by chance."""
        return self.sample >= LEAST_SHADOWED and sign_test(self.lost, self.gained) <= LEVEL


def live_figures(judged: Sequence[tuple[str, bool]]) -> LiveFigures:
    """Of audited decisions: topic, and whether it was right."""
    everything, topics = precisions(judged)
    return LiveFigures(all=everything, topics=topics)
