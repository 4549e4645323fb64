"""Topics that the classifier lacks: groups of texts that fit no topic well but fit one another.

Away from the servers' hot path: needs the trainer's libraries. Pure and deterministic; about a minute for 5,000 texts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from services.routing.classifier.corpus import Corpus
from services.routing.classifier.features import describe_text, find_lemma
from services.routing.classifier.vectors import Floats

POOR = 0.45  # a text whose best topic is less probable fits poorly
FEWEST = 10  # texts of a proposal
MOST_TEXTS = 5000  # poorly fitting texts looked at, the least sure ones
DIMENSIONS = 60
TEXTS_PER_GROUP = 16  # the tree of groups is cut so that a group has about so many
ROUNDS = 2
NEAR = 0.5  # of the usual likeness to a group's middle: less is outside
WORDS = 8
EXAMPLES = 5
RAREST = 2


class Guessed(Protocol):
    """A prediction of a text: names of topics, probabilities 0..1."""

    @property
    def topic(self) -> str: ...
    @property
    def confidence(self) -> float: ...
    @property
    def alternatives(self) -> Sequence[tuple[str, float]]: ...


@dataclass(frozen=True, slots=True)
class Proposal:
    """A topic that may be missing.

    `members`: positions of the texts, the most typical first; `examples`: the first of them; `words` tell them from the
    other texts (dictionary forms); `cohesion` is their mean likeness to their middle, 0..1; `nearest` the topics they were
    taken for, with the share of the members.
    """

    members: tuple[int, ...]
    words: tuple[str, ...]
    examples: tuple[int, ...]
    cohesion: float
    nearest: tuple[tuple[str, float], ...]


def propose_topics(texts: Sequence[str], predictions: Sequence[Guessed], most: int = 20) -> list[Proposal]:
    """Groups of poorly fitting texts, the largest and most alike first, up to `most`."""
    chosen = _poorly_fitting(predictions)
    if len(chosen) < 2 * FEWEST:
        return []
    places = _places_of([texts[index] for index in chosen], [predictions[index] for index in chosen])
    groups = _refine(places, _first_groups(places))
    found = [
        _describe(np.flatnonzero(groups == number), chosen, places, texts, predictions)
        for number in range(int(groups.max()) + 1)
        if (groups == number).sum() >= FEWEST
    ]
    return sorted(found, key=lambda each: (-len(each.members) * each.cohesion, each.members))[:most]


def _poorly_fitting(predictions: Sequence[Guessed]) -> npt.NDArray[np.int64]:
    """Positions of the texts, ascending."""
    confidence = np.array([prediction.confidence for prediction in predictions])
    order = np.argsort(confidence, kind="stable")[:MOST_TEXTS]
    return np.sort(order[confidence[order] < POOR])


def _places_of(texts: Sequence[str], predictions: Sequence[Guessed]) -> Floats:
    """Each text as a vector of length 1: its words and, as much again, the topics it was taken for."""
    meaning = _unit(_reduced(Corpus(texts, RAREST).matrix))
    names = {name: None for each in predictions for name, _ in _ranked(each)}
    column = {name: number for number, name in enumerate(names)}
    taken_for = np.zeros((len(texts), len(column)), np.float32)
    for row, prediction in zip(taken_for, predictions, strict=True):
        for name, share in _ranked(prediction):
            row[column[name]] = share**0.5
    return _unit(np.hstack([meaning, _unit(taken_for - taken_for.mean(axis=0))]))


def _ranked(prediction: Guessed) -> list[tuple[str, float]]:
    return [(prediction.topic, prediction.confidence), *prediction.alternatives]


def _reduced(matrix: Any) -> Floats:
    """Latent dimensions of the texts without the first, which is what all texts share."""
    from scipy.sparse.linalg import svds

    count = min(DIMENSIONS, min(matrix.shape) - 1)
    start = np.full(min(matrix.shape), 1.0)
    left, strength, _ = svds(matrix.astype(np.float64), k=count, v0=start)
    order = np.argsort(-strength)[1:]
    return np.asarray(left[:, order] * strength[order], np.float32)


def _unit(rows: Floats) -> Floats:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: Floats = rows / np.maximum(lengths, 1e-9)
    return unit


def _first_groups(places: Floats) -> npt.NDArray[np.int64]:
    """A number per text, from a tree by average likeness."""
    from scipy.cluster.hierarchy import fcluster, linkage

    tree = linkage(places, "average", metric="cosine")
    count = max(len(places) // TEXTS_PER_GROUP, 2)
    return np.asarray(fcluster(tree, count, "maxclust"), np.int64) - 1


def _refine(places: Floats, groups: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Each text goes to the nearest middle of a group large enough, if it is near enough to it; else its number is -1."""
    for _ in range(ROUNDS):
        numbers = np.flatnonzero(np.bincount(groups[groups >= 0]) >= FEWEST)
        if not numbers.size:
            break
        middles = _unit(np.stack([places[groups == number].mean(axis=0) for number in numbers]))
        likeness = places @ middles.T
        usual = np.array([likeness[groups == number, new].mean() for new, number in enumerate(numbers)])
        nearest = likeness.argmax(axis=1)
        near = likeness.max(axis=1) >= NEAR * usual[nearest]
        groups = np.where(near, nearest, -1)
    return groups


def _describe(
    own: npt.NDArray[np.int64],
    chosen: npt.NDArray[np.int64],
    places: Floats,
    texts: Sequence[str],
    predictions: Sequence[Guessed],
) -> Proposal:
    likeness = places[own] @ _unit(places[own].mean(axis=0, keepdims=True))[0]
    order = own[np.argsort(-likeness, kind="stable")]
    members = tuple(chosen[order].tolist())
    taken_for: dict[str, float] = {}
    for index in members:
        taken_for[predictions[index].topic] = taken_for.get(predictions[index].topic, 0.0) + 1 / len(members)
    nearest = sorted(taken_for.items(), key=lambda pair: (-pair[1], pair[0]))[:3]
    others = sorted(set(chosen.tolist()) - set(members))
    words = _telling_words([texts[index] for index in members], [texts[index] for index in others])
    return Proposal(
        members,
        words,
        members[:EXAMPLES],
        round(float(likeness.mean()), 4),
        tuple((name, round(share, 4)) for name, share in nearest),
    )


def _telling_words(own: Sequence[str], others: Sequence[str]) -> tuple[str, ...]:
    """Dictionary forms that most of the texts have and few of the others."""
    inside, outside = _shares(own), _shares(others)
    scores = {
        lemma: share * np.log((share + 0.01) / (outside.get(lemma, 0.0) + 0.01))
        for lemma, share in inside.items()
    }
    ranked = sorted(scores, key=lambda lemma: (-scores[lemma], lemma))
    return tuple(lemma for lemma in ranked[:WORDS] if scores[lemma] > 0)


def _shares(texts: Sequence[str]) -> dict[str, float]:
    """Share of the texts that have a dictionary form."""
    shares: dict[str, float] = {}
    for text in texts:
        for lemma in {find_lemma(word)[0] for word in set(describe_text(text).words)}:
            shares[lemma] = shares.get(lemma, 0.0) + 1 / len(texts)
    return shares
