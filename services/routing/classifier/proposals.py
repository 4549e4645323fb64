"""Topics that the classifier lacks: groups of texts that fit one another better than any topic.

Away from the servers' hot path: needs the trainer's libraries. Pure and deterministic; about half a minute for 5,000 texts.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from services.routing.classifier.corpus import Corpus
from services.routing.classifier.features import describe_text, find_lemma
from services.routing.classifier.vectors import Floats

SURE = 0.85  # a group whose topics are as probable on average fits them
FEWEST = 10  # texts of a proposal
LARGEST = 0.25  # of the texts: what joins more is no topic
MOST_TEXTS = 5000  # looked at, the least sure ones
DIMENSIONS = 100
TOPICS_WEIGHT = 0.4  # of the topics a text was taken for, beside its words
SIZE_WEIGHT = 0.75  # exponent: many texts make a group worth proposing, but not as much more as they are more
SAME = 0.5  # of the texts of two groups together: if both have more, one of them is enough
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
    """Groups of texts that may be a topic, the likeliest first, up to `most`; a group may lie within a larger one."""
    chosen = _least_sure(predictions)
    if len(chosen) < 2 * FEWEST:
        return []
    own = [predictions[index] for index in chosen]
    places = _places_of([texts[index] for index in chosen], own)
    groups = _groups_worth_proposing(places, np.array([each.confidence for each in own]), most)
    lemmas = dict(zip(chosen.tolist(), _lemmas_of([texts[index] for index in chosen]), strict=True))
    return [_describe(group, chosen, places, lemmas, predictions) for group in groups]


def _least_sure(predictions: Sequence[Guessed]) -> npt.NDArray[np.int64]:
    """Positions of the texts, ascending. Sure ones are among them: the classifier is sure of many a text of a topic that it
    lacks, if one that it has is close."""
    confidence = np.array([prediction.confidence for prediction in predictions])
    return np.sort(np.argsort(confidence, kind="stable")[:MOST_TEXTS])


def _places_of(texts: Sequence[str], predictions: Sequence[Guessed]) -> Floats:
    """Each text as a vector of length 1: its words and, less so, the topics it was taken for."""
    meaning = _unit(_reduced(Corpus(texts, RAREST).matrix))
    names = {name: None for each in predictions for name, _ in _ranked(each)}
    column = {name: number for number, name in enumerate(names)}
    taken_for = np.zeros((len(texts), len(column)), np.float32)
    for row, prediction in zip(taken_for, predictions, strict=True):
        for name, share in _ranked(prediction):
            row[column[name]] = share**0.5
    return _unit(np.hstack([meaning, TOPICS_WEIGHT * _unit(taken_for - taken_for.mean(axis=0))]))


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


def _groups_worth_proposing(
    places: Floats, confidence: npt.NDArray[Any], most: int
) -> list[npt.NDArray[np.int64]]:
    """Positions in groups of all sizes from a tree by average likeness, best first: many texts, unsure and alike. A group
    may lie within another that is much larger."""
    groups = [group for group in _tree_of_groups(places) if confidence[group].mean() < SURE]
    worth = [_worth(places[group], confidence[group]) for group in groups]
    found: list[set[int]] = []
    for number in np.argsort(-np.array(worth), kind="stable"):
        members = set(groups[number].tolist())
        if all(len(members & other) < SAME * len(members | other) for other in found):
            found.append(members)
        if len(found) == most:
            break
    return [np.array(sorted(members)) for members in found]


def _worth(places: Floats, confidence: npt.NDArray[Any]) -> float:
    cohesion = np.linalg.norm(places.mean(axis=0))
    return float(len(places) ** SIZE_WEIGHT * (1 - confidence.mean()) * cohesion)


def _tree_of_groups(places: Floats) -> list[npt.NDArray[np.int64]]:
    """Every group that the tree joins, of a size to be a topic."""
    from scipy.cluster.hierarchy import linkage

    members: list[npt.NDArray[np.int64]] = [np.array([number]) for number in range(len(places))]
    for one, other in linkage(places, "average", metric="cosine")[:, :2].astype(int).tolist():
        members.append(np.concatenate([members[one], members[other]]))
    largest = max(LARGEST * len(places), 2 * FEWEST)
    return [group for group in members if FEWEST <= len(group) <= largest]


def _describe(
    own: npt.NDArray[np.int64],
    chosen: npt.NDArray[np.int64],
    places: Floats,
    lemmas: Mapping[int, frozenset[str]],
    predictions: Sequence[Guessed],
) -> Proposal:
    likeness = places[own] @ _unit(places[own].mean(axis=0, keepdims=True))[0]
    order = own[np.argsort(-likeness, kind="stable")]
    members = tuple(chosen[order].tolist())
    taken_for: dict[str, float] = {}
    for index in members:
        taken_for[predictions[index].topic] = taken_for.get(predictions[index].topic, 0.0) + 1 / len(members)
    nearest = sorted(taken_for.items(), key=lambda pair: (-pair[1], pair[0]))[:3]
    words = _telling_words(_shares([lemmas[index] for index in members]), _shares(lemmas.values()))
    return Proposal(
        members,
        words,
        members[:EXAMPLES],
        round(float(likeness.mean()), 4),
        tuple((name, round(share, 4)) for name, share in nearest),
    )


def _telling_words(inside: Mapping[str, float], anywhere: Mapping[str, float]) -> tuple[str, ...]:
    """Dictionary forms that most of a group's texts have and few of all."""
    scores = {
        lemma: share * np.log((share + 0.01) / (anywhere[lemma] + 0.01)) for lemma, share in inside.items()
    }
    ranked = sorted(scores, key=lambda lemma: (-scores[lemma], lemma))
    return tuple(lemma for lemma in ranked[:WORDS] if scores[lemma] > 0)


def _shares(texts: Collection[frozenset[str]]) -> dict[str, float]:
    """Share of the texts that have a dictionary form."""
    counts = Counter(itertools.chain.from_iterable(texts))
    return {lemma: count / len(texts) for lemma, count in counts.items()}


def _lemmas_of(texts: Sequence[str]) -> list[frozenset[str]]:
    """Dictionary forms of each text; every word is looked up once."""
    words = [frozenset(describe_text(text).words) for text in texts]
    lemma = {word: find_lemma(word)[0] for word in frozenset().union(*words)}
    return [frozenset(lemma[word] for word in own) for own in words]
