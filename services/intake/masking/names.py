"""Names of people whom nobody introduced: with initials, a first name or a patronymic, in capitals and small letters too.

A surname alone is somebody only behind words like «меня зовут» or «гражданин». Streets and institutions stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache
from itertools import takewhile
from typing import Final, Literal, NamedTuple

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
from services.intake.masking.words import Words

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
_LETTERS_BEHIND = re.compile(rf"(?<![а-я-]){_SURNAME} (?P<letters>{_LETTER} ?{_LETTER})(?![а-яa-z.])")
_LETTER_ONLY = re.compile(_LETTER)
# What has to be somewhere for one of them, found quickly by its first sign.
_TO_BE_BEFORE = re.compile(rf"\.(?<={_LETTER}\.)(?<![а-я.-].\.)(?= ?{_LETTER}\. ?[а-я])")
_TO_BE_BEHIND = re.compile(rf"\.(?<=[ ,]{_LETTER}\.)(?= ?{_LETTER}(?![а-яa-z]))")
_ONE_TO_BE_BEHIND = re.compile(rf"\.(?<=[а-я] {_LETTER}\.)(?! ?[а-я]\.| ?\d)")
_ONE_TO_BE_BEFORE = re.compile(rf"\.(?<={_LETTER}\.)(?<![а-я.-].\.)(?= ?[а-я]{{2}})")
_LETTER_AND_STOP = re.compile(r"\.(?:(?<=[^а-яa-z][а-яa-z]\.)|(?<=^[а-яa-z]\.))")
_TWO_LETTERS = re.compile(r" [а-яa-z] [а-яa-z](?![а-яa-z.])")
_TWO_CAPITALS = re.compile(r" [А-Я][А-Я](?![А-Яа-я])")
_BEHIND_A_WORD = re.compile(
    r" (?<=[А-Яа-я] )(?=(?:[A-ZА-Я]{2}|[A-Za-zА-Яа-я] [A-Za-zА-Яа-я])(?![A-Za-zА-Яа-я.]))"
)
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
    if not _may_name(draft.words):
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
        and folded[start:stop].endswith(_GENITIVE)
    )


def _may_name(words: Words) -> bool:
    """Whether there is a first name, or a word that ends like a patronymic; most texts have none."""
    if FIRST_NAMES.isdisjoint(words.all):
        last = [
            word
            for word, letters in zip(words.all, words.endings, strict=True)
            if letters in _LAST_OF_FATHERS
        ]
        return any(word.endswith(_LIKE_A_FATHER) for word in last)
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


# What can be seen of a word and initials beside it: «mixed» is with a capital first letter and small ones behind; small
# words are the prepositions and conjunctions of one letter.
_Look = Literal[
    "capital letters", "capital name", "mixed name", "small second", "mixed text", "surname", "sure surname",
    "letters behind", "last stop", "no settlement", "no abbreviation", "spaced", "no small words",
]  # fmt: skip
_Rows = Sequence[AbstractSet[_Look]]

# Any of the rows makes it a name. «Петров А.», but not «С. ПЕТРОВО»:
_WITH_ONE: Final[_Rows] = (
    {"capital letters", "sure surname", "mixed name"},
    {"capital letters", "sure surname", "letters behind"},
    {"capital letters", "sure surname", "no settlement"},
)
# «Петров А.И.», and in small letters what hardly is anything else:
_WITH_TWO: Final[_Rows] = (
    {"capital letters", "mixed name"},
    {"capital letters", "capital name", "mixed text", "surname"},
    {"capital letters", "capital name", "mixed text", "letters behind"},
    {"sure surname", "no abbreviation"},
    {"sure surname", "last stop"},
)
# «Петров АИ»: beside what is a surname by itself two letters that are no small words.
_WITHOUT_STOPS: Final[_Rows] = (
    {"no abbreviation", "small second", "capital letters"},
    {"no abbreviation", "spaced", "no small words"},
)


def _has_one_of(rows: _Rows, text: str, match: re.Match[str]) -> bool:
    seen = _look_at(text, match)
    return any(row <= seen for row in rows)


def _look_at(text: str, match: re.Match[str]) -> AbstractSet[_Look]:
    start = match.start("name")
    found = text[match.start("letters") : match.end("letters")]
    letters = found.replace(".", "").replace(" ", "")
    small, kind = letters.lower(), surname_kind(match["name"])
    looks: dict[_Look, bool] = {
        "capital letters": letters.isupper(),
        "capital name": text[start].isupper(),
        "mixed name": is_capitalised(text, start),
        "small second": text[start + 1].islower(),
        "mixed text": not text.isupper(),
        "surname": kind != "",
        "sure surname": kind == "S",
        "letters behind": match.start("letters") > start,
        "last stop": found.endswith("."),
        "no settlement": small not in _SETTLEMENTS,
        "no abbreviation": small not in _ABBREVIATIONS,
        "spaced": " " in found,
        "no small words": letters[:1] == letters[1:] or not _SMALL_WORDS.issuperset(small),
    }
    return {look for look, is_so in looks.items() if is_so}


class _Form(NamedTuple):
    """A sign that has to be there, the pattern around it, what makes it a name, and how far it reaches to both sides."""

    sign: re.Pattern[str]
    pattern: re.Pattern[str]
    rows: _Rows
    before: int
    behind: int


# A double surname with what separates it has 65 letters at most; initials with what may not follow them have 10.
_FORMS: Final = (
    _Form(_TO_BE_BEFORE, _BEFORE, _WITH_TWO, before=1, behind=75),
    _Form(_TO_BE_BEHIND, _BEHIND, _WITH_TWO, before=65, behind=10),
    _Form(_ONE_TO_BE_BEHIND, _ONE_BEHIND, _WITH_ONE, before=65, behind=10),
    _Form(_ONE_TO_BE_BEFORE, _ONE_BEFORE, _WITH_ONE, before=1, behind=75),
)
_WITHOUT_STOP: Final = _Form(_BEHIND_A_WORD, _LETTERS_BEHIND, _WITHOUT_STOPS, before=65, behind=10)


def _with_initials(draft: Draft) -> Iterator[Span]:
    if _LETTER_AND_STOP.search(draft.folded):
        for form in _FORMS:
            for match in _in_form(form, draft.folded, draft.folded):
                if _has_one_of(form.rows, draft.text, match) and not _is_no_person(draft.text, match):
                    yield match.start(), match.end() - match.group().endswith(" ")
    if _BEHIND_A_WORD.search(draft.text) and (
        _TWO_LETTERS.search(draft.folded) or _TWO_CAPITALS.search(draft.text)
    ):
        for match in _in_form(_WITHOUT_STOP, draft.text, draft.folded):
            if is_surname(match["name"], surely=True) and _has_one_of(_WITHOUT_STOPS, draft.text, match):
                yield match.span()


def _in_form(form: _Form, text: str, folded: str) -> Iterator[re.Match[str]]:
    """What has a form, looked for around each of its signs in the text only."""
    end = 0
    for sign in form.sign.finditer(text):
        place = sign.start()
        for match in form.pattern.finditer(folded, max(end, place - form.before), place + form.behind):
            if match.start() <= place:
                end = match.end()
                yield match


def _is_no_person(text: str, match: re.Match[str]) -> bool:
    """Whether it is a word of common use, a street, «до А. Невского» too, or «Хомутовский р.н.»."""
    any_case = not is_capitalised(text, match.start("name"))
    if is_ordinary(match["name"]) or names_a_street(text, *match.span(), any_case=any_case, behind=False):
        return True
    letters = _LETTER_ONLY.findall(match["letters"])
    if letters == ["р", "н"] and _OF_A_PLACE.search(match["name"]):
        return True
    is_way = _WAY_BEFORE.search(text, max(0, match.start() - 12), match.start()) is not None
    return is_way and len(letters) == 1 and match["name"].endswith(_GENITIVE)
