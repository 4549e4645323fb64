"""Names of people whom nobody introduced: with initials, a first name or a patronymic, in capitals and small letters too.

A surname alone is somebody only behind words like «меня зовут» or «гражданин». Streets and institutions stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import takewhile

from services.intake.masking.draft import NAME, Draft, Span, is_capitalised
from services.intake.masking.initials import GENITIVE, beside_initials
from services.intake.masking.introductions import introduced
from services.intake.masking.name_lists import (
    AMBIGUOUS,
    FIRST_NAMES,
    is_patronymic,
    surname_kind,
)
from services.intake.masking.places import names_a_street

WORD = re.compile(r"[а-я]+(?:-[а-я]+){0,2}")
_SONS_AND_DAUGHTERS = ("оглы", "кызы", "гызы", "улы")
_LIKE_A_FATHER = (
    *(
        f"{base}{ending}"
        for base in ("вич", "ьич", "ыч", "мич", "тич", "кич")
        for ending in ("", "а", "у", "ем", "ом", "е")
    ),
    *(f"{base}{ending}" for base in ("вн", "ичн") for ending in ("а", "ы", "е", "у", "ой", "ою")),
    *_SONS_AND_DAUGHTERS,
)
_LAST_OF_FATHERS = frozenset(ending[-3:] for ending in _LIKE_A_FATHER)
# The same, found quickly by a letter.
_ENDS_LIKE_A_FATHER = tuple(
    re.compile(pattern)
    for pattern in (
        r"ч(?<=[иы]ч)(?:а|у|[ео]м|е)?(?![а-я])",
        r"вн(?:[аыеу]|ой|ою)(?![а-я])",
        r"чн(?<=ичн)(?:[аыеу]|ой|ою)(?![а-я])",
        r"лы(?<=[гу]лы)(?![а-я])",
        r"ызы(?<=[кг]ызы)(?![а-я])",
    )
)
_MOST_PARTS = 4
_HOUSE_BEHIND = re.compile(
    r",? ?(?:д\.? ?|дом[а-я]? ?|№ ?)?\d{1,3}(?:[а-я]|/\d{1,3})?(?![\d.а-я]| ?(?:лет|год|руб|кв))"
)
# What makes a name, in the kinds of its words (see `kinds_of`).
_PAIR = r"\w*[Ff]\w*\ \w*P"
_NAME_OF_KINDS = re.compile(
    rf"""
      (?:\w*[FfSsCP]\w*\ ){{2,}}\w*O            # «Мамедов Али Гасан оглы»
    | (?!.*O$)(?:
        # The first name and patronymic: with capitals any word with one may stand behind, before them a likely surname …
        (?:(?!{_PAIR})C\w*[MSs]\w*\ )* C\w*[Ff]\w*\ \w*P\w* (?:\ C\w*)*
        # … in small letters only surnames.
      | (?:(?!{_PAIR})\w*[Ss]\w*\ )* (?!C)\w*[Ff]\w*\ \w*P\w* (?:\ \w*[Ss]\w*)*
        # A surname and one of both, with capitals both or neither.
      | C\w*[FfP]\w*\ C\w*S | C\w*S\ C\w*[FfP]\w*
      | C\w*[FP]\w*\ C\w*s  | C\w*s\ C\w*[FP]\w*
      | (?!C)\w*[FfP]\w*\ (?!C)\w*S | (?!C)\w*S\ (?!C)\w*[FfP]\w*
      | (?!C)\w*F\w*\ (?!C)\w*s     | (?!C)\w*s\ (?!C)\w*F\w*
    )
    """,
    re.VERBOSE,
)
# «собственник Екатерина Муравьева»: the surer surname takes the first name.
_TAKEN_BY_NEXT = re.compile(r"[^S ]* \w*[Ff]\w* \w*S")


def hide_names(draft: Draft) -> None:
    """Hide whoever is named."""
    draft.hide(list(full_names(draft)), NAME)
    draft.hide(list(beside_initials(draft)), NAME)
    draft.hide(list(introduced(draft)), NAME)


def full_names(draft: Draft, *, with_father: bool = False) -> Iterator[Span]:
    """Where first names stand with a patronymic or a surname; `with_father`: with a patronymic only."""
    if not _may_name(draft):
        return
    tokens = list(WORD.finditer(draft.folded))
    near = _near_names([token.group() for token in tokens])
    kinds = {place: kinds_of(draft.text, tokens[place]) for place in near}
    end = 0
    for place in sorted(place for place, kind in kinds.items() if kind not in ("", "C")):
        row = _row_from(draft.text, tokens, kinds, place)
        count = _parts_of(row) if place >= end else 0
        if count:
            end = place + count
            span = tokens[place].start(), tokens[end - 1].end()
            if _is_somebody(draft, span, row[:count], with_father):
                yield span


def _is_somebody(draft: Draft, span: Span, kinds: Sequence[str], with_father: bool) -> bool:
    """Whether a name is a person's and no street's; `with_father`: only with a patronymic."""
    has_father = any("P" in each for each in kinds)
    if names_a_street(draft.text, *span, any_case="C" not in kinds[0], behind=not has_father):
        return False
    return has_father or not (with_father or _is_street_with_house(draft.folded, kinds[0], *span))


def _is_street_with_house(folded: str, first: str, start: int, stop: int) -> bool:
    """«на Сергея Есенина 12»: a first name, and a house behind the surname."""
    return (
        ("F" in first or "f" in first)
        and _HOUSE_BEHIND.match(folded, stop) is not None
        and folded[start:stop].endswith(GENITIVE)
    )


def _may_name(draft: Draft) -> bool:
    """Whether there is a first name, or a word that ends like a patronymic; most texts have none."""
    if FIRST_NAMES.isdisjoint(draft.words.all):
        return any(ending.search(draft.folded) for ending in _ENDS_LIKE_A_FATHER)
    return True


def _near_names(words: Sequence[str]) -> set[int]:
    """The places around first names and patronymics."""
    return {
        near
        for place, word in enumerate(words)
        if word in FIRST_NAMES or (word[-3:] in _LAST_OF_FATHERS and word.endswith(_LIKE_A_FATHER))
        for near in range(max(0, place - _MOST_PARTS + 1), min(len(words), place + _MOST_PARTS))
    }


def kinds_of(text: str, token: re.Match[str]) -> str:
    """What a word may be.

    C with a capital, M with one although no sentence begins; F first name, f one that is a word too; P patronymic, O «оглы» and
    its like, S and s surname for sure and likely: in this order.
    """
    word, start = token.group(), token.start()
    return _capital_of(text, start) + _first_of(word) + _family_of(word, in_capitals=text[start].isupper())


def _capital_of(text: str, start: int) -> str:
    if not is_capitalised(text, start):
        return ""
    before = text[start - 2 : start - 1]
    return "CM" if before.isalpha() or before == "," else "C"


def _first_of(word: str) -> str:
    if word not in FIRST_NAMES:
        return ""
    return "f" if word in AMBIGUOUS else "F"


def _family_of(word: str, *, in_capitals: bool) -> str:
    if word in _SONS_AND_DAUGHTERS:
        return "O"
    if is_patronymic(word, by_ending=in_capitals):
        return "P"
    return surname_kind(word)


def _row_from(
    text: str, tokens: Sequence[re.Match[str]], kinds: Mapping[int, str], place: int
) -> tuple[str, ...]:
    """The kinds of the words from here that nothing but a space or a hyphen stands between."""
    following = range(place + 1, min(place + _MOST_PARTS, len(tokens)))
    joined = takewhile(
        lambda near: text[tokens[near - 1].end() : tokens[near].start()] in (" ", "-"), following
    )
    return tuple([kinds.get(each, "") for each in (place, *joined)])


@lru_cache(maxsize=1024)  # kinds, not words
def _parts_of(row: tuple[str, ...]) -> int:
    """How many words of a row make a name, from its beginning; 0: none."""
    best = next((count for count in range(len(row), 1, -1) if _is_name(row[:count])), 0)
    return 0 if best == 2 and _TAKEN_BY_NEXT.match(" ".join(row)) else best


def _is_name(kinds: Sequence[str]) -> bool:
    """A first name and a patronymic, a surname before or behind them; or a surname and one of both."""
    return _NAME_OF_KINDS.fullmatch(" ".join(kinds)) is not None
