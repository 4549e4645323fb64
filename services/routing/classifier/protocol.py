"""What is asked of a model, whatever is behind it."""

from __future__ import annotations

from collections.abc import Sequence
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


class Classifier(Protocol):
    """Names of topics for texts."""

    def predict(self, texts: Sequence[str]) -> Sequence[Prediction]: ...
