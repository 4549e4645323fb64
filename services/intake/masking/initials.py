"""Names that initials stand beside, with or without their full stops: «Петров А.И.», «А. Петров», «Петров АИ»."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import Final, Literal, NamedTuple

from services.intake.masking.draft import Draft, Span, is_capitalised
from services.intake.masking.name_lists import is_ordinary, is_surname, surname_kind
from services.intake.masking.places import names_a_street

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
    r" (?=(?:[A-ZА-Я]{2}|[A-Za-zА-Яа-я] [A-Za-zА-Яа-я])(?![A-Za-zА-Яа-я.]))(?<=[А-Яа-я] )"
)
# «до А. Невского», «на В. Клыкова» are streets in the genitive.
_WAY_BEFORE = re.compile(r"(?:^|[ ,(])(?:до|на|и|по|-)(?: угол)? ?$")
GENITIVE = ("ого", "ой", "ова", "ева", "ина", "ына")
_OF_A_PLACE = re.compile("[сц]к(?:ий|ого|ому|им|ом)$")  # «Хомутовский р.н.» is a district
# Abbreviations that stand behind any word, and one-letter words.
_ABBREVIATIONS = frozenset(
    ("тд", "тп", "те", "тк", "тч", "то", "тн", "нэ", "жд", "жк", "рп", "гр", "ио", "рн", "мо", "го")
)
_SETTLEMENTS = frozenset("гдспх")
_SMALL_WORDS = frozenset("авикосуяжб")

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


def beside_initials(draft: Draft) -> Iterator[Span]:
    """Where names stand with their initials."""
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
    return is_way and len(letters) == 1 and match["name"].endswith(GENITIVE)
