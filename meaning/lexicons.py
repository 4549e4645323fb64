"""Lists of word stems, and which of their concepts the words of a text belong to."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, reduce
from importlib.resources import files
from operator import or_
from typing import Final, NamedTuple

Concepts = frozenset[str]
NONE: Final[Concepts] = frozenset()
NEGATION: Final = "не"
# A Chinese character counts as a word.
_WORD: Final = re.compile(r"[\u4e00-\u9fff]|[^\W\u4e00-\u9fff]+(?:[-'ʼ’]\w+)*")
_REMEMBERED: Final = 60_000  # words: most of what citizens write
_SHORTEST_STEM: Final = 3  # of the second word of a pair; what is shorter is the whole word


class _Piece(NamedTuple):
    """What stands between two spaces: its concepts, and what its last word does to the next one."""

    mask: int = 0
    first: str = ""
    last: str = ""
    begins_pair: bool = False
    negates: bool = False


_NOTHING: Final = _Piece()


class Lexicon:
    """Concepts and their stems, as files of this package hold them. Concepts are also the bits of a number, so that what a
    text may speak of at all is known in microseconds."""

    def __init__(self, name: str) -> None:
        self._stems: dict[str, set[str]] = defaultdict(set)
        self._whole: dict[str, set[str]] = defaultdict(set)
        self._except: dict[str, set[str]] = defaultdict(set)
        lines = [line.partition(":") for line in read_data(name)]
        self.concepts: Final = tuple(concept for concept, *_ in lines)
        for concept, _, stems in lines:
            self._add(concept, stems)
        self._bits: Final = {concept: 1 << place for place, (concept, *_) in enumerate(lines)}
        pairs = [pair for pair in (*self._stems, *self._whole) if "_" in pair]
        self._firsts: Final = frozenset(pair.partition("_")[0] for pair in pairs)
        self._second_stems: Final = _second_words(self._stems)
        self._second_words: Final = _second_words(self._whole)
        self._of = lru_cache(_REMEMBERED)(self._look_up)
        self._piece = lru_cache(_REMEMBERED)(self._look_up_piece)
        self._pair = lru_cache(_REMEMBERED)(self._look_up_pair)
        self._possible = lru_cache(_REMEMBERED)(self._look_up_possible)

    def _add(self, concept: str, stems: str) -> None:
        for stem in stems.split():
            if stem.startswith("-"):
                self._except[stem[1:]].add(concept)
            elif stem.endswith("=") or _is_short_pair(stem):
                self._whole[stem.removesuffix("=")].add(concept)
            else:
                self._stems[stem].add(concept)

    def _look_up(self, word: str) -> Concepts:
        beginnings = _beginnings(word)
        found = NONE.union(
            self._whole.get(word, NONE), *(self._stems.get(beginning, NONE) for beginning in beginnings)
        )
        return found.difference(*(self._except.get(beginning, NONE) for beginning in beginnings))

    def _look_up_possible(self, piece: str) -> int:
        words = _WORD.findall(piece)
        alone = (self._of(word) for word in words)
        after = (self._second_words.get(word, NONE) for word in words)
        begun = (self._second_stems.get(beginning, NONE) for word in words for beginning in _beginnings(word))
        return self.mask(NONE.union(*alone, *after, *begun))

    def mask(self, concepts: Iterable[str]) -> int:
        """Concepts as bits. KeyError for one that no file names."""
        return reduce(or_, (self._bits[concept] for concept in concepts), 0)

    def possible(self, folded: str) -> int:
        """All that a text may speak of, whatever its words stand beside: never less than `read` finds in it."""
        return reduce(or_, set(map(self._possible, folded.split())), 0)

    def read(self, folded: str) -> list[Concepts]:
        """The concepts of each word of a text in its folded normal form. A word after «не» counts together with it only."""
        read: list[Concepts] = []
        before = ""
        for word in _WORD.findall(folded):
            concepts = NONE if before == NEGATION else self._of(word)
            if before in self._firsts:
                concepts |= self._of(f"{before}_{word}")
            read.append(concepts)
            before = word
        return read

    def mentions(self, folded: str) -> int:
        """The concepts of all words of a text, as bits; the same that `read` finds, in a quarter of the time."""
        found, before, pairs, is_negated = 0, "", False, False
        for mask, first, last, begins_pair, negates in map(self._piece, folded.split()):
            if not is_negated:
                found |= mask
            if pairs:
                found |= self._pair(before, first)
            before, pairs, is_negated = last, begins_pair, negates
        return found

    def _look_up_piece(self, piece: str) -> _Piece:
        words = _WORD.findall(piece)
        if not words:
            return _NOTHING
        mask = self.mask({concept for word in words for concept in self._of(word)})
        return _Piece(mask, words[0], words[-1], words[-1] in self._firsts, words[-1] == NEGATION)

    def _look_up_pair(self, first: str, second: str) -> int:
        return self.mask(self._of(f"{first}_{second}"))


def _beginnings(word: str) -> list[str]:
    return [word[:length] for length in range(1, len(word) + 1)]


def _second_words(known: Mapping[str, set[str]]) -> Mapping[str, set[str]]:
    """Second words of pairs, with what the pairs mean."""
    seconds: dict[str, set[str]] = defaultdict(set)
    for pair, named in known.items():
        seconds[pair.partition("_")[2]] |= named
    seconds.pop("", None)  # of what is no pair
    return seconds


def _is_short_pair(stem: str) -> bool:
    return "_" in stem and len(stem.partition("_")[2]) < _SHORTEST_STEM


def read_data(name: str) -> Iterator[str]:
    """The lines of a file of this package that hold something; what begins with # is a comment."""
    for line in files("meaning").joinpath(name).read_text("utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            yield line.strip()


def positions(words: Sequence[Concepts]) -> Mapping[str, list[int]]:
    """Where each concept stands in a text, in order."""
    found: dict[str, list[int]] = defaultdict(list)
    for place, concepts in enumerate(words):
        for concept in concepts:
            found[concept].append(place)
    return found
