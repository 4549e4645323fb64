"""Settlements that a text names, by the words around their names. Letter case decides nothing: people write as they like.

A name counts with a word for the kind of settlement («с.», «посёлок»), with its district beside it, as a part of an address,
behind a preposition of place, or where it can't be anything else. It does not count behind «улица», «имени», beside
initials, between the ends of a route, in quotes, before «шоссе» and the like.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from chassis.normal import NormalText
from services.routing.placement.rules import surroundings
from services.routing.placement.rules.ordinary_words import agree, is_place, may_be_a_place, read_word
from services.routing.reference.rules.settlements import (
    URBAN,
    Settlement,
    SettlementDirectory,
    Toponym,
)

_Name = tuple[Toponym, int]
_WORD = re.compile("[а-яa-z0-9]+")
_LONG_WORD = re.compile("[а-я]{3,}")


@dataclass(frozen=True, slots=True)
class Scene:
    """What is known before a text is searched.

    `own_region`: the region's name in the normal form; `around`: ОКТМО of the districts that the appeal names; `in_address`:
    whether the text is an address.
    """

    own_region: str
    around: Collection[str] = ()
    in_address: bool = False


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in a text, and how it stands there (`words`). `kind`: what the text calls it; `passing`: the end of a journey, which says little of where;
    `beside_district`: a district stands beside it, ours or not."""

    toponym: Toponym
    words: str
    kind: str | None
    passing: bool
    beside_district: bool

    @property
    def bearers(self) -> tuple[Settlement, ...]:
        """The settlements that it may be: a village is not called a town, nor a town a village."""
        fitting = tuple(each for each in self.toponym.settlements if _may_be_called(each, self.kind))
        exactly = tuple(each for each in fitting if (each.kind in URBAN) == (self.kind == "urban"))
        return exactly if self.kind in ("urban", "village") and exactly else fitting


def find_mentions(directory: SettlementDirectory, text: NormalText, scene: Scene) -> Iterator[Mention]:
    """The settlements that a text names, in their order."""
    words = _split(text.folded)
    for toponym, first in _longest(list(_names_in(directory, words))):
        sighting = _Sighting(toponym, words, first, scene, directory)
        if sighting.names_a_place():
            start, end = text.span(*sighting.span)
            quoted = " ".join(text.original[start:end].split())
            yield Mention(toponym, quoted, sighting.kind, sighting.passing, sighting.beside_district)


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of a normal form, and where each begins and ends."""

    folded: str
    words: Sequence[str]
    starts: Sequence[int]
    ends: Sequence[int]

    def unbroken(self, first: int, last: int) -> bool:
        """Whether nothing but blanks and hyphens stands between words, and a stop only behind an initial or «им.»."""
        gaps = (self.folded[self.ends[at] : self.starts[at + 1]] for at in range(first, last))
        allowed = (" -." if len(word) <= len("им") else " -" for word in self.words[first:last])
        return all(set(gap) <= set(signs) for gap, signs in zip(gaps, allowed, strict=True))


def _split(folded: str) -> _Words:
    found = list(_WORD.finditer(folded))
    return _Words(
        folded,
        [each.group() for each in found],
        [each.start() for each in found],
        [each.end() for each in found],
    )


def _names_in(directory: SettlementDirectory, words: _Words) -> Iterator[_Name]:
    """Names, and the place of their first word."""
    by_form = directory.by_form
    for place, word in enumerate(words.words):
        for toponym in by_form.get(word, ()):
            first = place - toponym.anchor
            if toponym.stands_at(words.words, first) and words.unbroken(first, first + len(toponym.name) - 1):
                yield toponym, first
                break


def _longest(names: Sequence[_Name]) -> Sequence[_Name]:
    """Of names that overlap the longer one: «Поныри Вторые» are not Поныри."""
    if len(names) < 2:
        return names
    taken: set[int] = set()
    kept: list[_Name] = []
    for toponym, first in sorted(names, key=lambda name: (-len(name[0].name), name[1])):
        places = range(first, first + len(toponym.name))
        if taken.isdisjoint(places):
            taken.update(places)
            kept.append((toponym, first))
    return sorted(kept, key=lambda name: name[1])


def _may_be_called(settlement: Settlement, kind: str | None) -> bool:
    if kind == "town":
        return settlement.is_town or settlement.kind in URBAN
    return kind in (None, "any") or not settlement.is_town


class _Sighting:
    """A name in a text, and what stands around it."""

    def __init__(
        self, toponym: Toponym, words: _Words, first: int, scene: Scene, directory: SettlementDirectory
    ) -> None:
        self.toponym, self.scene, self.directory = toponym, scene, directory
        last = first + len(toponym.name) - 1
        start, end = words.starts[first], words.ends[last]
        self.before = words.folded[max(0, start - surroundings.LOOKED_BACK) : start]
        self.after = words.folded[end : end + surroundings.LOOKED_AHEAD]
        self.name = words.words[first : last + 1]
        self._span = start, end

    @cached_property
    def _kind_word(self) -> re.Match[str] | None:
        return surroundings.KIND_BEFORE.search(self.before)

    @cached_property
    def kind(self) -> str | None:
        """What the text calls it: town, urban, village or any; None where it does not say."""
        found = self._kind_word
        if found is None:
            return "village" if surroundings.SLOBODA_AFTER.match(self.after) else None
        in_a_year = found.lastgroup == "town" and surroundings.YEAR_BEFORE.search(self.before)
        with_it = found["village"] == "с" and not self.undeclined
        return None if in_a_year or with_it else found.lastgroup

    @property
    def span(self) -> tuple[int, int]:
        """Where it stands in the normal form, with the word that says what kind of settlement it is."""
        start, end = self._span
        kind = self._kind_word.group() if self._kind_word and self.kind else ""
        return start - len(kind), end

    @property
    def undeclined(self) -> bool:
        """Whether it stands as in a directory."""
        return tuple(self.name) == self.toponym.name

    @property
    def passing(self) -> bool:
        """Whether it is where a journey leads, or what something is near to."""
        return self._stands_behind(surroundings.JOURNEY)

    @cached_property
    def beside_district(self) -> bool:
        """Whether a district stands beside it."""
        before = self.before[: self._kind_word.start()] if self._kind_word else self.before
        return bool(
            surroundings.DISTRICT_BEFORE.search(before) or surroundings.DISTRICT_AFTER.match(self.after)
        )

    def names_a_place(self) -> bool:
        """Whether the name is a settlement's here, and not a street's, a person's or an ordinary word."""
        if self._elsewhere() or self._on_a_route() or surroundings.REFUSED_AFTER.match(self.after):
            return False
        if self.kind is not None:
            return True
        if self._is_a_streets() or self._stands_behind(surroundings.REFUSED_BEFORE):
            return False
        if self.toponym.after_a_person:
            return False
        return self.beside_district or self._in_an_address() or self._in_its_district() or self._by_itself()

    def _elsewhere(self) -> bool:
        """In another region, or abroad."""
        before = self.before[: self._kind_word.start()] if self._kind_word else self.before
        region = surroundings.OTHER_REGION_AFTER.match(self.after) or surroundings.OTHER_REGION_BEFORE.search(
            before
        )
        if region is not None:
            return not self.scene.own_region.startswith(region[1])
        country = surroundings.ABROAD_AFTER.match(self.after)
        return country is not None and is_place(country[1]) and country[1] not in self.directory.by_form

    def _on_a_route(self) -> bool:
        """«Курск – Воронеж» is a road, a train, a bus."""
        other = surroundings.ROUTE_AFTER.match(self.after) or surroundings.ROUTE_BEFORE.search(self.before)
        return other is not None and may_be_a_place(other[1])

    def _is_a_streets(self) -> bool:
        """«Магнитный проезд»; «Курск проспект Победы» is an address."""
        return (
            surroundings.STREET_AFTER.match(self.after) is not None
            and read_word(self.name[-1]) == "adjective"
        )

    def _in_an_address(self) -> bool:
        if not self.undeclined:
            return False
        behind = self._stands_behind(surroundings.IN_ADDRESS_BEFORE)
        begins = behind or self._stands_behind(surroundings.PART_BEGINS)
        ends = surroundings.PART_ENDS.match(self.after) is not None
        alone = behind or (self.scene.in_address and begins and self.toponym.prominent)
        return bool((alone and ends) or (begins and surroundings.IN_ADDRESS_AFTER.match(self.after)))

    def _in_its_district(self) -> bool:
        """Whether its district is named elsewhere in the appeal, and it stands where a place would."""
        around = self.scene.around
        if not any(each.lies_in(district) for each in self.toponym.settlements for district in around):
            return False
        begins = self.undeclined and self._stands_behind(surroundings.SENTENCE_BEGINS)
        located = self._stands_behind(surroundings.LOCATED, surroundings.NEAR)
        return (begins or located) and not self._continued()

    def _by_itself(self) -> bool:
        if len(self.name) > 1:
            return self._several_words()
        match read_word(self.name[0]):
            case "ordinary":
                return False
            case "adjective":
                return self.toponym.prominent and self._no_adjective()
            case "person":
                return self._stands_behind(surroundings.LOCATED, surroundings.GOVERNED)
        return (
            self.toponym.prominent
            or self.undeclined
            or self._stands_behind(surroundings.LOCATED, surroundings.NEAR, surroundings.GOVERNED)
        )

    def _no_adjective(self) -> bool:
        """Whether what might be an adjective has nothing to belong to, and stands where a place would."""
        if self._continued():
            return False
        whole = self._stands_behind(surroundings.SENTENCE_BEGINS) and surroundings.PART_ENDS.match(self.after)
        located = self._stands_behind(surroundings.LOCATED, surroundings.NEAR)
        return located or bool(whole) or is_place(self.name[0])

    def _several_words(self) -> bool:
        ordinary = all(read_word(word) in ("adjective", "ordinary") for word in self.name)
        return not ordinary or (self.toponym.prominent and not self._continued())

    def _continued(self) -> bool:
        """Whether an adjective goes on: «в горшечном цехе»."""
        following = _LONG_WORD.match(self.after, 1) if self.after[:1] == " " else None
        return following is not None and agree(self.name[-1], following.group())

    def _stands_behind(self, *patterns: re.Pattern[str]) -> bool:
        return any(pattern.search(self.before) for pattern in patterns)
