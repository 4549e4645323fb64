"""What the classifier makes of a text, in the region's own codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final
from uuid import UUID

from services.routing.classifier.protocol import Prediction
from services.routing.reference.rules.region_reference import RegionReference

ALTERNATIVES: Final = 5
Learned = Mapping[str, Mapping[float, float]]
_NOTHING_LEARNED: Final[Learned] = MappingProxyType({})


@dataclass(frozen=True)
class Guess:
    """A prediction in the region's own codes, best first; `ranked` is empty when no label is known here.

    `agencies`: names of organisations with probabilities, of a model that learned them; `levels`: of the topmost ones of
    levels of government. `model`: whose prediction it is,
    None for the shipped model; `learned`: that model's own thresholds (see `levels.thresholds_of`).
    """

    ranked: tuple[tuple[str, float], ...] = ()
    terms: tuple[str, ...] = ()
    agencies: tuple[tuple[str, float], ...] = ()
    model: UUID | None = None
    learned: Learned = field(default_factory=lambda: _NOTHING_LEARNED)
    levels: tuple[tuple[str, float], ...] = ()

    @property
    def best(self) -> tuple[str | None, float]:
        """The best guess and its confidence, 0..1."""
        return self.ranked[0] if self.ranked else (None, 0.0)

    @property
    def code(self) -> str | None:
        """The best guess."""
        return self.best[0]

    @property
    def codes(self) -> list[str]:
        """All guesses, best first."""
        return [code for code, _ in self.ranked]

    @property
    def score(self) -> float:
        """Its confidence."""
        return self.best[1]


def read_guess(
    reference: RegionReference,
    prediction: Prediction,
    model: UUID | None = None,
    learned: Learned = _NOTHING_LEARNED,
) -> Guess:
    """Names → codes of the region; labels the region does not have are passed over."""
    found: dict[str, float] = {}
    for name, score in ((prediction.topic, prediction.confidence), *prediction.alternatives):
        code = reference.code_of(name)
        if code is not None:
            found.setdefault(code, round(float(score), 4))
    ranked = tuple(found.items())[: ALTERNATIVES + 1]
    return Guess(
        ranked,
        tuple(prediction.terms),
        tuple(prediction.agencies),
        model,
        learned,
        tuple(prediction.levels),
    )
