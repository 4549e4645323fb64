"""Where it happened, from the words of the text: an inverted index of the names of a region's municipalities.

Names are compared word by word in the normal form of texts, so that spaces, dashes, line breaks, letter case and the signs
between words do not matter; «р-н», «р/н» and the like read «район», and «муниципальный» says nothing.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeVar

from chassis.normal import fold

PREFIX = 3
_WHOLE_DISTRICT = "000"  # how the code of a district ends
_WORD = re.compile("[а-яa-z0-9]+")
# «р-на» is «района»; «р. на» is not, it may be roubles.
_DISTRICT = re.compile(
    r"р(?<![а-яa-z0-9]р)(?: ?[-/] ?о?н(ах|ами|ам|ов|ом|[ауеы])?|н[аеу]?|[ .]{0,2}н)(?![а-яa-z0-9])"
)
# Districts become municipal counties one after another: «Беловский муниципальный округ».
_MUNICIPAL = re.compile(r"муниципальн[а-я]{0,4}\W{1,3}(?:округ)?")
_SHORT_COUNTY = re.compile(r"\bмун\.? ?округ")
_SHORT_MUNICIPAL = re.compile(r"\bм(?:ун)?[. ]{1,2}(?=район)")
_TOWN = re.compile(r"\bгор\.")
_TOWN_WORDS = frozenset(("г", "город"))
_PARTS_OF_ADDRESS = re.compile("[,;]")
Name = tuple[str, ...]
T = TypeVar("T")
_NOTHING: frozenset[str] = frozenset()


def split_words(text: str) -> list[str]:
    """The words of a text as names are compared."""
    return words_of_folded(fold(text))


def words_of_folded(folded: str) -> list[str]:
    """The same of a text in its normal form."""
    return _WORD.findall(name_districts(folded))


def name_districts(folded: str) -> str:
    """A text in its normal form, with one word for every way to say «район», and «г.» for «гор.»."""
    named = _DISTRICT.sub(r"район\1", folded)
    if "муниципальн" in named:
        named = _MUNICIPAL.sub(lambda match: "район" if match.group().endswith("округ") else "", named)
    if "мун" in named:
        named = _SHORT_COUNTY.sub("район", named)
    if "гор." in named:
        named = _TOWN.sub("г.", named)
    return _SHORT_MUNICIPAL.sub("", named) if "район" in named else named


@dataclass(frozen=True)
class Gazetteer:
    """Names of a region's municipalities.

    `by_first`: those of several words, by the first one; `by_prefix`: those of one word, by its first letters; `towns`: names
    that stand alone.
    """

    by_first: Mapping[str, Sequence[tuple[Name, str]]] = field(default_factory=dict)
    by_prefix: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)
    towns: Mapping[Name, str] = field(default_factory=dict)

    def find(self, text: str | None) -> str | None:
        """The one municipality that is named; None when none is, or several are."""
        found = self.named_in(text)
        return next(iter(found)) if len(found) == 1 else None

    def named_in(self, text: str | None) -> frozenset[str]:
        """All that are named, but for a district one of whose towns is."""
        return self.named_in_words(split_words(text or ""))

    def named_in_words(self, words: Sequence[str]) -> frozenset[str]:
        """The same of the words of a text."""
        by_first, by_prefix = self.by_first, self.by_prefix
        found = {
            oktmo
            for word in words
            if word[:PREFIX] in by_prefix
            for stem, oktmo in by_prefix[word[:PREFIX]]
            if word.startswith(stem)
        }
        if not by_first.keys().isdisjoint(words):
            found.update(self._of_several_words(words))
        return without_surrounding(found) if found else _NOTHING

    def _of_several_words(self, words: Sequence[str]) -> Iterator[str]:
        for place, word in enumerate(words):
            for name, oktmo in self.by_first.get(word, ()):
                if _stands_at(name, words, place):
                    yield oktmo

    def named_in_address(self, address: str | None) -> frozenset[str]:
        """The same of an address, where a town may do without «г.»: «Льгов, Советская 5»."""
        return without_surrounding(self.named_in(address) | self.standing_alone(address))

    def standing_alone(self, address: str | None) -> frozenset[str]:
        """Towns that are a whole part of an address."""
        parts = _PARTS_OF_ADDRESS.split(address or "") if self.towns else ()
        names = (tuple(split_words(part)) for part in parts)
        return frozenset(self.towns[name] for name in names if name in self.towns)


def surrounds(district: str, other: str) -> bool:
    """Whether an ОКТМО is a district's, and the other one of a town in it."""
    return district.endswith(_WHOLE_DISTRICT) and other != district and other[:5] == district[:5]


@lru_cache(maxsize=8192)
def places_around(municipality: str) -> tuple[str, ...]:
    """An ОКТМО and what it lies in, the smallest first: itself, its municipality (8 digits), its district."""
    return tuple(dict.fromkeys((municipality, municipality[:8], municipality[:5] + _WHOLE_DISTRICT)))


def without_surrounding(municipalities: Iterable[str]) -> frozenset[str]:
    """Without districts that surround another of them: a town says more than its district."""
    found = frozenset(municipalities)
    return frozenset(each for each in found if not any(surrounds(each, other) for other in found))


def _stands_at(name: Name, words: Sequence[str], place: int) -> bool:
    """Whether the words from `place` on are the name; the last may have an ending."""
    last = place + len(name) - 1
    if last >= len(words) or not words[last].startswith(name[-1]):
        return False
    return all(words[place + offset] == word for offset, word in enumerate(name[:-1]))


def make_gazetteer(stems: Iterable[tuple[str, Sequence[str]]]) -> Gazetteer:
    """From (ОКТМО, stems); a stem is matched at the beginning of a word and may hold several words.

    Words before the last are matched whole; words that have run together are found too («Беловскийрайон»).
    """
    by_first: dict[str, dict[tuple[Name, str], None]] = defaultdict(dict)
    by_prefix: dict[str, dict[tuple[str, str], None]] = defaultdict(dict)
    towns: dict[Name, str] = {}
    for oktmo, written in stems:
        for name in filter(None, (tuple(split_words(stem)) for stem in written)):
            together = "".join(name)
            by_prefix[together[:PREFIX]][together, oktmo] = None
            if len(name) > 1:
                by_first[name[0]][name, oktmo] = None
            if name[0] in _TOWN_WORDS:
                towns[name[1:]] = oktmo
    return Gazetteer(_as_tuples(by_first), _as_tuples(by_prefix), towns)


def _as_tuples(index: Mapping[str, Iterable[T]]) -> dict[str, tuple[T, ...]]:
    return {key: tuple(entries) for key, entries in index.items()}
