"""The shipped model with a region's own frequencies of topics: no texts are needed, only counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from services.routing.classifier.model import Model


def with_frequencies(model: Model, counts: Mapping[str, float]) -> Model:
    """A model that expects topics as often as they were counted.

    The model must have been trained on topics about equally often, as the shipped one: by Bayes' rule its probabilities
    are then multiplied with the topics' shares. A topic never counted keeps the chance of one more appeal. Thresholds were
    taken without the frequencies and are dropped. ValueError where no topic of the model was counted.
    """
    found = np.array([max(counts.get(topic, 0.0), 0.0) for topic in model.topic.labels])
    if not found.sum():
        raise ValueError("None of the counted topics is a topic of the model.")
    shares = (found + 1) / (found + 1).sum()
    shift = model.topic.temperature * (np.log(shares) - np.log(1 / len(shares)))
    head = replace(model.topic, bias=(model.topic.bias + shift).astype(np.float32))
    return replace(model, topic=head, thresholds={})
