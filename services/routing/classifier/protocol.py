"""What is asked of a model, whatever is behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol


class Prediction(Protocol):
    """What a model makes of a text; labels are names of topics, confidences 0..1."""

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
    @property
    def levels(self) -> Sequence[tuple[str, float]]: ...


class Classifier(Protocol):
    """Names of topics for texts.

    `thresholds`: kind of label ("group", "topic", "organisation", "level") → precision (0.80, 0.90, 0.95) → the least score
    at which the model routes by itself; empty where the model has none.
    """

    @property
    def thresholds(self) -> Mapping[str, Mapping[float, float]]: ...
    def predict(self, texts: Sequence[str]) -> Sequence[Prediction]: ...
