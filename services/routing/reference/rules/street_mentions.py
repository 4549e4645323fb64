"""Streets that an appeal names, with or without a house: «на улице Ленина третий день», «Ленина, 12», «(Песчаная)».

What is read here is compared with streets that are known, or with those of another appeal: a reading that is no street's
name is nobody's, so that one too many costs nothing. Where a street ends and the sentence goes on nobody can tell, so
that «улице Карла Маркса нет воды» is read as «Маркса», «Маркса нет» and so on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain, islice
from typing import Final

from chassis.normal import NormalText, normalise
from services.routing.reference.rules.addresses import Street, kind_of_street, street_key

MOST_WORDS: Final = 3  # of a street's name
# Who writes more letters, or more numbers and words for streets, has named the street by then.
MOST_READ: Final = 3000
MOST_TOKENS: Final = 60
Words = Sequence[str]
_HOUSE_WORD: Final = r"дом(?:ом|[ауе])?|д"
_NO_NAME: Final = (
    rf"{_HOUSE_WORD}|корпус|корп|кв|квартир[аеуы]|подъезде?|этаж|офис|в|на|по|и|у|с|от|до|около|возле|напротив|между|мимо|вдоль"
    r"|рядом|адресу?|город|гор|г|село|деревня|поселок|п|пгт|рп|область|обл|район|р-н|не|нет|без|за|что|как|уже|нам|нас|наш[аеи]?й?"
)
_BEGIN: Final = r"(?<![а-я0-9-])"
_END: Final = r"(?![а-я0-9-])"
_WORD: Final = rf"(?!(?:{_NO_NAME}){_END})[а-я0-9]+(?:-[а-я0-9]+)*{_END}"
_NAME: Final = rf"(?P<name>{_WORD}(?:(?: |(?<=[^а-я][а-я])\. ?){_WORD}){{0,{MOST_WORDS - 1}}})"
_TOKEN: Final = re.compile(r"[а-я0-9]+(?:-[а-я0-9]+)*")
_AFTER_KIND: Final = re.compile(rf'\.? ?[«"]?{_NAME}')
_AFTER_PREPOSITION: Final = re.compile(f" {_NAME}")
_BEFORE_KIND: Final = re.compile(rf'{_BEGIN}{_NAME}[»"]? $')
_BEFORE_HOUSE: Final = re.compile(rf"{_BEGIN}{_NAME},? ?(?:(?:{_HOUSE_WORD}){_END}\.?,? ?)?(?:№ ?)?$")
_LONGEST_NAME: Final = 70  # letters, with a house's word
_PREPOSITIONS: Final = frozenset(("на", "по"))
# What stands between signs is a part of its own: «нет воды, Ленина, третий день», «(Песчаная)», «Ленина – сухо».
_PARTS: Final = re.compile(r"[.,;:!?()\[\]/]|(?<= )-(?= )")
_NOT_OF_NAME: Final = re.compile(
    rf"^ ?(?:(?:на|по|с|адрес|адресу) )?|(?: (?:{_HOUSE_WORD}))?(?: [1-9][0-9]{{0,3}}[а-ж]?)? ?$"
)
_WHOLE: Final = re.compile(_NAME)


def _heads(words: Words) -> Iterator[Words]:
    """The first word, the first two …; none that ends between capitals: «Красной Армии» is not «Красная»."""
    return (words[:count] for count in range(1, len(words) + 1) if not _is_within_name(words, count))


def _is_within_name(words: Words, count: int) -> bool:
    around = words[count - 1 : count + 1]
    return len(around) > 1 and all(word[0].isupper() for word in around)


def _tails(words: Words) -> Iterator[Words]:
    """The last word, the last two …"""
    return (words[-count:] for count in range(1, len(words) + 1))


@lru_cache(maxsize=4096)
def _kind(word: str) -> str | None:
    return kind_of_street(word)


@lru_cache(maxsize=8192)
def _key(name: str) -> str:
    return street_key(name)


def find_streets(address: str | None, text: str) -> frozenset[Street]:
    """The streets that an address and a text may name; `kind` is "" where none stands beside the name."""
    return frozenset(chain(_streets_in(address or "", is_address=True), _streets_in(text, is_address=False)))


def _streets_in(written: str, *, is_address: bool) -> Iterator[Street]:
    normal = normalise(written[:MOST_READ])
    for token in islice(filter(_may_stand_beside_name, _TOKEN.finditer(normal.folded)), MOST_TOKENS):
        word = token.group()
        kind = _kind(word)
        if kind is not None:
            yield from _beside_kind(normal, token, kind)
        elif word[0].isdigit():
            words = _words_before(normal, token, _BEFORE_HOUSE)
            yield from _named(_tails(words), "") if _has_no_kind(words) else ()
        else:
            words = _words_after(normal, token, _AFTER_PREPOSITION)
            yield from _named(_heads(words), "") if _has_capital(words) and _has_no_kind(words) else ()
    parts = (_split(_NOT_OF_NAME.sub("", part)) for part in _PARTS.split(normal.text))
    alone = (words for words in parts if _is_name(words) and (is_address or _has_capital(words)))
    yield from _named(islice(alone, MOST_TOKENS), "")


def _may_stand_beside_name(token: re.Match[str]) -> bool:
    """A kind of street, the number of a house, «на»."""
    word = token.group()
    return word[0].isdigit() or word in _PREPOSITIONS or _kind(word) is not None


def _beside_kind(normal: NormalText, token: re.Match[str], kind: str) -> Iterator[Street]:
    """«улица Карла Маркса», «Московский проспект»."""
    yield from _named(_heads(_words_after(normal, token, _AFTER_KIND)), kind)
    yield from _named(_tails(_words_before(normal, token, _BEFORE_KIND)), kind)


def _words_after(normal: NormalText, token: re.Match[str], form: re.Pattern[str]) -> Words:
    found = form.match(normal.folded, token.end())
    return _split(normal.text[slice(*found.span("name"))]) if found else ()


def _words_before(normal: NormalText, token: re.Match[str], form: re.Pattern[str]) -> Words:
    begin = max(0, token.start() - _LONGEST_NAME)
    found = form.search(normal.folded[begin : token.start()])
    return _split(normal.text[begin:][slice(*found.span("name"))]) if found else ()


def _split(name: str) -> Words:
    return name.replace(".", " ").split()


def _has_no_kind(words: Words) -> bool:
    """What has its kind beside it is read with that."""
    return all(_kind(word.lower()) is None for word in words)


def _has_capital(words: Words) -> bool:
    """Whether a name begins with one, but for «3-я Песчаная»."""
    return next((word for word in words if not word[0].isdigit()), "")[:1].isupper()


def _is_name(words: Words) -> bool:
    return _WHOLE.fullmatch(" ".join(words).lower()) is not None and _has_no_kind(words)


def _named(pieces: Iterable[Words], kind: str) -> Iterator[Street]:
    keys = (_key(" ".join(words)) for words in pieces)
    return (Street(key, kind) for key in keys if any(map(str.isalpha, key)))
