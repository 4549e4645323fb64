"""Names of people whom nobody introduced: with initials, a first name or a patronymic, in capitals and small letters too.

A surname alone is somebody only behind words like «меня зовут» or «гражданин». Streets and institutions stay.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import takewhile
from typing import Final

from services.intake.masking.draft import NAME, Draft, Span, is_capitalised
from services.intake.masking.introductions import introduced
from services.intake.masking.name_lists import (
    AMBIGUOUS,
    FIRST_NAMES,
    is_ordinary,
    is_patronymic,
    is_surname,
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
_MOST_PARTS = 4
_SURNAME = r"(?P<name>[а-я]{2,30}(?:-[а-я]{2,30})?)"
_LETTER = "[а-яabcehkmoptxy]"
_BEHIND = re.compile(rf"(?<![а-я-]){_SURNAME}(?:,? |,)(?P<letters>{_LETTER}\. ?{_LETTER}\.?)(?![а-яa-z])")
_BEFORE = re.compile(rf"(?<![а-я.-])(?P<letters>{_LETTER}\. ?{_LETTER}\. ?){_SURNAME}")
_ONE_BEHIND = re.compile(rf"(?<![а-я-]){_SURNAME} (?P<letters>{_LETTER}\.)(?! ?[а-я]\.| ?\d)")
_ONE_BEFORE = re.compile(rf"(?<![а-я.-])(?<![а-я]\. )(?P<letters>{_LETTER}\. ?){_SURNAME}(?! ?\d)")
_WITHOUT_STOPS = re.compile(rf"(?<![а-я-]){_SURNAME} (?P<letters>{_LETTER} ?{_LETTER})(?![а-яa-z.])")
# What has to be somewhere, found quickly by its first letter.
_LETTER_AND_STOP = re.compile(r"\.(?:(?<=[^а-яa-z][а-яa-z]\.)|(?<=^[а-яa-z]\.))")
_TWO_LETTERS = re.compile(r" [а-яa-z] [а-яa-z](?![а-яa-z.])")
_TWO_CAPITALS = re.compile(r" [А-Я][А-Я](?![А-Яа-я])")
# «до А. Невского», «на В. Клыкова» are streets in the genitive.
_WAY_BEFORE = re.compile(r"(?:^|[ ,(])(?:до|на|и|по|-)(?: угол)? ?$")
_GENITIVE = ("ого", "ой", "ова", "ева", "ина", "ына")
_HOUSE_BEHIND = re.compile(
    r",? ?(?:д\.? ?|дом[а-я]? ?|№ ?)?\d{1,3}(?:[а-я]|/\d{1,3})?(?![\d.а-я]| ?(?:лет|год|руб|кв))"
)
_OF_A_PLACE = re.compile("[сц]к(?:ий|ого|ому|им|ом)$")  # «Хомутовский р.н.» is a district
# Abbreviations that stand behind any word, and one-letter words.
_ABBREVIATIONS = frozenset(
    ("тд", "тп", "те", "тк", "тч", "то", "тн", "нэ", "жд", "жк", "рп", "гр", "ио", "рн", "мо", "го")
)
_SETTLEMENTS = frozenset("гдспх")
_SMALL_WORDS = frozenset("авикосуяжб")
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
    draft.hide(list(_with_initials(draft)), NAME)
    draft.hide(list(introduced(draft)), NAME)


def full_names(draft: Draft, *, with_father: bool = False) -> Iterator[Span]:
    """Where first names stand with a patronymic or a surname; `with_father`: with a patronymic only."""
    tokens = list(WORD.finditer(draft.folded))
    kinds = _kinds_around(draft.text, tokens)
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
        and folded[start:stop].endswith(_GENITIVE)
    )


def _kinds_around(text: str, tokens: Sequence[re.Match[str]]) -> dict[int, str]:
    """The kinds of words near first names and patronymics, by their places; most texts have none."""
    near = {
        other
        for place, word in enumerate([token.group() for token in tokens])
        if word in FIRST_NAMES or (word[-3:] in _LAST_OF_FATHERS and word.endswith(_LIKE_A_FATHER))
        for other in range(max(0, place - _MOST_PARTS + 1), min(len(tokens), place + _MOST_PARTS))
    }
    return {place: kinds_of(text, tokens[place]) for place in near}


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
) -> Sequence[str]:
    """The kinds of the words from here that nothing but a space or a hyphen stands between."""
    following = range(place + 1, min(place + _MOST_PARTS, len(tokens)))
    joined = takewhile(
        lambda near: text[tokens[near - 1].end() : tokens[near].start()] in (" ", "-"), following
    )
    return [kinds.get(each, "") for each in (place, *joined)]


def _parts_of(row: Sequence[str]) -> int:
    """How many words of a row make a name, from its beginning; 0: none."""
    best = next((count for count in range(len(row), 1, -1) if _is_name(row[:count])), 0)
    return 0 if best == 2 and _TAKEN_BY_NEXT.match(" ".join(row)) else best


def _is_name(kinds: Sequence[str]) -> bool:
    """A first name and a patronymic, a surname before or behind them; or a surname and one of both."""
    return _NAME_OF_KINDS.fullmatch(" ".join(kinds)) is not None


def _with_initials(draft: Draft) -> Iterator[Span]:
    if _LETTER_AND_STOP.search(draft.folded):
        for pattern, is_announced in _WITH_STOPS:
            for match in pattern.finditer(draft.folded):
                if _has_initials(draft.text, match, is_announced):
                    yield match.start(), match.end() - match.group().endswith(" ")
    if _TWO_LETTERS.search(draft.folded) or _TWO_CAPITALS.search(draft.text):
        for match in _WITHOUT_STOPS.finditer(draft.folded):
            if is_surname(match["name"], surely=True) and _stand_for_names(draft.text, match):
                yield match.span()


def _stand_for_names(text: str, match: re.Match[str]) -> bool:
    """Whether two letters without full stops are initials and no small words."""
    found = text[slice(*match.span("letters"))]
    letters = found.replace(" ", "")
    if letters.lower() in _ABBREVIATIONS:
        return False
    if text[match.start("name") + 1].islower() and letters.isupper():
        return True
    return " " in found and (letters[0] == letters[1] or not set(letters.lower()) <= _SMALL_WORDS)


def _has_initials(text: str, match: re.Match[str], is_announced: _IsAnnounced) -> bool:
    """Whether a word and letters with full stops beside it are a name."""
    letters = text[slice(*match.span("letters"))].replace(".", "").replace(" ", "")
    mixed = is_capitalised(text, match.start("name"))
    if _names_a_place(text, match, letters.lower(), mixed) or is_ordinary(match["name"]):
        return False
    return is_announced(text, match, letters, mixed)


def _is_told_by_one(_: str, match: re.Match[str], letters: str, mixed: bool) -> bool:
    """«Петров А.», but not «С. ПЕТРОВО»."""
    if not letters.isupper() or not is_surname(match["name"], surely=True):
        return False
    comes_first = match.start("letters") < match.start("name")
    return mixed or not (comes_first and letters.lower() in _SETTLEMENTS)


def _is_told_by_two(text: str, match: re.Match[str], letters: str, mixed: bool) -> bool:
    """«Петров А.И.», and in small letters what hardly is anything else."""
    name, start = match["name"], match.start("name")
    if letters.isupper() and text[start].isupper() and (mixed or not text.isupper()):
        return mixed or is_surname(name) or match.start("letters") > start
    ends_with_stop = text[match.end("letters") - 1] == "."
    return is_surname(name, surely=True) and (letters.lower() not in _ABBREVIATIONS or ends_with_stop)


_IsAnnounced = Callable[[str, re.Match[str], str, bool], bool]
_WITH_STOPS: Final[Sequence[tuple[re.Pattern[str], _IsAnnounced]]] = (
    (_BEFORE, _is_told_by_two),
    (_BEHIND, _is_told_by_two),
    (_ONE_BEHIND, _is_told_by_one),
    (_ONE_BEFORE, _is_told_by_one),
)


def _names_a_place(text: str, match: re.Match[str], letters: str, mixed: bool) -> bool:
    """Whether it is a street, «до А. Невского» too, or «Хомутовский р.н.»."""
    if names_a_street(text, match.start(), match.end(), any_case=not mixed, behind=False):
        return True
    if letters == "рн" and _OF_A_PLACE.search(match["name"]):
        return True
    is_way = _WAY_BEFORE.search(text, max(0, match.start() - 12), match.start()) is not None
    return is_way and len(letters) == 1 and match["name"].endswith(_GENITIVE)
