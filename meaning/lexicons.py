"""Lists of word stems, and which of their concepts the words of a text belong to."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, reduce
from importlib.resources import files
from itertools import compress
from operator import or_
from typing import Final, Generic, TypeVar

Concepts = frozenset[str]
NONE: Final[Concepts] = frozenset()
_Value = TypeVar("_Value")
NEGATION: Final = "не"
# A Chinese character counts as a word.
WORD: Final = re.compile(r"[\u4e00-\u9fff]|[^\W\u4e00-\u9fff]+(?:[-'ʼ’]\w+)*")
REMEMBERED: Final = 60_000  # words: most of what citizens write
_SHORTEST_STEM: Final = 3  # of the second word of a pair; what is shorter is the whole word


class Lexicon:
    """Concepts and their stems, as files of this package hold them. Concepts are also the bits of a number."""

    def __init__(self, *names: str) -> None:
        self._stems: dict[str, set[str]] = defaultdict(set)
        self._whole: dict[str, set[str]] = defaultdict(set)
        self._except: dict[str, set[str]] = defaultdict(set)
        lines = [line.partition(":") for name in names for line in read_data(name)]
        self.concepts: Final = tuple(concept for concept, *_ in lines)
        for concept, _, stems in lines:
            self._add(concept, stems)
        self._bits: Final = {concept: 1 << place for place, (concept, *_) in enumerate(lines)}
        pairs = [pair for pair in (*self._stems, *self._whole) if "_" in pair]
        self._firsts: Final = frozenset(pair.partition("_")[0] for pair in pairs)
        self._of: Final = lru_cache(REMEMBERED)(self._look_up)
        self._masks: Final = Remembered(self._look_up_alone)
        self._begins: Final = Remembered(self._look_up_beginning)
        self._after: Final = lru_cache(REMEMBERED)(self._look_up_after)

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

    def mask(self, concepts: Iterable[str]) -> int:
        """Concepts as bits. KeyError for one that no file names."""
        return reduce(or_, (self._bits[concept] for concept in concepts), 0)

    def read(self, folded: str) -> list[Concepts]:
        """The concepts of each word of a text in its folded normal form. A word after «не» counts together with it only."""
        read: list[Concepts] = []
        before = ""
        for word in WORD.findall(folded):
            concepts = NONE if before == NEGATION else self._of(word)
            if before in self._firsts:
                concepts |= self._of(f"{before}_{word}")
            read.append(concepts)
            before = word
        return read

    def masks(self, pieces: Sequence[str]) -> list[int]:
        """The concepts of what stands between the spaces of a text, as bits; the same that `read` finds."""
        masks = [*map(self._masks.__getitem__, pieces)]
        begun = [*map(self._begins.__getitem__, pieces[:-1])]
        for place in compress(range(1, len(begun) + 1), begun):
            masks[place] = self._after(pieces[place - 1], pieces[place])
        return masks

    def mentions(self, pieces: Sequence[str]) -> int:
        """All of them together."""
        return union(self.masks(pieces))

    def _look_up_alone(self, piece: str) -> int:
        return self.mask(NONE.union(*self.read(piece)))

    def _look_up_beginning(self, piece: str) -> bool:
        words = WORD.findall(piece)
        return bool(words) and (words[-1] in self._firsts or words[-1] == NEGATION)

    def _look_up_after(self, before: str, piece: str) -> int:
        words = WORD.findall(before)
        return self.mask(NONE.union(*self.read(f"{words[-1]} {piece}")[1:]))


class Remembered(dict[str, _Value], Generic[_Value]):
    """What has been worked out for pieces of texts, as much of it as is worth its memory."""

    def __init__(self, work_out: Callable[[str], _Value]) -> None:
        super().__init__()
        self._work_out: Final = work_out

    def __missing__(self, piece: str) -> _Value:
        if len(self) >= REMEMBERED:
            self.clear()
        found = self[piece] = self._work_out(piece)
        return found


def union(masks: Iterable[int]) -> int:
    """All bits; most masks of a text have none."""
    return reduce(or_, filter(None, masks), 0)


def _beginnings(word: str) -> list[str]:
    return [word[:length] for length in range(1, len(word) + 1)]


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
