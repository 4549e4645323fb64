"""What is asked of a model, whatever is behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol


class Prediction(Protocol):
    """What a model makes of a text; labels are names of topics, confidences 0..1.

    `agencies`: names of organisations with probabilities, only from a model trained on them.
    """

    @property
    def topic(self) -> str: ...
    @property
    def confidence(self) -> float: ...
    @property
    def alternatives(self) -> Sequence[tuple[str, float]]: ...
    @property
    def terms(self) -> Sequence[str]: ...
    @property
    def agencies(self) -> Sequence[tuple[str, float]]: ...


class Classifier(Protocol):
    """Names of topics for texts. `thresholds`: kind of label ("topic", "organisation", "level" …) → precision → score from
    which it is reached; empty where the model does not know."""

    @property
    def thresholds(self) -> Mapping[str, Mapping[float, float]]: ...

    def predict(self, texts: Sequence[str]) -> Sequence[Prediction]: ...
