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
# Every token is written as one letter, so that patterns read tokens as others read letters: kinds of streets in full and
# abbreviated, words before a house and before its block, words behind which a street may stand, words for settlements and
# others that are no names; names, those that end as adjectives, ordinals, numbers, and numbers that count something; signs.
_FULL, _SHORT, _HOUSE, _BLOCK, _PLACE, _TOWN, _ORDINARY = "Kkhbpto"
_WORD, _ADJECTIVE, _ORDINAL, _NUMBER, _COUNT, _QUOTE, _SIGN = "WARNnq#"
_LETTERS: Final = {
    **dict.fromkeys(_WORDS["ordinary"], _ORDINARY),
    **dict.fromkeys(_WORDS["towns"], _TOWN),
    **dict.fromkeys(_WORDS["placing"], _PLACE),
    **dict.fromkeys(_WORDS["blocks"], _BLOCK),
    **dict.fromkeys(_WORDS["houses"], _HOUSE),
    **dict.fromkeys(_WORDS["kinds"], _FULL),
    **dict.fromkeys(_WORDS["abbreviated"], _SHORT),
    **dict.fromkeys('«»"', _QUOTE),
    "№": _SIGN,
}
_ADJECTIVE_ENDS: Final = tuple(_WORDS["adjectives"])
_COUNTED: Final = re.compile("|".join(sorted(_WORDS["counted"])) + "|:")
_NAME: Final = "(?P<name>[WA]R[WA]|[NnR]?[WA]{1,3})"
_AT_HOUSE: Final = r"(?:q?(?:[,.#]*h[.#]*(?P<named>[Nn])|[,.]?(?P<bare>N))(?:,?b\.?(?P<block>[Nn]))?)"
_BEHIND_KIND: Final = re.compile(rf"(?:k[.q]*|Kq*){_NAME}{_AT_HOUSE}?")
_BEFORE_KIND: Final = re.compile(rf"(?P<name>(?:[NnR](?=A))?A)[Kk]\.?(?![WA]){_AT_HOUSE}?")
_PLACED: Final = re.compile(f"(?=[ph]{_NAME})")
_LEADING: Final = re.compile(rf"(?<![^.,:;()!?q-]){_NAME}(?:(?=[,:;().]|$)|(?={_AT_HOUSE}))")
_FIRST: Final = re.compile(_NAME)
_NAMED_HOUSE: Final = re.compile(_AT_HOUSE)
_ONLY_HOUSE: Final = re.compile(r"[h.#]*(?P<bare>[Nn])(?:b\.?(?P<block>[Nn]))?(?!.*[WA])")
_BARE_STREET: Final = re.compile(rf"(?!.*[tKk])(?P<name>[NnR]?[WAoR]*[WA][WAoR]*){_AT_HOUSE}?")
_CLOSING: Final = frozenset('.,:;()!?-qNn"')
_LONGEST: Final = 2  # words of a street's name that goes on into the sentence
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
        self._sure: dict[str, str] = {}
        self._maybe: dict[str, None] = {}
        self._houses: dict[str, None] = {}

    def add_sure(self, keys: Iterable[str], written: str) -> None:
        """Keys of one street."""
        self._sure = {**dict.fromkeys(keys, written), **self._sure}

    def add_maybe(self, keys: Iterable[str]) -> None:
        """Keys of what may be a street."""
        self._maybe.update(dict.fromkeys(keys))

    def add_house(self, tokens: Sequence[str], match: re.Match[str]) -> None:
        """The house of a match, if it has one."""
        at, block = max(_place(match, "named"), _place(match, "bare")), _place(match, "block")
        if at < 0:
            return
        house = read_house(tokens[at] + (f"к{tokens[block]}" if block >= 0 else ""))
        self._houses.update({str(house): None} if house else {})

    def streets(self) -> Streets:
        """All of it."""
        maybe = [key for key in self._maybe if key not in self._sure][:_MOST_MAYBE]
        written = next(iter(self._sure.values()), None)
        return Streets(frozenset(self._sure), frozenset(maybe), frozenset(self._houses), written)


def _place(match: re.Match[str], name: str) -> int:
    return match.start(name) if name in match.re.groupindex else -1


@lru_cache(maxsize=32_768)
def _key_of(name: str) -> str:
    return street_key(name)


@lru_cache(maxsize=32_768)
def _letter_of(token: str) -> str:
    if token in _LETTERS:
        return _LETTERS[token]
    if token[0].isdigit():
        return _ORDINAL if "-" in token else _NUMBER
    if not token[0].isalpha():
        return token
    if len(token) < _SHORTEST:
        return _ORDINARY
    return _ADJECTIVE if token.endswith(_ADJECTIVE_ENDS) else _WORD


def _letters_of(tokens: Sequence[str]) -> str:
    """One letter a token."""
    letters = "".join(map(_letter_of, tokens))
    if _NUMBER not in letters:
        return letters
    return "".join(
        _COUNT if letter == _NUMBER and _COUNTED.match(after) else letter
        for letter, after in zip(letters, (*tokens[1:], ""), strict=True)
    )


def _keys(words: Sequence[str], *, whole: bool) -> Iterator[str]:
    """Of a name, and where it may go on into the sentence also of its beginning."""
    least = len(words) if whole else 1 + words[0][0].isdigit()
    keys = (_key_of(" ".join(words[:length])) for length in range(least, len(words) + 1))
    return (key for key in keys if len(key) >= _SHORTEST)


def streets_in_text(folded: str) -> Streets:
    """What a text in its normal form and small letters names."""
    tokens = _TOKEN.findall(folded)
    letters = _letters_of(tokens)
    found = _Found()
    _beside_kinds(tokens, letters, found)
    for match in _LEADING.finditer(letters):
        found.add_maybe(_keys(tokens[slice(*match.span("name"))], whole=True))
        found.add_house(tokens, match)
    if first := _FIRST.match(letters):
        found.add_maybe(_keys(tokens[: first.end()], whole=False))
    for match in _PLACED.finditer(letters):
        found.add_maybe(_keys(tokens[slice(*match.span("name"))], whole=False))
    for match in _NAMED_HOUSE.finditer(letters):
        if match["named"]:
            found.add_house(tokens, match)
    return found.streets()


def _beside_kinds(tokens: Sequence[str], letters: str, found: _Found) -> None:
    """«ул. Ленина, д. 5», «Садовая улица 5», «7-му Промышленному переулку»."""
    for match in _BEHIND_KIND.finditer(letters):
        start, end = match.span("name")
        words = tokens[start:end]
        is_short = end - start <= _LONGEST or letters[start] in "Nn"
        closed = is_short and letters[end : end + 1] in ("", *_CLOSING)
        found.add_sure(
            _keys(words, whole=closed), _written(tokens[match.start()], words if closed else words[:1])
        )
        found.add_house(tokens, match)
    for match in _BEFORE_KIND.finditer(letters):
        start, end = match.span("name")
        found.add_sure(_keys(tokens[start:end], whole=True), _written(tokens[end], tokens[start:end]))
        found.add_house(tokens, match)


def streets_in_address(folded: str) -> Streets:
    """What an address names: of its parts the one that is no settlement, district or region."""
    found = _Found()
    for part in folded.split(","):
        tokens = _TOKEN.findall(part)
        letters = _letters_of(tokens)
        _beside_kinds(tokens, letters, found)
        if bare := _BARE_STREET.match(letters):
            words = tokens[: bare.end("name")]
            found.add_sure(_keys(words, whole=True), _written("ул", words))
        if house := bare or _ONLY_HOUSE.match(letters):
            found.add_house(tokens, house)
    return found.streets()


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
