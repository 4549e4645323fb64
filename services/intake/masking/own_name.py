"""The forms of a name that is known: any case of any part, with initials beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from chassis.normal import normalise
from services.intake.masking.draft import HIDDEN_NAME, NAME, Draft, Span

_HYPHEN = re.compile(f"(?<={HIDDEN_NAME})-(?={HIDDEN_NAME})")
_WORD = re.compile(r"[^\W\d_]+")
# One or two in capitals, both in small letters.
INITIALS_AFTER = re.compile(r" ?(?:(?:[А-ЯA-Z]\. ?){1,2}|[а-я]\. ?[а-я]\.(?![а-я]) ?)")
INITIALS_BEFORE = re.compile(r"(?:(?:\b[А-ЯA-Z]\. ?){1,2}|(?<![а-я.])[а-я]\. ?[а-я]\. ?)$")

_ENDINGS = frozenset((
    "ого", "ому", "ыми", "ими", "ами", "ями",
    "ый", "ий", "ой", "ая", "яя", "ую", "юю", "ья", "ия", "ое", "ым", "им",
    "а", "я", "о", "е", "у", "ю", "ы", "и", "ь", "й",
))  # fmt: skip
# With which a part of a name may end in one of its cases, beside those above: more letters make another word of it («Мария» is not
# in «улица Маркса», nor «Зоя» in «зона»).
_CASES = _ENDINGS | frozenset((
    "", "ом", "ем", "ей", "ою", "ею", "ью", "ии", "ию", "ией", "иею", "ее", "его", "ему", "их", "ых", "ов", "ев",
    "ам", "ям", "ах", "ях", "ьи", "ье", "ью", "ьей", "ьем",
))  # fmt: skip
_LONGEST_ENDING = max(map(len, _CASES))
_SHORT_ENDINGS = frozenset(("", "а", "у", "ом", "е", "ы", "и", "я", "ю", "ей", "ем", "ой"))
_NOT_NAMES = frozenset(
    (  # noqa: SIM905 - readable as a line of words
        "ооо оао зао пао ао ип снт днт тсж тсн жск мку моу мбу гбу мкд лтд оглы кызы гражданин гражданка"
        " житель жители жительница семья семьи коллектив группа аноним анонимно нет не указано имя без"
        " имени администрация"
    ).split()
)


def hide_own_name(draft: Draft, name: str) -> None:
    """Hide any inflected form of any part of the name, with initials beside it."""
    stems, short = _stems_of_written(name)
    if draft.mentions(stems) or any(map(draft.text.__contains__, short)):
        draft.hide(_spans(draft.text, stems, short), NAME)


def join_names(draft: Draft) -> None:
    """Make one of parts of a name with a hyphen between, where any was hidden."""
    if draft.is_touched:
        draft.hide_all(_HYPHEN, NAME)


def _spans(text: str, stems: dict[str, int], short: frozenset[str]) -> Iterator[Span]:
    for match in _WORD.finditer(text):
        if is_form(match.group(), stems, short):
            yield with_initials(text, match.start(), match.end())


def with_initials(text: str, start: int, stop: int) -> Span:
    """A part of a name with the initials beside it."""
    before = INITIALS_BEFORE.search(text, max(0, start - 8), start)
    after = INITIALS_AFTER.match(text, stop)
    if after:
        stop = after.end() - after.group()[-1].isspace()
    return (before.start() if before else start), stop


def is_form(word: str, stems: dict[str, int], short: frozenset[str]) -> bool:
    """Whether a word is a name, or a part of one, in any case."""
    if word[:2] in short and word[2:].lower() in _SHORT_ENDINGS:
        return True
    plain = word.lower()
    size = len(plain)
    # The stem of an inflected word is the word less its ending: a few look-ups, no loop over stems.
    for length in range(size, max(1, size - _LONGEST_ENDING - 1), -1):
        if plain[length:] in _CASES and size - length <= stems.get(plain[:length], -1):
            return True
    return False


@lru_cache(maxsize=8)  # an appeal's text and address are masked one after the other
def _stems_of_written(name: str) -> tuple[dict[str, int], frozenset[str]]:
    return stems_of_name(normalise(name).text)


def stems_of_name(name: str) -> tuple[dict[str, int], frozenset[str]]:
    """Stems with the longest ending each may take; two-letter names count only as written, capitalised."""
    parts = [part for part in _WORD.findall(name) if len(part) > 1 and part.lower() not in _NOT_NAMES]
    short = frozenset([part.capitalize() for part in parts if len(part) == 2])
    stems = {
        stem: min(len(stem), _LONGEST_ENDING)
        for part in parts
        if len(part) > 2
        for stem in _stems_of(part.lower())
    }
    return stems, short


def _stems_of(plain: str) -> Iterator[str]:
    yield plain
    yield _without_ending(plain)
    if len(plain) > 3 and plain[-1] not in "аяоеуюыиьй" and plain[-2] in "ео":
        yield plain[:-2] + plain[-1]  # Павел – Павла, Кравец – Кравца
    if plain == "лев":
        yield "льв"


def _without_ending(plain: str) -> str:
    for size in (3, 2, 1):
        if plain[-size:] in _ENDINGS and len(plain) - size >= 2:
            return plain[:-size]
    return plain
