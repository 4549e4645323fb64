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
# The first four letters of every word that an introduction may begin with.
_BEGINNINGS = frozenset(
    (  # noqa: SIM905 - readable as a line of words
        "гр граж сосе дочк дочь доче муж мужа мужу муже жена жены жене жену жено супр мать мате отец отца отцу отцо брат"
        " сест бабу деду внук внуч собс жите заяв пенс инва вете друг льго квар дисп врач докт тера педи фель медс пред"
        " учас учит восп дире заве нача маст води слес сант элек почт конд инсп стар полу авто обра пише пишу писа прос"
        " пере отка отве выда помо напр благ спас жало пись звон со знаю от до прош меня спро подп зову мое мои с фио ф я"
        " сын"
    ).split()
) | {stem + letter for stem in ("сын", "мам") for letter in "абвгдежзийклмнопрстуфхцчшщъыьэюя"}
_OF_FAMILIES = ("овых", "евых", "иных", "ыных", "овы", "евы", "ины", "ыны")
_BETWEEN = re.compile(
    r"(?: -)?(?:[!.] |[ :,(-]{1,3})(?:(?:я|гр\.|граждан(?:ин|ка)|жител(?:ь|ьница)|ваша?),? )?"
)
_FAMILIES = frozenset(
    (  # noqa: SIM905 - readable as a line of words
        "семья семьи семье семью семьей супруги супругов дом дома дому двор двора двору"
        " квартира квартиры квартире квартиру соседи"
    ).split()
)
_FAMILY = re.compile(
    rf"(?<![а-я])(?:{'|'.join(sorted(_FAMILIES))}) (?P<name>[а-я]{{2,30}}(?:[ое]в|[иы]н)(?:ых|ы))(?![а-я])"
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
    yield from _behind(draft, _INTRODUCTION)
    if not _FAMILIES.isdisjoint(draft.words.all) and draft.mentions(_OF_FAMILIES):
        for match in _FAMILY.finditer(draft.folded):
            if not is_ordinary(match["name"]):
                yield match.span("name")


def private_people(draft: Draft) -> Iterator[Span]:
    """The same, behind words for private people only."""
    return _behind(draft, _PRIVATE)


def _behind(draft: Draft, pattern: re.Pattern[str]) -> Iterator[Span]:
    for introduction, start in _introductions(draft, pattern):
        stop = _end_of_name(draft, start, introduction)
        if stop is not None:
            yield start, stop


def _introductions(draft: Draft, pattern: re.Pattern[str]) -> Iterator[tuple[str, int]]:
    """The kind of each word that introduces, and where a name may begin behind it. Words that cannot be one are told by
    their first letters."""
    folded, words = draft.folded, draft.words
    for place in words.that_begin(_BEGINNINGS):
        match = pattern.match(folded, words.starts[place])
        if match and folded[match.start() - 1 : match.start()] not in _IN_QUOTES:
            between = _BETWEEN.match(folded, match.end())
            if between and (match.lastgroup == "deed" or between.group()[0] not in ".!"):
                yield match.lastgroup or "named", between.end()


def _end_of_name(draft: Draft, start: int, introduction: str) -> int | None:
    """Where a name ends that begins here; None where none does."""
    parts = _parts_from(draft, start, introduction)
    if not parts or _names_a_place(draft.folded, start):
        return None
    stop = parts[-1].end()
    initials = _INITIALS.match(draft.folded, stop)
    if initials:
        return initials.end()
    return stop if introduction != "weak" or any(part.group() in FIRST_NAMES for part in parts) else None


def _parts_from(draft: Draft, start: int, introduction: str) -> list[re.Match[str]]:
    """The words of a name, up to its initials."""
    folded, parts = draft.folded, list[re.Match[str]]()
    while len(parts) < _MOST_PARTS:
        word = _WORD.match(folded, start)
        if word is None or not _is_part(draft.text, word, begun=bool(parts), introduction=introduction):
            break
        parts.append(word)
        start = word.end() + 1
        if folded[start - 1 : start] != " " or _INITIALS.match(folded, start - 1):
            break
    return parts


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
    is_sure = begun or capital
    if name in FIRST_NAMES and (is_sure or name not in AMBIGUOUS):
        return is_sure or introduction != "deed"
    if is_patronymic(name):
        return True
    if capital and introduction == "self" and len(name) > 2 and not is_ordinary(name):
        return True
    return is_surname(name, surely=not (capital or introduction == "self"))
