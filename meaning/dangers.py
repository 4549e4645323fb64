"""Whether somebody may be hurt or die within hours if nobody comes: one pure function for everybody who asks."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from chassis.normal import fold
from meaning.lexicons import Lexicon, positions, read_data

LEXICON: Final = Lexicon("hazards.txt")
_WITHIN: Final = 10
_SHORT: Final = 140  # letters: two sentences that are shorter together are read as one
_END: Final = re.compile(r"[.!?;…]+|,? (?:но|однако|зато) ")
NOW: Final = "now"


@dataclass(frozen=True, slots=True)
class Danger:
    """What threatens: a short name for programs, a Russian one for people."""

    sort: str
    name: str


@dataclass(frozen=True, slots=True)
class Pattern:
    """Concepts that stand together `within` so many words."""

    concepts: tuple[str, ...]
    within: int

    def fits(self, places: Mapping[str, Sequence[int]]) -> bool:
        """Whether all of them do, each by a word of its own."""
        if any(concept not in places for concept in self.concepts):
            return False
        return any(self._from(places, (start,)) for start in places[self.concepts[0]])

    def _from(self, places: Mapping[str, Sequence[int]], taken: tuple[int, ...]) -> bool:
        if len(taken) == len(self.concepts):
            return True
        return any(
            self._from(places, (*taken, place))
            for place in places[self.concepts[len(taken)]]
            if place not in taken and max(*taken, place) - min(*taken, place) <= self.within
        )


@dataclass(frozen=True, slots=True)
class Sort:
    """A sort of danger. `never`, `not_past`: what speaks against it, the latter unless it is now."""

    danger: Danger
    never: frozenset[str]
    not_past: frozenset[str]

    def is_denied(self, places: Mapping[str, Sequence[int]]) -> bool:
        """Whether a passage speaks of something else, or of what is over."""
        if not self.never.isdisjoint(places):
            return True
        return NOW not in places and not self.not_past.isdisjoint(places)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A pattern of a sort; `needed`: its concepts as bits."""

    sort: Sort
    pattern: Pattern
    needed: int


# Patterns that begin with the same concept, behind its bit.
Group = tuple[int, tuple[Candidate, ...]]


def find(text: str) -> Danger | None:
    """The danger a text reports, if any. Pure; most texts need no more than one look at their words."""
    return find_folded(fold(text))


def find_folded(folded: str) -> Danger | None:
    """The same for a text in its folded normal form."""
    candidates = _candidates(LEXICON.possible(folded), GROUPS)
    if not candidates:
        return None
    for passage in _passages(folded):
        danger = _find_one_of(candidates, passage)
        if danger is not None:
            return danger
    return None


def _candidates(possible: int, groups: Sequence[Group]) -> list[Candidate]:
    """What a text with these concepts may report."""
    return [
        each
        for anchor, members in groups
        if possible & anchor
        for each in members
        if possible & each.needed == each.needed
    ]


def _find_one_of(candidates: Sequence[Candidate], passage: str) -> Danger | None:
    possible = LEXICON.possible(passage)
    left = [each for each in candidates if possible & each.needed == each.needed]
    if not left:
        return None
    places = positions(LEXICON.read(passage))
    for each in left:
        if each.pattern.fits(places) and not each.sort.is_denied(places):
            return each.sort.danger
    return None


def _passages(folded: str) -> Iterator[str]:
    """Sentences, also those that a contrast begins, then neighbours that are short."""
    sentences = [sentence for sentence in _END.split(folded) if sentence.strip()]
    yield from sentences
    for first, second in pairwise(sentences):
        if len(first) + len(second) <= _SHORT:
            yield f"{first} {second}"


def _parse() -> Iterator[Candidate]:
    """What dangers.txt holds."""
    header, patterns = "", list[str]()
    against: dict[str, frozenset[str]] = {}
    for line in (*read_data("dangers.txt"), "["):
        mark, *rest = line.split()
        if line.startswith("["):
            yield from _sort_of(header, patterns, against)
            header, patterns, against = line, [], {}
        elif mark in ("!", "!!"):
            against[mark] = frozenset(rest)
        else:
            patterns.append(line)


def _sort_of(
    header: str, patterns: Sequence[str], against: Mapping[str, frozenset[str]]
) -> Iterator[Candidate]:
    name, _, russian = header[1:].partition("] ")
    sort = Sort(Danger(name, russian), against.get("!", frozenset()), against.get("!!", frozenset()))
    for line in patterns:
        words, _, within = line.partition("@")
        concepts = tuple(words.split())
        yield Candidate(sort, Pattern(concepts, int(within or _WITHIN)), LEXICON.mask(concepts))


def _group(candidates: Iterable[Candidate]) -> Iterator[Group]:
    by_anchor: dict[str, list[Candidate]] = defaultdict(list)
    for each in candidates:
        by_anchor[each.pattern.concepts[0]].append(each)
    return ((LEXICON.mask([anchor]), tuple(members)) for anchor, members in by_anchor.items())


GROUPS: Final = tuple(_group(_parse()))
