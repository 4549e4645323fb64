"""Models of a region as an administrator sees them."""

from __future__ import annotations

from otklik.models.base import Received


class PrecisionFigures(Received):
    """A share of right decisions with its 95 % interval; None where nothing was judged."""

    precision: float | None = None
    low: float | None = None
    high: float | None = None
    sample: int = 0

    def __str__(self) -> str:
        if self.precision is None:
            return ""
        return f"{self.precision:.2f} ({self.low:.2f}–{self.high:.2f} of {self.sample})"


class LiveFigures(Received):
    """Of decisions without a person."""

    all: PrecisionFigures = PrecisionFigures()


class TopicFigures(Received):
    """Accuracy of the first guess."""

    top1: float


class Judged(Received):
    """Figures of one model."""

    topic: TopicFigures


class HoldOut(Received):
    """A candidate beside the model that was current."""

    rows: int
    candidate: Judged
    current: Judged
    better: bool


class RegionModel(Received):
    """A model of a region."""

    id: str
    region: str
    status: str
    shipped: bool = False
    rows: int = 0
    hold_out: HoldOut | None = None
    live: LiveFigures = LiveFigures()
    error: str | None = None
    created_at: str | None = None
    version: int
