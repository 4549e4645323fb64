"""Names behind words that introduce somebody: «меня зовут», «гражданин», «семья», «врач», «подпись»."""

from __future__ import annotations

import re
from collections.abc import Iterator

from services.intake.masking.draft import Draft, Span, is_capitalised
from services.intake.masking.name_lists import (
    AMBIGUOUS,
    FIRST_NAMES,
    is_ordinary,
    is_patronymic,
    is_surname,
)

PRIVATE = (
    r"гр\.|гражданин[а-я]{0,2}|гражданк[а-я]{1,2}|сосед(?:[а-я]{0,3}|к[а-я]{1,2})|доч(?:к[а-я]|ь|ери|ерью)|сын[а-я]{0,2}|муж(?:а|у|ем)?|жен(?:а|ы|е|у|ой)"
    r"|супруг[а-я]{0,2}|мат(?:ь|ери|ерью)|мам[а-я]{1,2}|от(?:ец|ца|цу|цом)|брат[а-я]{0,2}|сестр[а-я]{1,2}|бабушк[а-я]{1,2}|дедушк[а-я]{1,2}"
    r"|внук[а-я]{0,2}|внучк[а-я]{1,2}|собственник[а-я]{0,2}|жител(?:ь|я|ю|ем|и|ей|ьниц[а-я]{1,2})|заявител(?:ь|я|ю|ем|ьниц[а-я]{1,2})|пенсионер[а-я]{0,3}"
    r"|инвалид[а-я]{0,2}|ветеран[а-я]{0,2}|друг[а-я]{0,2}|льготник[а-я]{0,2}|квартир[а-я] "
)
_POSTS = (
    r"диспетчер[а-я]{0,2}|врач[а-я]{0,2}|доктор[а-я]{0,2}|терапевт[а-я]{0,2}|педиатр[а-я]{0,2}|фельдшер[а-я]{0,2}|медсестр[а-я]|председател[а-я](?: тсж| тсн| снт| совета)?"
    r"|участков[а-я]{2,3}|учител[а-я]{1,5}|воспитател[а-я]{1,5}|директор[а-я]{0,2}|заведующ[а-я]{2,3}|начальник[а-я]{0,2}|мастер[а-я]{0,2}|водител[а-я]{1,2}"
    r"|слесар[а-я]{1,2}|сантехник[а-я]{0,2}|электрик[а-я]{0,2}|почтальон[а-я]{0,2}|кондуктор[а-я]{0,2}|инспектор[а-я]{0,2}|старш[а-я]{2,3} по (?:дому|подъезду)"
    r"|получатель|автор письма"
)
_DEEDS = (
    r"обращается(?: к вам)?|пиш(?:ет|у)(?: вам)?|писал[аи]?|просит|передайте|передать|отказал[аи]?|ответить|ответьте|выдать|помогите|помочь|направить|благодарю"
    r"|спасибо|(?:жалоба|заявление|обращение|письмо|звонок) от|со слов|знаю|от имени|до свидания|автор|прошу|меня|звоните|спросить|подпис[а-я]{1,3}"
)
_SELF = r"меня зовут|зовут меня|мое имя|мои фио|с уважением|с уваж\.|фио|ф\. ?и\. ?о\.?"
_INTRODUCTION = re.compile(
    rf"(?P<self>{_SELF})|(?P<named>{PRIVATE}|{_POSTS})|(?P<deed>{_DEEDS})|(?P<weak>от|я)(?=[ ,])"
)
_PRIVATE = re.compile(PRIVATE)
_ANY_WORD = re.compile("[а-я]++")
_BEGINNINGS = frozenset(
    (  # noqa: SIM905 - readable as a line of words
        "я от ф гр сын дру муж жен доч сос гра суп мат мам оте отц бра сес баб дед вну соб жит зая пен инв вет льг ква"
        " дис вра док тер пед фел мед пре уча учи вос дир зав нач мас вод сле сан эле поч кон инс ста пол авт"
        " обр пиш пис про пер отк отв выд пом нап бла спа жал пис зво со зна до мен зву спр под зов мое мои с фио"
    ).split()
)
_OF_FAMILIES = ("овых", "евых", "иных", "ыных", "овы", "евы", "ины", "ыны")
_BETWEEN = re.compile(
    r"(?: -)?(?:[!.] |[ :,(-]{1,3})(?:(?:я|гр\.|граждан(?:ин|ка)|жител(?:ь|ьница)|ваша?),? )?"
)
_FAMILY = re.compile(
    r"(?<![а-я])(?:семь(?:я|и|е|ю|ей)|супруг(?:и|ов)|дом[ау]?|двор[ау]?|квартир[аыеу]|соседи) (?P<name>[а-я]{2,30}(?:[ое]в|[иы]н)(?:ых|ы))(?![а-я])"
)
_WORD = re.compile(r"[а-я]+(?:-[а-я]+){0,2}")
_INITIALS = re.compile(r" ?[а-я]\. ?(?:[а-я]\.)?(?![а-я])")
_IN_QUOTES = ("-", "«", '"', "„", "`", "“")
# «председатель Зуевского сельского совета»: the adjective of a place, with what it belongs to.
_OF_A_PLACE = re.compile(
    r"[а-я-]{2,30}[сц]к(?:ий|ого|ому|им|ом|ая|ой|ую) (?:р ?[-./ ] ?н|с/с|м\. ?р|(?![а-я]\.)(?P<next>[а-я]{2,30}))"
)
_MOST_PARTS = 4


def introduced(draft: Draft) -> Iterator[Span]:
    """Where names stand that somebody is introduced with."""
    folded = draft.folded
    for match in _introductions(folded, _INTRODUCTION):
        between = _BETWEEN.match(folded, match.end())
        if between is None or (between.group()[0] in ".!" and match.lastgroup != "deed"):
            continue
        stop = _end_of_name(draft, between.end(), str(match.lastgroup))
        if stop is not None:
            yield between.end(), stop
    if any(map(folded.__contains__, _OF_FAMILIES)):
        for match in _FAMILY.finditer(folded):
            if not is_ordinary(match["name"]):
                yield match.span("name")


def private_people(draft: Draft) -> Iterator[Span]:
    """The same, behind words for private people only."""
    for match in _introductions(draft.folded, _PRIVATE):
        between = _BETWEEN.match(draft.folded, match.end())
        if between is not None and between.group()[0] not in ".!":
            stop = _end_of_name(draft, between.end(), "named")
            if stop is not None:
                yield between.end(), stop


def _introductions(folded: str, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
    """Words that introduce; those that cannot be one are told by their first letters."""
    for word in _ANY_WORD.finditer(folded):
        start = word.start()
        if word.group()[:3] in _BEGINNINGS and folded[start - 1 : start] not in _IN_QUOTES:
            match = pattern.match(folded, start)
            if match is not None:
                yield match


def _end_of_name(draft: Draft, start: int, introduction: str) -> int | None:
    """Where a name ends that begins here; None where none does."""
    folded, place, stop, has_first_name = draft.folded, start, None, False
    for _ in range(_MOST_PARTS):
        word = _WORD.match(folded, place)
        if stop is None and _names_a_place(folded, place):
            break
        if word is None or not _is_part(draft.text, word, begun=stop is not None, introduction=introduction):
            break
        has_first_name = has_first_name or word.group() in FIRST_NAMES
        stop = word.end()
        initials = _INITIALS.match(folded, stop)
        if initials:
            return initials.end()
        if folded[stop : stop + 1] != " ":
            break
        place = stop + 1
    return None if introduction == "weak" and not has_first_name else stop


def _names_a_place(folded: str, place: int) -> bool:
    adjective = _OF_A_PLACE.match(folded, place)
    return (
        adjective is not None
        and adjective["next"] not in FIRST_NAMES
        and not is_patronymic(adjective["next"])
    )


def _is_part(text: str, word: re.Match[str], *, begun: bool, introduction: str) -> bool:
    name, start = word.group(), word.start()
    capital = is_capitalised(text, start)
    if name in FIRST_NAMES and (begun or capital or name not in AMBIGUOUS):
        return begun or introduction != "deed" or capital
    if is_patronymic(name):
        return True
    if capital and introduction == "self" and len(name) > 2 and not is_ordinary(name):
        return True
    return is_surname(name, surely=not (capital or introduction == "self"))
