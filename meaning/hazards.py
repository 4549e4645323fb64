"""Dangers by words that stand together: dangers.txt says which words of hazards.txt."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Final

from meaning.features import MARKS
from meaning.lexicons import NONE, positions, read_data

_WITHIN: Final = 10
_SHORT: Final = 140  # letters: two sentences that are shorter together are read as one
_OWN_NAME: Final = "меня зовут"  # whoever says so is no victim: «машины бьют колеса. Меня зовут Мария»
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
        # Places come in order: of words that are written a thousand times only those near by are looked at.
        among = places[self.concepts[len(taken)]]
        first = bisect_left(among, max(taken) - self.within)
        last = bisect_right(among, min(taken) + self.within)
        return any(self._from(places, (*taken, place)) for place in among[first:last] if place not in taken)


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


UNNAMED: Final = Danger("life", "угроза жизни или здоровью")
# Patterns that begin with the same concept, behind its bit.
Group = tuple[int, tuple[Candidate, ...]]


def report(folded: str, mentioned: int) -> Danger | None:
    """The danger that words of a text in its folded normal form report, if any; `mentioned`: its marks."""
    candidates, folded = _candidates(mentioned, GROUPS), folded.replace(_OWN_NAME, "")
    places = (
        positions(MARKS.read(folded)) if candidates else {}
    )  # what does not stand together in the text does in none of its passages
    candidates = [each for each in candidates if each.pattern.fits(places)]
    if not candidates:
        return None
    found = (
        _find_one_of(likely, positions(MARKS.read(passage)))
        for passage, possible in _passages(folded)
        if (likely := [each for each in candidates if possible & each.needed == each.needed])
    )
    return next(filter(None, found), None)


def name(folded: str, mentioned: int) -> Danger:
    """What to call the danger of a text that is known to report one."""
    likely, folded = _candidates(mentioned, GROUPS), folded.replace(_OWN_NAME, "")
    places = positions(MARKS.read(folded))
    fitting = [each.sort.danger for each in likely if each.pattern.fits(places)]
    reported = filter(None, [report(folded, mentioned)])
    return next(chain(reported, fitting, (each.sort.danger for each in likely)), UNNAMED)


def _candidates(possible: int, groups: Sequence[Group]) -> list[Candidate]:
    """What a text with these concepts may report."""
    return [
        each
        for anchor, members in groups
        if possible & anchor
        for each in members
        if possible & each.needed == each.needed
    ]


def _find_one_of(candidates: Sequence[Candidate], places: Mapping[str, Sequence[int]]) -> Danger | None:
    fitting = (each for each in candidates if each.pattern.fits(places))
    return next((each.sort.danger for each in fitting if not each.sort.is_denied(places)), None)


def _passages(folded: str) -> Iterator[tuple[str, int]]:
    """Sentences, also those that a contrast begins, then neighbours that are short; each with all it may speak of."""
    sentences = [(each, MARKS.mentions(each.split())) for each in _END.split(folded)]
    yield from sentences
    for (first, of_first), (second, of_second) in pairwise(sentences):
        if len(first) + len(second) <= _SHORT:
            yield f"{first} {second}", of_first | of_second


def _parse() -> Iterator[Candidate]:
    """What dangers.txt holds."""
    blocks = "\n".join(read_data("dangers.txt")).split("[")[1:]
    return (candidate for block in blocks for candidate in _sort_of(*block.splitlines()))


def _sort_of(header: str, *lines: str) -> Iterator[Candidate]:
    name, _, russian = header.partition("] ")
    against = {"!": NONE, "!!": NONE}
    against |= {line.split()[0]: frozenset(line.split()[1:]) for line in lines if line.startswith("!")}
    sort = Sort(Danger(name, russian), against["!"], against["!!"])
    patterns = (line.partition("@") for line in lines if not line.startswith("!"))
    return (_pattern_of(sort, tuple(words.split()), within) for words, _, within in patterns)


def _pattern_of(sort: Sort, concepts: tuple[str, ...], within: str) -> Candidate:
    return Candidate(sort, Pattern(concepts, int(within or _WITHIN)), MARKS.mask(concepts))


def _group(candidates: Iterable[Candidate]) -> Iterator[Group]:
    by_anchor: dict[str, list[Candidate]] = defaultdict(list)
    for each in candidates:
        by_anchor[each.pattern.concepts[0]].append(each)
    return ((MARKS.mask([anchor]), tuple(members)) for anchor, members in by_anchor.items())


GROUPS: Final = tuple(_group(_parse()))
