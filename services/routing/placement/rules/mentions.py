"""Settlements that a text names, by the words around their names. Letter case decides nothing: people write as they like.

A name counts with a word for the kind of settlement («с.», «посёлок»), with its district beside it, as a part of an address,
behind a preposition of place, or where it can't be anything else. It does not count behind «улица», «имени», beside
initials, between the ends of a route, in quotes, before «шоссе» and the like.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from chassis.normal import NormalText
from services.routing.placement.rules.ordinary_words import continues_phrase, may_be_a_place, read_word
from services.routing.reference.rules.settlements import (
    URBAN,
    Settlement,
    SettlementDirectory,
    Toponym,
)

_WORD = re.compile("[а-яa-z0-9]+")
_LOOKED_BACK, _LOOKED_AHEAD = 40, 60
_B = r"(?<![а-я0-9-])"  # where a word begins
_KIND_BEFORE = re.compile(
    rf"{_B}(?:(?P<town>г\.?|гор\.|город(?:а|у|ом|е)?)"
    r"|(?P<urban>п\.? ?г\.? ?т\.?|р\. ?п\.?|рп\.?|п\.?|пос\.?|поселок|поселк(?:а|у|ом|е))"
    r"|(?P<village>с\.|с|сел(?:о|а|у|ом|е)|д\.?|дер\.?|деревн(?:я|и|е|ю|ей)|х\.?|хут\.?|хутор(?:а|у|ом|е)?|сл\.?|слоб\."
    r"|слобод(?:а|ы|е|у|ой)|м\.|местечк(?:о|а|у|ом|е))"
    r"|(?P<any>н\.? ?п\.?|населенн[а-я]{2,3} пункт[а-я]{0,2}|ст\.|станци(?:я|и|ю|ей)))"
    r" ?[«\"]?$"
)
_KIND_AFTER = re.compile(r" слобод[аыеуо]й?(?![а-я])")
_YEAR_BEFORE = re.compile(r"\d ?г\.? ?$")
_LOCATED = re.compile(rf"{_B}(?:в|во|из|из-под) $")
_NEAR = re.compile(rf"{_B}(?:под|до|возле|около|вблизи|близ|недалеко от|рядом с|через|по|за|мимо) $")
_GOVERNED = re.compile(
    rf"{_B}(?:жител[а-я]{{1,3}}|населени[а-я]|администраци[а-я]{{1,2}}|центр[а-я]{{0,2}}|окраин[а-я]{{1,2}}|улица[а-я]{{1,2}}|дорог[а-я]{{0,2}}"
    r"|мэр[а-я]{0,2}|власт[а-я]{1,2}|территори[а-я]{1,2}|двор[а-я]{1,2}|въезд[а-я]? в|граждане|гражданам|больниц[а-я]) $"
)
_IN_ADDRESS_BEFORE = re.compile(
    r"(?:(?<!\d)\d{6},? ?|обл(?:\.|асть|асти)?,? ?|район[а-я]{0,2},? ?|р-?о?н[аеу]?\.?,? ?|сельсовет[а-я]{0,2},? ?|с/с,? ?)$"
)
_IN_ADDRESS_AFTER = re.compile(
    rf",? ?(?:{_B}(?:ул|улиц[а-я]{{1,2}}|пер|переул[а-я]{{2,3}}|пр-?к?т|просп|проспект[а-я]{{0,2}}|б-р|бульвар|пл|мкр|микрорайон[а-я]{{0,2}})(?![а-я])"
    r"|(?:д|дом|д\.) ?\d|\d{1,3}(?!\d|-?й|-?е|-?я)|[а-я]{4,}(?:ая|ого|ой|ова|ева|ина|ия),? ?(?:д\.? ?)?\d)"
)
_PART_BEGINS, _PART_ENDS = re.compile(r"(?:^|[,;(]) ?$"), re.compile(r" ?(?:$|[,;).])")
_DISTRICT = r"[а-я-]{2,}[сц]к(?:ого|ий|ом|им)"
_DISTRICT_BESIDE = (
    re.compile(
        rf"{_DISTRICT} (?:муниципальн[а-я]{{2,3}} |мун\. |м\. ?)?(?:район[а-я]{{0,2}}|р[-/]?о?н[аеу]?\.?|округ[а-я]{{0,2}}|сельсовет[а-я]{{0,2}}|с/с)"
        r",? ?(?:в |из |(?:на )?территории )?$"
    ),
    re.compile(
        rf",? ?\(? ?(?:что )?(?:в )?{_DISTRICT} (?:муниципальн[а-я]{{2,3}} |мун\. |м\. ?)?(?:район|р[-/]?о?н|округ|сельсовет|с/с)"
    ),
)
_REFUSED_BEFORE = re.compile(
    rf"(?:{_B}(?:ул|улиц[аыеу]|улице[йю]|пр|пр-?к?т|просп|проспект[а-я]{{0,2}}|пер|переул[а-я]{{2,3}}|пл|площад[а-я]{{1,2}}|б-р|бульвар[а-я]?|наб|мкр"
    r"|им|имени|рек[аеиу]|рекой|школ[а-я]{1,2}|институт[а-я]{0,2}|депутат[а-я]{0,2}|парк[а-я]{0,2}|сквер[а-я]{0,2})\.? ?"
    r"|[«\"]|[а-я]\. ?[а-я]\. ?)$"
)
_REFUSED_AFTER = re.compile(
    r" (?:район(?!е)|районе|р[-/]?о?н[аеу]?(?:ом)?(?![а-я])|округ|сельсовет|с/с|поселени|област|обл(?![а-я])|край)| [а-я]\. ?[а-я]\."
)
_STREET_AFTER = re.compile(
    r" (?:шоссе|тракт|ул(?:ица|ице|ицы|ицу)(?![а-я])|просп|переул|проезд|парк|бульвар|вокзал|мост|поворот|рын[ок]|ква?ртал)"
)
_ROUTE_AFTER, _ROUTE_BEFORE = re.compile(r" ?- ?(?:г\. ?)?([а-я]{3,})"), re.compile(r"([а-я]{3,}) ?- ?$")
_JOURNEY = re.compile(
    rf"{_B}(?:ез[джт][а-я]+|езжу|ехат[а-я]+|еха[а-я]+|еду[а-я]*|едем|едет|доеха[а-я]+|добира[а-я]+|добра[а-я]+|вози[а-я]+|вез[а-я]+|автобус[а-я]*|маршрутк[а-я]+|электричк[а-я]+"
    r"|поезд[а-я]*|трасс[а-я]|рейс[а-я]*|направлени[а-я]|уеха[а-я]+|проезд|ведущ[а-я]{2,3})(?:[^.,!?;]{0,30} )?(?:в|до|на) (?:г\.? ?|город[а-я]? )?$"
    rf"|(?:{_B}(?:км|километр[а-я]*|метр[а-я]*|рядом|недалеко|неподалеку) (?:от|с)|{_B}(?:возле|около|вблизи|близ|под)) (?:черты )?(?:г\.? ?|город[а-я]? )?$"
)
_OTHER_REGION_AFTER = re.compile(r",? ?\(?([а-я-]+)(?:ой|ая|ую|ого|ий) (?:обл|край|края)")
_OTHER_REGION_BEFORE = re.compile(r"([а-я-]+)(?:ой|ая|ую|ого|ий) (?:обл(?:аст[ьи])?|края?)\.?,? ?$")


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a normal form, and where each begins and ends."""

    folded: str
    words: Sequence[str]
    starts: Sequence[int]
    ends: Sequence[int]


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in a text. `kind`: what the text calls it; `passing`: the end of a journey, which says little of where."""

    toponym: Toponym
    words: str
    kind: str | None
    passing: bool

    @property
    def bearers(self) -> tuple[Settlement, ...]:
        """The settlements that it may be: a village is not called a town, nor a town a village."""
        fitting = tuple(each for each in self.toponym.settlements if _may_be_called(each, self.kind))
        exactly = tuple(each for each in fitting if (each.kind in URBAN) == (self.kind == "urban"))
        return exactly if self.kind in ("urban", "village") and exactly else fitting


def find_mentions(directory: SettlementDirectory, text: NormalText, own_region: str) -> Iterator[Mention]:
    """The settlements that a text names, in their order; `own_region`: the region's name in the normal form."""
    words = _split(text.folded)
    place = 0
    while place < len(words.words):
        sighting = _sighted(directory, words, place)
        place += len(sighting.toponym.name) if sighting else 1
        if sighting and sighting.names_a_place(own_region):
            yield Mention(sighting.toponym, sighting.quoted, sighting.kind, sighting.passing)


def _split(folded: str) -> Words:
    found = list(_WORD.finditer(folded))
    return Words(
        folded,
        [each.group() for each in found],
        [each.start() for each in found],
        [each.end() for each in found],
    )


def _sighted(directory: SettlementDirectory, words: Words, place: int) -> _Sighting | None:
    """The longest name that stands here."""
    for toponym in directory.by_form.get(words.words[place], ()):
        if toponym.stands_at(words.words, place):
            return _Sighting(toponym, words, place, place + len(toponym.name) - 1)
    return None


def _may_be_called(settlement: Settlement, kind: str | None) -> bool:
    if kind == "town":
        return settlement.is_town or settlement.kind in URBAN
    return kind in (None, "any") or not settlement.is_town


class _Sighting:
    """A name in a text, and what stands around it."""

    def __init__(self, toponym: Toponym, words: Words, first: int, last: int) -> None:
        self.toponym = toponym
        start, end = words.starts[first], words.ends[last]
        self.before = words.folded[max(0, start - _LOOKED_BACK) : start]
        self.after = words.folded[end : end + _LOOKED_AHEAD]
        self.name = words.words[first : last + 1]
        self.quoted = words.folded[start:end]

    @cached_property
    def _kind_word(self) -> re.Match[str] | None:
        return _KIND_BEFORE.search(self.before)

    @cached_property
    def kind(self) -> str | None:
        """What the text calls it: town, urban or village; None where it does not say."""
        found = self._kind_word
        if found is None:
            return "village" if _KIND_AFTER.match(self.after) else None
        kind = found.lastgroup
        if (kind == "town" and _YEAR_BEFORE.search(self.before)) or (
            found["village"] == "с" and not self.undeclined
        ):
            return None
        return kind

    @property
    def undeclined(self) -> bool:
        """Whether it stands as in a directory."""
        return tuple(self.name) == self.toponym.name

    @property
    def passing(self) -> bool:
        """Whether it is where a journey leads."""
        return _JOURNEY.search(self.before) is not None

    def names_a_place(self, own_region: str) -> bool:
        """Whether the name is a settlement's here, and not a street's, a person's or an ordinary word."""
        if self._of_another_region(own_region) or self._on_a_route():
            return False
        if self.kind is not None:
            return not _REFUSED_AFTER.match(self.after)
        if self._is_a_streets():
            return False
        if (
            self.toponym.after_a_person
            or _REFUSED_BEFORE.search(self.before)
            or _REFUSED_AFTER.match(self.after)
        ):
            return False
        return self._in_an_address() or self._beside_its_district() or self._by_itself()

    def _of_another_region(self, own_region: str) -> bool:
        before = self.before[: self._kind_word.start()] if self._kind_word else self.before
        found = _OTHER_REGION_AFTER.match(self.after) or _OTHER_REGION_BEFORE.search(before)
        return found is not None and not own_region.startswith(found[1])

    def _on_a_route(self) -> bool:
        """«Курск – Воронеж» is a road, a train, a bus."""
        other = _ROUTE_AFTER.match(self.after) or _ROUTE_BEFORE.search(self.before)
        return other is not None and may_be_a_place(other[1])

    def _is_a_streets(self) -> bool:
        """«Магнитный проезд»; «Курск проспект Победы» is an address."""
        return _STREET_AFTER.match(self.after) is not None and read_word(self.name[-1]) == "adjective"

    def _in_an_address(self) -> bool:
        before = _IN_ADDRESS_BEFORE.search(self.before)
        beginning = before or _PART_BEGINS.search(self.before)
        whole = before and _PART_ENDS.match(self.after)
        return self.undeclined and bool(whole or (beginning and _IN_ADDRESS_AFTER.match(self.after)))

    def _beside_its_district(self) -> bool:
        earlier, later = _DISTRICT_BESIDE
        return bool(earlier.search(self.before) or later.match(self.after))

    def _by_itself(self) -> bool:
        if len(self.name) > 1:
            return self._several_words()
        match read_word(self.name[0]):
            case "ordinary":
                return False
            case "adjective":
                return self.toponym.prominent and self._stands_behind(_LOCATED) and not self._continued()
            case "person":
                return self._stands_behind(_LOCATED, _GOVERNED)
        return self.toponym.prominent or self.undeclined or self._stands_behind(_LOCATED, _NEAR, _GOVERNED)

    def _stands_behind(self, *patterns: re.Pattern[str]) -> bool:
        return any(pattern.search(self.before) for pattern in patterns)

    def _several_words(self) -> bool:
        ordinary = all(read_word(word) in ("adjective", "ordinary") for word in self.name)
        return not ordinary or (self.toponym.prominent and not self._continued())

    def _continued(self) -> bool:
        """Whether an adjective goes on: «в горшечном цехе»."""
        following = _WORD.match(self.after, 1) if self.after[:1] == " " else None
        return following is not None and continues_phrase(following.group())
