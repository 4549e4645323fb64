"""Phones and numbers of personal documents: what the digits, the signs between them and the words before them say.

A row of numbers is read group by group, so that «8 910 1234567», «8-9-1-0 …» and «+7.910.123.45.67» are one kind, and house
numbers, dates, times, money and cadastral numbers are none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from services.intake.masking.draft import DOCUMENT, PHONE, Draft, Span

# Of a place in the text in small letters and what stands there: whether it is nobody's own.
Keeps = Callable[[str, int, str], bool]

_ROW = re.compile(r"\d++(?:[ ().,:/\\_·•…*|~=+'№#-]{1,5}+\d++)*+")
# Letters written for digits: «8-9О6».
_LIKE_DIGITS = re.compile(r"(?<=\d)(?:[оozзб]{1,3}(?=\d)|[оo](?=[ -]\d))")
# A whole phone of which some digits are such letters, wherever they stand: «8-910-б71-З7-З8».
_SPELLED = re.compile(
    r"(?<![а-яa-z\d])(?:[78][ ().-]{1,3}9|[78]?9)(?:[ ().-]{0,3}[\dоozзб]){9}(?![а-яa-z\d])"
)
_FEWEST_REAL = 6
_AS_DIGITS = str.maketrans("оozзб", "00236")
# Digits, with what may be written for some of them.
_DIGITS = re.compile(r"\d++(?:[оozзб]++\d*+)*+")
_FEWEST_DIGITS = 5
_LONG_NUMBER = 6
_EXTENSION = re.compile(r",? ?(?:доб|вн|внутр)[а-я]{0,9}\.? ?\d{1,6}(?!\d)")
_GROUP = re.compile(r"\d++")
_PHONE_WORD = re.compile(
    "тел|моб|сот|контакт|звон|связ|ватс|вотс|вайб|what|vib|факс|набер|трубк|т[.:]|(?<![а-я])т(?![а-я])"
    "|номер|домашн|рабоч"
)
_PHONE_BEFORE = re.compile(
    r"(?<![а-я])(?:тел|телеф[а-я]{0,6}|моб|мобил[а-я]{0,6}|сот|сотов[а-я]{0,3}|контакт[а-я]{0,6}|(?:по|пере|до)?звон[а-я]{0,6}"
    r"|связ[а-я]{0,6}|ватс[а-я]{0,3}|вотс[а-я]{0,3}|вайбер[а-я]?|whatsapp|viber|факс[а-я]?|набер[а-я]{0,4}|трубк[а-я]|т"
    r"|мой номер|номер[а-я]? тел[а-я]{0,6}|по номеру)(?:[ :;№.,()+-]{1,4}[а-я]{1,11}){0,3}[ :;№.,()+-]{0,5}$"
    r"|(?<![а-я])(?:домашн|рабоч)[а-я]{2,3}[ :.-]{1,3}$"
)
_PAPER = re.compile(
    r"(?<![а-я])(?:пасп(?:орт[а-я]{0,5}|\.)|загран[а-я]{0,9}|снилс[а-я]?|инн|огрнип|(?:мед)?полис[а-я]{0,2}|омс|удостоверени[а-я]{1,2}"
    r"|водительск[а-я]{2,3}|в/у|военн[а-я]{2,3} билет[а-я]{0,2}|военник[а-я]?|свидетельств[а-я]{1,2}|св-в[оауе]|св(?:ид)?\. о|лицев[а-я]{2,3} счет[а-я]{0,2}"
    r"|[лр]/с|сери[яеию]|сер\.|вид(?:[аеу]|ом)? на жительство)"
    r"(?![а-я])"
)
# The first four letters of these words, and those that a stroke parts.
_PAPERS = frozenset(
    "пасп загр снил инн огрн медп поли омс удос води воен свид св лице сери сер вид вида виде виду видо".split()  # noqa: SIM905
)
_SHORT_PAPERS = ("/у", "/с")
_LINK = r"(?:[ :;,.()№#=\"«»/-]{1,4}|(?<![а-яa-z0-9])[а-яa-z]{1,14}(?![а-яa-z0-9]))"
_BETWEEN = r"[ ,.:;/«»\"'-]{0,4}(?:(?:№|#|n|no|н|номер[а-я]?|ном|и|сери[яеию]|сер|[а-я]{2}(?![а-я]))[ .:№#«\"-]{0,3}){0,2}"
_PAPER_NUMBER = re.compile(rf"{_LINK}{{0,9}}?(?P<number>\d++(?:{_BETWEEN}\d++){{0,6}}+)")
_FEWEST_OF_PAPER = 6
_WINDOW = 48
_DAY = re.compile(
    r"(?:0?[1-9]|[12]\d|3[01])\.(?:0?[1-9]|1[0-2])\.(?:\d{4}|\d{2})(?!\d)|\d{1,2}[./-]\d{1,2}[./-]\d{4}(?!\d)|\d{1,2}[./-]20\d\d(?!\d)"
)
# «III-ЖТ № 123456», «3804 н 123456».
_SERIES_AND_NUMBER = re.compile(
    r"(?<![а-яa-z0-9])(?:(?:[ivxi1]{1,4} ?-? ?[а-я]{2}|\d\d ?[а-я]{2}) ?-? ?(?:№ ?)?\d{6}|\d\d ?\d\d ?(?:н|n|ном|номер)\.? ?\d{6})(?!\d)"
)
_DATE = re.compile(
    r"(?:0?[1-9]|[12]\d|3[01])[./-](?:0?[1-9]|1[0-2])[./-](?:\d{4}|\d{2})(?!\d)|(?:0?[1-9]|1[0-2])[./-]\d{4}(?!\d)"
)


# «восемь девятьсот десять сто двадцать три …», a part of it in digits perhaps.
_NUMERAL = re.compile(
    r"(?<![а-я])(?:ноль|один|два|три|четыре|пять|шесть|семь|восемь|девять|десять|одиннадцать|[а-я]{3,7}надцать|двадцать|тридцать|сорок"
    r"|пятьдесят|шестьдесят|семьдесят|восемьдесят|девяносто|сто|двести|триста|четыреста|пятьсот|шестьсот|семьсот|восемьсот|девятьсот)(?![а-я])"
)
_PHONE_IN_WORDS = re.compile(
    rf"(?:\+ ?)?(?:{_NUMERAL.pattern}|(?<!\d)\d{{1,3}})(?:[ ,-]{{1,2}}(?:{_NUMERAL.pattern}|\d{{1,4}}(?!\d))){{5,14}}"
)
_NUMERALS = frozenset(
    (  # noqa: SIM905 - readable as a line of words
        "ноль один два три четыре пять шесть семь восемь девять десять двадцать тридцать сорок пятьдесят шестьдесят"
        " семьдесят восемьдесят девяносто сто двести триста четыреста пятьсот шестьсот семьсот восемьсот девятьсот"
    ).split()
)
_TEEN = "надцать"
_FEWEST_NUMERALS = 2
_DIGIT = re.compile(r"\d")
_MOST_GROUPS = 15
_ACCOUNTS_OF_PEOPLE = ("408", "423", "426")
# Passports, pension insurance, bank cards; but «2025-000345» is a register's number of that year.
_SHAPE = re.compile(
    r"(?!20[0-3]\d-)(?:\d\d[ №/.-]{1,5}\d\d[ №/.-]{1,5}\d{6}|\d\d {1,5}\d\d {1,5}\d{3} {1,5}\d{3}"
    r"|\d{3}[ .-]{1,5}\d{3}[ .-]{1,5}\d{3}[ .-]{1,5}\d\d|\d{4}(?:[ ./-]{1,5}\d{4}){3}|\d{4}[ №-]{1,5}\d{6})(?!\d)"
)
_ONE_GROUP = re.compile(r"\d{12}|\d{16}|\d{18,19}|[^78]\d{10}|[^9]\d{9}")
# Phones as groups of digits with a space between.
_WITH_PREFIX = re.compile(r"[78] ?[3489]")
# A mobile number's, or one that can be told from a house number behind a lone digit.
_CODE_APART = re.compile(r"\d ?9|\d\d|\d \d{3}")
_WITHOUT_PREFIX = re.compile(r"9(?:\d\d.*|(?: \d)*)|[348]\d{2,4} (?:.* )?\d\d")
_CODE_IN_BRACKETS = re.compile(r"9(?:\d\d.*|(?: \d)*)|[348].*")
_LOCAL = re.compile(r"\d{2,3} \d\d \d\d")
# What stands before the first digit of a phone and belongs to it.
_PLUS_BEFORE = re.compile(r"(?:\+ ?)?\(?$")


class Group(NamedTuple):
    """Digits that stand together, and the signs before them."""

    start: int
    stop: int
    digits: str
    before: str


def hide_numbers(draft: Draft, keeps: Keeps = lambda text, start, found: False) -> None:
    """Hide phones and numbers of papers, but for those that `keeps` says are nobody's own."""
    folded = draft.folded
    runs = _DIGITS.findall(folded)
    if sum(map(len, runs)) < _FEWEST_DIGITS:
        return
    if any(map(folded.__contains__, "оozзб")):
        folded = _SPELLED.sub(_digits_of, folded)
    if not all(map(str.isdecimal, runs)):
        folded = _LIKE_DIGITS.sub(lambda found: found.group().translate(_AS_DIGITS), folded)
    papers, phones = list[Span](), list[Span]()
    is_long = max(map(len, runs)) >= _LONG_NUMBER
    names_papers = draft.words.that_begin(_PAPERS) or draft.mentions(_SHORT_PAPERS)
    for start, stop, is_phone in _read(folded, is_long=is_long, names_papers=bool(names_papers)):
        if not keeps(folded, start, folded[start:stop]):
            (phones if is_phone else papers).append((start, stop))
    draft.hide(papers, DOCUMENT)
    draft.hide([span for span in phones if _DIGIT.search(draft.text, *span)], PHONE)


def _digits_of(found: re.Match[str]) -> str:
    row = found.group()
    return row.translate(_AS_DIGITS) if sum(map(str.isdecimal, row)) >= _FEWEST_REAL else row


def hide_phones_in_words(draft: Draft) -> None:
    """Hide phones in words."""
    if sum(word in _NUMERALS or word.endswith(_TEEN) for word in draft.words.all) >= _FEWEST_NUMERALS:
        draft.hide_all(
            _PHONE_IN_WORDS,
            PHONE,
            unless=lambda found: len(_NUMERAL.findall(found.group())) < _FEWEST_NUMERALS,
        )


def _read(folded: str, *, is_long: bool, names_papers: bool) -> Iterator[tuple[int, int, bool]]:
    if names_papers:
        yield from ((start, stop, False) for start, stop in _named_papers(folded))
    if is_long:
        yield from ((*found.span(), False) for found in _SERIES_AND_NUMBER.finditer(folded))
    rows = [row for row in _ROW.finditer(folded) if row.end() - row.start() >= _FEWEST_DIGITS]
    worded = bool(rows) and _PHONE_WORD.search(folded) is not None
    for row in rows:
        yield from _in_row(folded, _groups(folded, row), worded)


def _groups(folded: str, row: re.Match[str]) -> list[Group]:
    groups, end = [], row.start()
    for found in _GROUP.finditer(folded, row.start(), row.end()):
        groups.append(Group(found.start(), found.end(), found.group(), folded[end : found.start()]))
        end = found.end()
    return groups


def _in_row(folded: str, groups: list[Group], worded: bool) -> Iterator[tuple[int, int, bool]]:
    place = 0
    while place < len(groups):
        ahead = groups[place : place + _MOST_GROUPS]
        paper = _paper_at(folded, ahead)
        number = paper or _phone_at(folded, ahead, worded)
        if number:
            span = number[0].start, number[-1].stop
            yield *(span if paper else _whole_phone(folded, *span)), not paper
        place += len(number) or 1


def _whole_phone(folded: str, start: int, stop: int) -> Span:
    """With the bracket and the plus before the first digit, and the extension behind the last."""
    sign = _PLUS_BEFORE.search(folded, max(0, start - 3), start)
    extension = _EXTENSION.match(folded, stop)
    return sign.start() if sign else start, extension.end() if extension else stop


def _named_papers(folded: str) -> Iterator[Span]:
    """Numbers behind words like «паспорт», some words further at most."""
    end = 0
    for named in _PAPER.finditer(folded):
        if named.start() < end:
            continue
        number = _PAPER_NUMBER.match(folded, named.end(), named.end() + 90)
        if number and _is_of_paper(folded, number):
            end = number.end("number")
            yield number.start("number"), end


def _is_of_paper(folded: str, number: re.Match[str]) -> bool:
    digits = sum(map(str.isdigit, number["number"]))
    return digits >= _FEWEST_OF_PAPER and not _DATE.match(folded, number.start("number"))


def _close(number: Sequence[Group]) -> bool:
    """Whether nothing but spaces and hyphens stands between the groups."""
    return all(set(group.before) <= set(" -") for group in number[1:])


def _paper_at(folded: str, ahead: Sequence[Group]) -> Sequence[Group]:
    """The number of a paper that begins here, by its look alone; nothing: there is none."""
    shape = _SHAPE.match(folded, ahead[0].start)
    if shape:
        return [group for group in ahead if group.start < shape.end()]
    if ahead[0].digits.startswith(_ACCOUNTS_OF_PEOPLE):
        account = _taking(ahead, (20,))
        if _close(account):
            return account
    return ahead[:1] if _ONE_GROUP.fullmatch(ahead[0].digits) else ()


def _phone_at(folded: str, ahead: Sequence[Group], worded: bool) -> Sequence[Group]:
    """The phone that begins here; `worded`: some word in the text speaks of phones."""
    start = ahead[0].start
    if folded[max(0, start - 3) : start].rstrip(" (").endswith("+"):
        return _taking(ahead, (11,) if ahead[0].digits[0] == "7" else range(13, 9, -1))
    named = worded and _PHONE_BEFORE.search(folded, max(0, start - _WINDOW), start) is not None
    if named or not folded[start - 1 : start].isalpha():
        phone = _national(ahead) or _local(folded, ahead)
        if phone:
            return phone
    return _taking(ahead, range(11, 4, -1)) if named and not _DAY.match(folded, start) else ()


def _national(ahead: Sequence[Group]) -> Sequence[Group]:
    """A number of this country, with the prefix 8 or +7 or without."""
    if ahead[0].digits[0] not in "34789":
        return ()
    prefixed = _taking(ahead, (11,))
    if _WITH_PREFIX.match(_spaced(prefixed)) and not _is_list(prefixed):
        return prefixed if _CODE_APART.match(_spaced(prefixed)) else ()
    plain = _taking(ahead, (10,))
    return plain if _is_without_prefix(plain) and not _is_list(plain) else ()


def _is_without_prefix(number: Sequence[Group]) -> bool:
    in_brackets = any(")" in group.before for group in number[1:2])
    pattern = _CODE_IN_BRACKETS if in_brackets else _WITHOUT_PREFIX
    return pattern.fullmatch(_spaced(number)) is not None


def _local(folded: str, ahead: Sequence[Group]) -> Sequence[Group]:
    """«53-12-34», «(47151) 2-12-34» without its code, but no date."""
    hyphens = [group.before == "-" for group in ahead[:4]]
    is_tied = hyphens in ([False, True, True], [False, True, True, False])
    if is_tied and _LOCAL.fullmatch(_spaced(ahead[:3])) and not _DATE.match(folded, ahead[0].start):
        return ahead[:3]
    return ()


def _taking(ahead: Sequence[Group], wanted: Sequence[int]) -> Sequence[Group]:
    """The groups that have one of the wanted numbers of digits in all, the first wanted first."""
    sums = list(accumulate([len(group.digits) for group in ahead]))
    return next((ahead[: sums.index(each) + 1] for each in wanted if each in sums), ())


def _spaced(number: Sequence[Group]) -> str:
    return " ".join([group.digits for group in number])


def _is_list(number: Sequence[Group]) -> bool:
    """Whether groups are house numbers, times and the like: rising, or with commas between some of them only."""
    commas = sum("," in group.before for group in number[1:])
    if 0 < commas < len(number) - 1:
        return True
    values = [int(group.digits) for group in number]
    return len(values) >= 5 and values == sorted(set(values)) and values[-1] < 1000
