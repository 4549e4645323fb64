"""Streets and houses that an address or a text names, as people name them: «ул. Ленина, д. 5», «на Ленина 5», «дом 5, Садовая».

A street is known by its key (`reference.rules.addresses.street_key`). Where a word says that it is one («улица», «пер.»), or
an address holds it, it is sure. A name that only stands where a street would («на Ленина», «Ленина 5», «Ленина: …») may be
one: it counts where somebody else surely means that street.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Final

from services.routing.reference.rules.addresses import street_key
from services.routing.reference.rules.houses import read_house

_TOKEN: Final = re.compile(
    r"[а-я]+(?:-[а-я]+)*|\d+(?:к\d{1,2}|[а-я](?![а-я])|-?[а-я]{1,2}(?![а-я])|/\d+[а-я]?)*|[^\sа-я0-9]"
)


def _load_words() -> dict[str, frozenset[str]]:
    text = (files(__package__) / "street_words.txt").read_text(encoding="utf-8")
    lines = (line.split(": ") for line in text.splitlines() if not line.startswith("#"))
    return {name: frozenset(words.split()) for name, words in lines}


_WORDS: Final = _load_words()
_ABBREVIATED, _TOWNS, _HOUSES = _WORDS["abbreviated"], _WORDS["towns"], _WORDS["houses"]
_BLOCKS, _PLACING = _WORDS["blocks"], _WORDS["placing"]
_KINDS: Final = _ABBREVIATED | _WORDS["kinds"]
_NO_NAMES: Final = _KINDS | _TOWNS | _HOUSES | _BLOCKS | _WORDS["ordinary"]
_ADJECTIVE_ENDS: Final = tuple(_WORDS["adjectives"])
# What a number counts when it is no house.
_COUNTED: Final = re.compile("|".join(sorted(_WORDS["counted"])))
_PUNCTUATION: Final = frozenset('.,:;()!?-«»"')
_ENDS: Final = frozenset(",:;().")
_BEFORE_A_HOUSE: Final = frozenset(",.№")
_LONGEST: Final = 2  # words of a street's name beside its number
_SHORTEST: Final = 3
_MOST_MAYBE: Final = 6


@dataclass(frozen=True, slots=True)
class Streets:
    """Keys of streets, and numbers of houses in one form («5», «5к2»). `sure`: named as streets; `maybe`: names that may be
    one; `houses`: of all of them together; `written`: the first sure one, as it is called."""

    sure: frozenset[str] = frozenset()
    maybe: frozenset[str] = frozenset()
    houses: frozenset[str] = frozenset()
    written: str | None = None


class _Found:
    """What has been found so far, in its order."""

    def __init__(self) -> None:
        self.sure: dict[str, str] = {}
        self._maybe: dict[str, None] = {}
        self._houses: dict[str, None] = {}

    def add_sure(self, keys: Iterable[str], written: str) -> None:
        """Keys of one street."""
        for key in keys:
            self.sure.setdefault(key, written)

    def add_maybe(self, keys: Iterable[str]) -> None:
        """Keys of what may be a street."""
        self._maybe.update(dict.fromkeys(keys))

    def add_house(self, house: str | None) -> None:
        """A house, if it is one."""
        if house:
            self._houses[house] = None

    def streets(self) -> Streets:
        """All of it."""
        maybe = [key for key in self._maybe if key not in self.sure][:_MOST_MAYBE]
        written = next(iter(self.sure.values()), None)
        return Streets(frozenset(self.sure), frozenset(maybe), frozenset(self._houses), written)


@lru_cache(maxsize=32_768)
def _key_of(name: str) -> str:
    return street_key(name)


def _is_number(token: str) -> bool:
    return token[0].isdigit()


def _is_name(token: str) -> bool:
    return len(token) >= _SHORTEST and token[0].isalpha() and token not in _NO_NAMES


def _name_at(tokens: Sequence[str], at: int) -> Sequence[str]:
    """The words of a name from `at` on, with its number in front («3-я Песчаная», «50 лет Октября»)."""
    place = at
    if place + 1 < len(tokens) and _is_number(tokens[place]) and _is_name(tokens[place + 1]):
        place += 1
    while place < len(tokens) and place - at <= _LONGEST and _is_name(tokens[place]):
        place += 1
    return tokens[at:place]


def _keys(words: Sequence[str], *, whole: bool) -> Iterator[str]:
    """Of a name, and where it may go on into the sentence also of its beginning."""
    if not words:
        return
    least = len(words) if whole else 2 if _is_number(words[0]) else 1
    for length in range(least, len(words) + 1):
        key = _key_of(" ".join(words[:length]))
        if len(key) >= _SHORTEST:
            yield key


def _house_at(tokens: Sequence[str], at: int) -> str | None:
    """The house that stands at `at`, perhaps behind «,» and «дом»; not what counts days, people or money."""
    place = at
    while place < len(tokens) and (tokens[place] in _BEFORE_A_HOUSE or tokens[place] in _HOUSES):
        place += 1
    if place >= len(tokens) or not _is_number(tokens[place]):
        return None
    number, after = tokens[place], tokens[place + 1 : place + 4]
    is_named = not _HOUSES.isdisjoint(tokens[at:place])
    if after and not is_named and (_COUNTED.match(after[0]) or _is_time(after)):
        return None
    return _house_of(number, after)


def _house_of(number: str, after: Sequence[str]) -> str | None:
    """With the block that follows it."""
    is_followed = bool(after) and after[0] in _BLOCKS
    block = next(filter(_is_number, after[1:]), None) if is_followed else None
    house = read_house(f"{number}к{block}" if block else number)
    return str(house) if house else None


def _is_time(after: Sequence[str]) -> bool:
    return after[0] == ":" and len(after) > 1 and _is_number(after[1])


def streets_in_text(folded: str) -> Streets:
    """What a text in its normal form and small letters names."""
    tokens = _TOKEN.findall(folded)
    found = _Found()
    for at, token in enumerate(tokens):
        if token in _KINDS:
            _behind_kind(tokens, at, found)
            _before_kind(tokens, at, found)
            continue
        if token in _HOUSES:
            found.add_house(_house_at(tokens, at))
        if token in _PLACING:
            found.add_maybe(_keys(_name_at(tokens, at + 1), whole=False))
        if at == 0 or tokens[at - 1] in _PUNCTUATION:
            _leading(tokens, at, found)
    return found.streets()


def _behind_kind(tokens: Sequence[str], at: int, found: _Found) -> None:
    skipped = '.«"' if tokens[at] in _ABBREVIATED else '«"'
    start = at + 1
    while start < len(tokens) and tokens[start] in skipped:
        start += 1
    words = _name_at(tokens, start)
    if not words:
        return
    end = start + len(words)
    is_short = len(words) <= _LONGEST or _is_number(words[0])
    closed = is_short and (end >= len(tokens) or tokens[end] in _PUNCTUATION or _is_number(tokens[end]))
    found.add_sure(_keys(words, whole=closed), _written(tokens[at], words if closed else words[:1]))
    found.add_house(_house_at(tokens, end))


def _before_kind(tokens: Sequence[str], at: int, found: _Found) -> None:
    """«Садовая улица», «7-му Промышленному переулку»."""
    name = tokens[at - 1] if at else ""
    if not _is_name(name) or not name.endswith(_ADJECTIVE_ENDS):
        return
    number = tokens[at - 2] if at > 1 and _is_number(tokens[at - 2]) and "-" in tokens[at - 2] else ""
    words = [number, name] if number else [name]
    found.add_sure(_keys(words, whole=True), _written(tokens[at], words))
    found.add_house(_house_at(tokens, at + 1))


def _leading(tokens: Sequence[str], at: int, found: _Found) -> None:
    """What begins a part of a sentence and ends with it, or with a house."""
    words = _name_at(tokens, at)
    if not words:
        return
    end = at + len(words)
    if end >= len(tokens) or tokens[end] in _ENDS:
        found.add_maybe(_keys(words, whole=True))
    house = _house_at(tokens, end)
    found.add_house(house)
    if house or at == 0:
        found.add_maybe(_keys(words, whole=bool(house)))


def streets_in_address(folded: str) -> Streets:
    """What an address names: of its parts the one that is no settlement, district or region."""
    found = _Found()
    for part in folded.split(","):
        tokens = _TOKEN.findall(part)
        if tokens and _is_house(tokens):
            found.add_house(_house_at(tokens, 0))
        elif tokens:
            _part_of_address(tokens, found)
    return found.streets()


def _is_house(tokens: Sequence[str]) -> bool:
    named = tokens[0] in _HOUSES and not any(map(_is_name, tokens))
    return named or (_is_number(tokens[0]) and (len(tokens) < _SHORTEST or tokens[1] in _BLOCKS))


def _part_of_address(tokens: Sequence[str], found: _Found) -> None:
    kind = next((at for at, token in enumerate(tokens) if token in _KINDS), None)
    if kind is None and not _TOWNS.isdisjoint(tokens):
        return
    rest = [token for at, token in enumerate(tokens) if at != kind and token not in ("«", '"')]
    start = next((at for at, part in enumerate(rest) if part != "."), len(rest))
    end = start
    while end < len(rest) and (rest[end][0].isalpha() or end == start) and rest[end] not in _HOUSES:
        end += 1
    words = rest[start:end]
    if any(word[0].isalpha() for word in words):
        found.add_sure(_keys(words, whole=True), _written("ул" if kind is None else tokens[kind], words))
        found.add_house(_house_at(rest, end))


_SHOWN: Final = {
    "ул": "ул.",
    "пр": "просп.",
    "пер": "пер.",
    "пл": "пл.",
    "б": "б-р",
    "наб": "наб.",
    "м": "мкр",
    "кв": "кв-л",
    "пр-з": "проезд",
    "пр-д": "проезд",
    "проезд": "проезд",
}


def _written(kind: str, words: Sequence[str]) -> str:
    """«ул. Карла Маркса»."""
    begins = [begin for begin in _SHOWN if kind.startswith(begin)]
    shown = _SHOWN[max(begins, key=len)] if begins else kind
    return " ".join((shown, *(word if word == "лет" else word.capitalize() for word in words)))
