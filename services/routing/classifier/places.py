"""Places named in a text, as a model for one region knows them: names given at training, kept with the model.

Only a hint among the features; where an appeal belongs is decided by the territory directory.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from services.routing.classifier.features import describe_text
from services.routing.classifier.vectors import Floats

PREFIX = 3
Stem = tuple[str, ...]


class Places:
    """Places in order, found by their stems: whole words but the last, of which the beginning is enough."""

    def __init__(self, stems: Mapping[str, Sequence[str]]) -> None:
        self.stems = {name: tuple(written) for name, written in stems.items()}
        self.names = tuple(self.stems)
        index: dict[str, dict[tuple[Stem, int], None]] = defaultdict(dict)
        for number, written in enumerate(self.stems.values()):
            for words in filter(None, (tuple(describe_text(stem).words) for stem in written)):
                index[words[0][:PREFIX]][words, number] = None
        self._by_prefix = {prefix: tuple(known) for prefix, known in index.items()}

    def find(self, words: Sequence[str]) -> list[int]:
        """Numbers of the places named, ascending."""
        found = {
            number
            for position, word in enumerate(words)
            for stem, number in self._by_prefix.get(word[:PREFIX], ())
            if word.startswith(stem[0]) and _stands_at(stem, words, position)
        }
        return sorted(found)

    def vectors_of(self, texts: Iterable[Sequence[str]]) -> Floats:
        """A row of length 1 per text (0 where it names no place) over the places."""
        found = [self.find(words) for words in texts]
        vectors = np.zeros((len(found), len(self.names)), np.float32)
        for vector, places in zip(vectors, found, strict=True):
            if places:
                vector[places] = len(places) ** -0.5
        return vectors


def _stands_at(stem: Stem, words: Sequence[str], position: int) -> bool:
    last = position + len(stem) - 1
    if last >= len(words) or not words[last].startswith(stem[-1]):
        return False
    return all(words[position + offset] == word for offset, word in enumerate(stem[:-1]))
