"""Places named in a text, as a model for one region knows them: names given at training, kept with the model.

Only a hint among the features; where an appeal belongs is decided by the territory directory.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

import numpy as np

from services.routing.classifier.features import describe_text
from services.routing.classifier.vectors import Floats

PREFIX = 3
CACHED_WORDS = 20_000
WHOLE = "="  # at the end of a stem that is a whole word
Stem = tuple[str, ...]


class Places:
    """Places in order, found by their stems: whole words but the last, of which the beginning is enough unless the stem ends
    with `WHOLE`."""

    def __init__(self, stems: Mapping[str, Sequence[str]]) -> None:
        self.stems = {name: tuple(written) for name, written in stems.items()}
        self.names = tuple(self.stems)
        single: dict[str, dict[tuple[str, int], None]] = defaultdict(dict)
        longer: dict[str, dict[tuple[Stem, int], None]] = defaultdict(dict)
        for number, written in enumerate(self.stems.values()):
            for words in filter(None, map(_words_of, written)):
                if len(words) == 1:
                    single[words[0][:PREFIX]][words[0], number] = None
                else:
                    longer[_key(words)][words, number] = None
        self._single = {prefix: tuple(known) for prefix, known in single.items()}
        self._longer = {key: tuple(known) for key, known in longer.items()}
        self._first_words = frozenset(key.partition(" ")[0] for key in longer)
        self._named_by = lru_cache(maxsize=CACHED_WORDS)(self._find_single)

    def find(self, words: Sequence[str]) -> list[int]:
        """Numbers of the places named, ascending."""
        found: set[int] = set()
        found.update(*map(self._named_by, words))
        for position, word in enumerate(words[:-1]):
            if word in self._first_words:
                stems = self._longer.get(_key(words[position : position + 2]), ())
                found.update(number for stem, number in stems if _stands_at(stem, words, position))
        return sorted(found)

    def _find_single(self, word: str) -> tuple[int, ...]:
        """Places that one word names; found out once for each word."""
        return tuple(number for stem, number in self._single.get(word[:PREFIX], ()) if _begins(word, stem))

    def vectors_of(self, texts: Iterable[Sequence[str]]) -> Floats:
        """A row of length 1 per text (0 where it names no place) over the places."""
        found = [self.find(words) for words in texts]
        vectors = np.zeros((len(found), len(self.names)), np.float32)
        for vector, places in zip(vectors, found, strict=True):
            if places:
                vector[places] = len(places) ** -0.5
        return vectors


def _words_of(stem: str) -> Stem:
    """The words of a stem, the last with `WHOLE` if it is."""
    words = describe_text(stem).words
    return (*words[:-1], words[-1] + WHOLE) if words and stem.endswith(WHOLE) else tuple(words)


def _begins(word: str, stem: str) -> bool:
    return word + WHOLE == stem if stem.endswith(WHOLE) else word.startswith(stem)


def _key(words: Sequence[str]) -> str:
    """By which stems of several words are looked up: the first word, and the beginning of the second."""
    return f"{words[0]} {words[1][:PREFIX]}"


def _stands_at(stem: Stem, words: Sequence[str], position: int) -> bool:
    last = position + len(stem) - 1
    if last >= len(words) or not _begins(words[last], stem[-1]):
        return False
    return all(words[position + offset] == word for offset, word in enumerate(stem[:-1]))
