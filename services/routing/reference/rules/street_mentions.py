"""Streets that an appeal names, with or without a house: «на улице Ленина третий день», «Ленина, 12», «(Песчаная)».

What is read here is compared with streets that are known, or with those of another appeal: a reading that is no street's
name is nobody's, so that one too many costs nothing. Where a street ends and the sentence goes on nobody can tell, so
that «улице Карла Маркса нет воды» is read as «Маркса», «Маркса нет» and so on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from chassis.normal import normalise
from services.routing.reference.rules.addresses import Street, kind_of_street, street_key

MOST_WORDS: Final = 3  # of a street's name
_TOKEN: Final = re.compile(r"[а-яА-Я0-9]+(?:-[а-яА-Я0-9]+)*")
# Between the words of one name; after an abbreviation or an initial a full stop as well.
_WITHIN: Final = frozenset({"", " ", ' "', " «", "«", '"', "» ", '" '})
_AFTER_ABBREVIATION: Final = frozenset({".", ". ", '. "', ". «"})
_LONGEST_ABBREVIATION: Final = 5
_BEFORE_HOUSE: Final = frozenset({" ", ",", ", ", " , ", ". ", " №", ", №", " № "})
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,3}(?:-?[а-ж])?(?:к[0-9]+)?")
_HOUSE_WORDS: Final = frozenset(["дом", "дома", "доме", "дому", "домом", "д"])
_NO_NAMES: Final = _HOUSE_WORDS | frozenset(
    [
        "корпус",
        "корп",
        "кв",
        "квартира",
        "квартире",
        "подъезд",
        "подъезде",
        "этаж",
        "офис",
        "в",
        "на",
        "по",
        "и",
        "у",
        "с",
        "от",
        "до",
        "около",
        "возле",
        "напротив",
        "между",
        "мимо",
        "вдоль",
        "рядом",
        "адресу",
        "адрес",
        "город",
        "г",
        "гор",
        "село",
        "деревня",
        "поселок",
        "п",
        "пгт",
        "рп",
        "область",
        "обл",
        "район",
        "р-н",
        "не",
        "нет",
        "без",
        "за",
        "что",
        "как",
        "уже",
        "нам",
        "нас",
        "наш",
        "наша",
        "нашей",
        "нашем",
    ]
)
_LEADING_IN: Final = frozenset(["на", "по", "с", "адрес", "адресу"])
# What stands between signs is a part of its own: «нет воды, Ленина, третий день», «(Песчаная)», «Ленина – сухо».
_PARTS: Final = re.compile(r"[.,;:!?()\[\]/]|(?<= )-(?= )")


@dataclass(frozen=True, slots=True)
class _Token:
    word: str
    start: int
    end: int
    capital: bool
    kind: str | None

    @property
    def may_name(self) -> bool:
        return self.kind is None and self.word not in _NO_NAMES


@lru_cache(maxsize=4096)
def _kind(word: str) -> str | None:
    return kind_of_street(word)


def find_streets(address: str | None, text: str) -> frozenset[Street]:
    """The streets that an address and a text may name; `kind` is "" where none stands beside the name."""
    return frozenset((*_streets_in(address or "", is_address=True), *_streets_in(text, is_address=False)))


def _streets_in(written: str, *, is_address: bool) -> Iterator[Street]:
    if not written:
        return
    normal = normalise(written)
    plain, folded = normal.text, normal.folded
    tokens = [
        _Token(
            word := match.group().lower(), match.start(), match.end(), match.group()[0].isupper(), _kind(word)
        )
        for match in _TOKEN.finditer(plain)
    ]
    for place, token in enumerate(tokens):
        if token.kind is not None:
            yield from _beside_kind(tokens, place, folded)
        elif _is_house(tokens, place, folded):
            yield from _before_house(tokens, place, folded)
        elif token.word in _LEADING_IN:
            yield from _after_preposition(tokens, place, folded)
    for part in _PARTS.split(plain):
        yield from _standing_alone(part, is_address=is_address)


def _belong_together(tokens: Sequence[_Token], place: int, folded: str) -> bool:
    """Whether a word and the next one may be of one name, or a kind and its name."""
    token, following = tokens[place], tokens[place + 1]
    gap = folded[token.end : following.start]
    short = len(token.word) == 1 or (token.kind is not None and len(token.word) <= _LONGEST_ABBREVIATION)
    return gap in _WITHIN or (short and gap in _AFTER_ABBREVIATION)


def _beside_kind(tokens: Sequence[_Token], place: int, folded: str) -> Iterator[Street]:
    """«улица Карла Маркса», «Московский проспект»."""
    kind = tokens[place].kind or ""
    for words in (*_following(tokens, place, folded), *_preceding(tokens, place, folded)):
        yield from _named(words, kind)


def _following(tokens: Sequence[_Token], place: int, folded: str) -> Iterator[list[str]]:
    """The next one, two, three words; not one of them alone where the next begins with a capital, being part of the name.

    «Улица Майский Бульвар» ends with a word that else is a kind.
    """
    words: list[str] = []
    for number in range(place + 1, min(len(tokens), place + 1 + MOST_WORDS)):
        before, token = tokens[number - 1], tokens[number]
        if not _belong_together(tokens, number - 1, folded) or token.word in _NO_NAMES:
            break
        if words and (token.word.isdigit() or token.kind == ""):
            break  # the number of a house
        if words and not (token.capital and before.capital):
            yield list(words)
        if token.kind is not None:
            if words:
                yield [*words, token.word]
            return
        words.append(token.word)
    yield words


def _preceding(tokens: Sequence[_Token], place: int, folded: str) -> Iterator[list[str]]:
    """The one, two, three words before."""
    if place and _belong_together(tokens, place - 1, folded):
        yield from _ending_at(tokens, place - 1, folded)


def _ending_at(tokens: Sequence[_Token], last: int, folded: str) -> Iterator[list[str]]:
    words: list[str] = []
    for number in range(last, max(-1, last - MOST_WORDS), -1):
        token = tokens[number]
        if not token.may_name or (words and not _belong_together(tokens, number, folded)):
            return
        words.insert(0, token.word)
        yield list(words)


def _is_house(tokens: Sequence[_Token], place: int, folded: str) -> bool:
    """Whether a number stands where that of a house does."""
    return _NUMBER.fullmatch(tokens[place].word) is not None and not folded.startswith("-", tokens[place].end)


def _before_house(tokens: Sequence[_Token], place: int, folded: str) -> Iterator[Street]:
    """«Ленина, 12», «Карла Маркса д. 5»; what has its kind beside it is read with that."""
    last = place - 1
    while last >= 0 and tokens[last].word in _HOUSE_WORDS:
        last -= 1
    if last >= 0 and _stands_before(tokens, last, folded):
        for words in _ending_at(tokens, last, folded):
            yield from _named(words, "")


def _stands_before(tokens: Sequence[_Token], last: int, folded: str) -> bool:
    gap = folded[tokens[last].end : tokens[last + 1].start]
    near = tokens[max(0, last - MOST_WORDS) : last + 1]
    return gap in _BEFORE_HOUSE and all(each.kind is None for each in near)


def _after_preposition(tokens: Sequence[_Token], place: int, folded: str) -> Iterator[Street]:
    """«на Ленина нет воды»: a name with a capital that is no kind's."""
    following = tokens[place + 1 : place + 2]
    if following and following[0].capital and not _kind_follows(tokens, place + 1):
        for words in _following(tokens, place, folded):
            yield from _named(words, "")


def _kind_follows(tokens: Sequence[_Token], place: int) -> bool:
    return any(each.kind is not None for each in tokens[place : place + MOST_WORDS + 1])


def _standing_alone(part: str, *, is_address: bool) -> Iterator[Street]:
    """A name by itself, with a capital; in an address however it is written."""
    found = _TOKEN.findall(part)
    while found and (found[-1].lower() in _HOUSE_WORDS or _NUMBER.fullmatch(found[-1].lower())):
        found.pop()
    if found and found[0].lower() in _LEADING_IN:
        found = found[1:]
    words = [word.lower() for word in found]
    named = next((word for word in found if not word[0].isdigit()), "")
    if len(words) > MOST_WORDS or not named or not (is_address or named[0].isupper()):
        return
    if not any(word in _NO_NAMES or _kind(word) is not None for word in words):
        yield from _named(words, "")


def _named(words: Sequence[str], kind: str) -> Iterator[Street]:
    key = street_key(" ".join(words))
    if key and not key.replace(" ", "").isdigit():
        yield Street(key, kind)
