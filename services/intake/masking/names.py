"""Names of people whom nobody introduced: with initials, a first name or a patronymic, in capitals and small letters too.

A surname alone is somebody only behind words like «меня зовут» or «гражданин». Streets and institutions stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from services.intake.masking.draft import NAME, Draft, Span, is_capitalised
from services.intake.masking.introductions import introduced
from services.intake.masking.name_lists import (
    AMBIGUOUS,
    FIRST_NAMES,
    is_ordinary,
    is_patronymic,
    is_surname,
)
from services.intake.masking.places import names_a_street

WORD = re.compile(r"[а-я]+(?:-[а-я]+){0,2}")
_LIKE_A_FATHER = (
    *(
        f"{base}{ending}"
        for base in ("вич", "ьич", "ыч", "мич", "тич", "кич")
        for ending in ("", "а", "у", "ем", "ом", "е")
    ),
    *(f"{base}{ending}" for base in ("вн", "ичн") for ending in ("а", "ы", "е", "у", "ой", "ою")),
    *("оглы", "кызы", "гызы", "улы"),
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


def hide_names(draft: Draft) -> None:
    """Hide whoever is named."""
    draft.hide(list(full_names(draft)), NAME)
    draft.hide(list(_with_initials(draft)), NAME)
    draft.hide(list(introduced(draft)), NAME)


def full_names(draft: Draft, *, with_father: bool = False) -> Iterator[Span]:
    """Where first names stand with a patronymic or a surname; `with_father`: with a patronymic only."""
    text, tokens = draft.text, list(WORD.finditer(draft.folded))
    kinds = _kinds_around(text, tokens)
    place = 0
    while place < len(tokens):
        count = _parts_at(text, tokens, kinds, place) if kinds[place].strip("C") else 0
        if count:
            start, stop = tokens[place].start(), tokens[place + count - 1].end()
            has_father = any("P" in each for each in kinds[place : place + count])
            street = names_a_street(
                text, start, stop, any_case="C" not in kinds[place], behind=not has_father
            )
            if not has_father and not street:
                street = _is_street_with_house(draft.folded, kinds[place], start, stop)
            if not street and (has_father or not with_father):
                yield start, stop
        place += count or 1


def _is_street_with_house(folded: str, first: str, start: int, stop: int) -> bool:
    """«на Сергея Есенина 12»: a first name, and a house behind the surname."""
    return (
        bool(set(first) & set("Ff"))
        and _HOUSE_BEHIND.match(folded, stop) is not None
        and folded[start:stop].endswith(_GENITIVE)
    )


def _kinds_around(text: str, tokens: Sequence[re.Match[str]]) -> list[str]:
    """The kinds of words near first names and patronymics; nothing of the others, who are most."""
    kinds: list[str | None] = [None] * len(tokens)
    for place, token in enumerate(tokens):
        word = token.group()
        if word in FIRST_NAMES or (word[-3:] in _LAST_OF_FATHERS and word.endswith(_LIKE_A_FATHER)):
            for near in range(max(0, place - _MOST_PARTS + 1), min(len(tokens), place + _MOST_PARTS)):
                if kinds[near] is None:
                    kinds[near] = kinds_of(text, tokens[near])
    return [each or "" for each in kinds]


def kinds_of(text: str, token: re.Match[str]) -> str:
    """What a word may be.

    F first name, f one that is a word too, P patronymic, O «оглы» and its like, S and s surname for sure and likely, C with a
    capital, M with one although no sentence begins.
    """
    word, start = token.group(), token.start()
    kinds = "C" if is_capitalised(text, start) else ""
    if kinds and (text[start - 2 : start - 1].isalpha() or text[start - 2 : start - 1] == ","):
        kinds = "CM"
    if word in FIRST_NAMES:
        kinds += "f" if word in AMBIGUOUS else "F"
    if word in ("оглы", "кызы", "гызы", "улы"):
        return kinds + "O"
    if is_patronymic(word, by_ending=text[start].isupper()):
        return kinds + "P"
    if is_surname(word):
        kinds += "S" if is_surname(word, surely=True) else "s"
    return kinds


def _parts_at(text: str, tokens: Sequence[re.Match[str]], kinds: Sequence[str], place: int) -> int:
    """How many words from here make a name; 0: none."""
    row = 1
    while row < _MOST_PARTS and place + row < len(tokens):
        if text[tokens[place + row - 1].end() : tokens[place + row].start()] not in (" ", "-"):
            break
        row += 1
    here = list(kinds[place : place + row])
    best = next((count for count in range(row, 1, -1) if _is_name(here[:count])), 0)
    # «собственник Екатерина Муравьева»: the surer surname takes the first name.
    if best == 2 and "S" not in here[0] and row > 2 and "S" in here[2] and {"F", "f"} & set(here[1]):
        return 0
    return best


def _is_name(kinds: Sequence[str]) -> bool:
    """A first name and a patronymic, a surname before or behind them; or a surname and one of both."""
    if "O" in kinds[-1]:
        return len(kinds) > 2 and all(set(each) & set("FfSsCP") for each in kinds[:-1])
    for first in range(len(kinds) - 1):
        if set(kinds[first]) & set("Ff") and "P" in kinds[first + 1]:
            before, behind = kinds[:first], kinds[first + 2 :]
            same = "C" in kinds[first]
            return all(_goes_along(each, same, behind=False) for each in before) and all(
                _goes_along(each, same, behind=True) for each in behind
            )
    return len(kinds) == 2 and (_is_pair(kinds[0], kinds[1]) or _is_pair(kinds[1], kinds[0]))


def _goes_along(kinds: str, capital: bool, *, behind: bool) -> bool:
    """Whether a word beside first name and patronymic is the surname."""
    if capital:
        return "C" in kinds and (behind or bool(set(kinds) & set("MSs")))
    return bool(set(kinds) & set("Ss"))


def _is_pair(name: str, surname: str) -> bool:
    if ("C" in name) != ("C" in surname):
        return False
    if "S" in surname:
        return bool(set(name) & set("FfP"))
    return "s" in surname and ("F" in name or ("P" in name and "C" in name))


def _with_initials(draft: Draft) -> Iterator[Span]:
    if _LETTER_AND_STOP.search(draft.folded):
        for pattern, is_one in ((_BEFORE, False), (_BEHIND, False), (_ONE_BEHIND, True), (_ONE_BEFORE, True)):
            for match in pattern.finditer(draft.folded):
                if _has_initials(draft.text, match, is_one):
                    yield match.start(), match.end() - match.group().endswith(" ")
    if _TWO_LETTERS.search(draft.folded) or _TWO_CAPITALS.search(draft.text):
        for match in _WITHOUT_STOPS.finditer(draft.folded):
            if is_surname(match["name"], surely=True) and _stand_for_names(draft.text, match):
                yield match.span()


def _stand_for_names(text: str, match: re.Match[str]) -> bool:
    """Whether two letters without full stops are initials and no small words."""
    start, stop = match.span("letters")
    letters = text[start:stop].replace(" ", "")
    if letters.lower() in _ABBREVIATIONS:
        return False
    if text[match.start("name") + 1].islower() and letters.isupper():
        return True
    return " " in text[start:stop] and (letters[0] == letters[1] or not set(letters.lower()) <= _SMALL_WORDS)


def _has_initials(text: str, match: re.Match[str], is_one: bool) -> bool:
    """Whether a word and letters with full stops beside it are a name."""
    letters = text[match.start("letters") : match.end("letters")].replace(".", "").replace(" ", "")
    mixed = is_capitalised(text, match.start("name"))
    if _names_a_place(text, match, letters.lower(), mixed) or is_ordinary(match["name"]):
        return False
    told = _is_told_by_one if is_one else _is_told_by_two
    return told(text, match, letters, mixed)


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


def _names_a_place(text: str, match: re.Match[str], letters: str, mixed: bool) -> bool:
    """Whether it is a street, «до А. Невского» too, or «Хомутовский р.н.»."""
    if names_a_street(text, match.start(), match.end(), any_case=not mixed, behind=False):
        return True
    if letters == "рн" and _OF_A_PLACE.search(match["name"]):
        return True
    is_way = _WAY_BEFORE.search(text, max(0, match.start() - 12), match.start()) is not None
    return is_way and len(letters) == 1 and match["name"].endswith(_GENITIVE)
