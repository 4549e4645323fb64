"""Phones and numbers of personal documents: what the digits, the signs between them and the words before them say.

A row of numbers is read group by group, so that «8 910 1234567», «8-9-1-0 …» and «+7.910.123.45.67» are one kind, and house
numbers, dates, times, money and cadastral numbers are none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from services.intake.masking.draft import DOCUMENT, PHONE, Draft, Span

# Of a place in the text in small letters and what stands there: whether it is nobody's own.
Keeps = Callable[[str, int, str], bool]

_ROW = re.compile(r"\d++(?:[ ().,:/\\_·•…*|~=+'№#-]{1,5}+\d++)*+")
# Letters written for digits: «8-9О6».
_LIKE_DIGITS = re.compile(r"(?<=\d)(?:[оozзб]{1,3}(?=\d)|[оo](?=[ -]\d))")
_AS_DIGITS = str.maketrans("оozзб", "00236")
_EXTENSION = re.compile(r",? ?(?:доб|вн|внутр)[а-я]{0,9}\.? ?\d{1,6}(?!\d)")
_GROUP = re.compile(r"\d++")
_PHONE_WORD = re.compile(
    "тел|моб|сот|контакт|звон|связ|ватс|вотс|вайб|what|vib|факс|набер|трубк|т[.:]|номер|домашн|рабоч"
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
    r"|[лр]/с|сери[яеию]|сер\.|вид[а-я]? на жительство)"
    r"(?![а-я])"
)
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
_SPOKEN = re.compile(
    rf"(?:\+ ?)?(?:{_NUMERAL.pattern}|(?<!\d)\d{{1,3}})(?:[ ,-]{{1,2}}(?:{_NUMERAL.pattern}|\d{{1,4}}(?!\d))){{5,14}}"
)
_IN_WORDS = ("дцать", "десят", "сорок", "ноль")
_FEWEST_NUMERALS = 2
_DIGIT = re.compile(r"\d")
# «2025-000345»: a register's number of that year.
_YEAR_AND_NUMBER = re.compile(r"20[0-3]\d-")


class Group(NamedTuple):
    """Digits that stand together, and the signs before them."""

    start: int
    stop: int
    digits: str
    before: str


def hide_numbers(draft: Draft, keeps: Keeps | None = None) -> None:
    """Hide phones and numbers of papers, but for those that `keeps` says are nobody's own."""
    folded = draft.folded
    if _LIKE_DIGITS.search(folded):
        folded = _LIKE_DIGITS.sub(lambda found: found.group().translate(_AS_DIGITS), folded)
    phones, papers = list[Span](), list[Span]()
    for start, stop, is_phone in _read(folded):
        if keeps is None or not keeps(folded, start, folded[start:stop]):
            (phones if is_phone else papers).append((start, stop))
    draft.hide(papers, DOCUMENT)
    draft.hide([span for span in phones if _DIGIT.search(draft.text, *span)], PHONE)


def hide_spoken(draft: Draft) -> None:
    """Hide phones in words."""
    if any(map(draft.folded.__contains__, _IN_WORDS)):
        draft.hide_all(
            _SPOKEN, PHONE, unless=lambda found: len(_NUMERAL.findall(found.group())) < _FEWEST_NUMERALS
        )


def _read(folded: str) -> Iterator[tuple[int, int, bool]]:
    yield from ((start, stop, False) for start, stop in _named_papers(folded))
    yield from ((*found.span(), False) for found in _SERIES_AND_NUMBER.finditer(folded))
    worded = _PHONE_WORD.search(folded) is not None
    for row in _ROW.finditer(folded):
        if row.end() - row.start() >= 5:
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
        paper = _paper_at(groups, place)
        count = paper or _phone_at(folded, groups, place, worded)
        if count:
            start = _with_plus(folded, groups[place].start) if not paper else groups[place].start
            stop = groups[place + count - 1].stop
            extension = None if paper else _EXTENSION.match(folded, stop)
            yield start, extension.end() if extension else stop, not paper
        place += count or 1


def _with_plus(folded: str, start: int) -> int:
    """With the bracket and the plus before the first digit."""
    for sign in "( +":
        if folded[start - 1 : start] == sign:
            start -= 1
    return start if folded[start] != " " else start + 1


def _named_papers(folded: str) -> Iterator[Span]:
    """Numbers behind words like «паспорт», some words further at most."""
    end = 0
    for named in _PAPER.finditer(folded):
        if named.start() < end:
            continue
        number = _PAPER_NUMBER.match(folded, named.end(), named.end() + 90)
        if number is None:
            continue
        digits = sum(map(str.isdigit, number["number"]))
        if digits >= _FEWEST_OF_PAPER and not _DATE.match(folded, number.start("number")):
            end = number.end("number")
            yield number.start("number"), end


def _lengths(groups: Sequence[Group], place: int, count: int) -> tuple[int, ...]:
    return tuple(len(group.digits) for group in groups[place : place + count])


def _close(groups: Sequence[Group], place: int, count: int, signs: str = " -") -> bool:
    """Whether nothing but such signs stands between some groups."""
    return all(set(group.before) <= set(signs) for group in groups[place + 1 : place + count])


def _alone(groups: Sequence[Group], place: int, count: int) -> bool:
    """Whether no hyphen ties the groups to further ones."""
    after = groups[place + count : place + count + 1]
    return not (after and after[0].before == "-") and not (place and groups[place].before == "-")


# By the number of digits in the first group: those of all, and the signs that may stand between.
_SHAPES = {
    2: (((2, 2, 6), " -№/."), ((2, 2, 3, 3), " ")),
    3: (((3, 3, 3, 2), " -."),),
    4: (((4, 4, 4, 4), " -./"), ((4, 6), " -№")),
}


_ACCOUNTS_OF_PEOPLE = ("408", "423", "426")


def _paper_at(groups: Sequence[Group], place: int) -> int:
    """How many groups make the number of a paper by their look alone."""
    digits = groups[place].digits
    for lengths, signs in _SHAPES.get(len(digits), ()):
        count = len(lengths)
        if _lengths(groups, place, count) == lengths and _close(groups, place, count, signs):
            return 0 if _YEAR_AND_NUMBER.match(groups[place].digits + groups[place + 1].before) else count
    if digits.startswith(_ACCOUNTS_OF_PEOPLE):
        account = _sum_up(groups, place, (20,))
        if _close(groups, place, account):
            return account
    if len(digits) in (12, 16, 18, 19):
        return 1
    if len(digits) == 11 and digits[0] not in "78":
        return 1
    return 1 if len(digits) == 10 and digits[0] != "9" else 0


def _phone_at(folded: str, groups: Sequence[Group], place: int, worded: bool) -> int:
    """How many groups make a phone; `worded`: some word in the text speaks of phones."""
    first = groups[place]
    if folded[max(0, first.start - 3) : first.start].rstrip(" (").endswith("+"):
        return _sum_up(groups, place, (11,) if first.digits[0] == "7" else range(13, 9, -1))
    named = worded and _PHONE_BEFORE.search(folded, max(0, first.start - _WINDOW), first.start) is not None
    if named or not folded[first.start - 1 : first.start].isalpha():
        count = _national(groups, place) or _local(folded, groups, place)
        if count:
            return count
    return _sum_up(groups, place, range(11, 4, -1)) if named and not _DAY.match(folded, first.start) else 0


def _national(groups: Sequence[Group], place: int) -> int:
    """A number of this country, with the prefix 8 or +7 or without."""
    count = _with_prefix(groups, place)
    if count:
        return count if _is_code_apart(groups, place, count) else 0
    return _without_prefix(groups, place)


def _with_prefix(groups: Sequence[Group], place: int) -> int:
    if groups[place].digits[0] not in "78":
        return 0
    count = _sum_up(groups, place, (11,))
    if not count or _digits(groups, place, count)[1] not in "3489" or _is_list(groups, place, count):
        return 0
    return count


def _is_code_apart(groups: Sequence[Group], place: int, count: int) -> bool:
    """Whether it is a mobile number, or its code can be told from a house number behind a lone digit."""
    if count == 1 or _digits(groups, place, count)[1] == "9":
        return True
    return len(groups[place].digits) > 1 or len(groups[place + 1].digits) > 2


def _without_prefix(groups: Sequence[Group], place: int) -> int:
    first = groups[place].digits[0]
    if first not in "9348":
        return 0
    count = _sum_up(groups, place, (10,))
    if not count or _is_list(groups, place, count):
        return 0
    lengths = _lengths(groups, place, count)
    if first == "9":
        return count if lengths[0] >= 3 or set(lengths) == {1} else 0
    in_brackets = count > 1 and ")" in groups[place + 1].before
    return count if in_brackets or (3 <= lengths[0] <= 5 and lengths[-1] == 2) else 0


def _local(folded: str, groups: Sequence[Group], place: int) -> int:
    """«53-12-34», «(47151) 2-12-34» without its code, but no date."""
    lengths = _lengths(groups, place, 3)
    if (
        lengths not in ((2, 2, 2), (3, 2, 2))
        or not _close(groups, place, 3, "-")
        or not _alone(groups, place, 3)
    ):
        return 0
    tight = all(group.before == "-" for group in groups[place + 1 : place + 3])
    return 3 if tight and not _DATE.match(folded, groups[place].start) else 0


def _sum_up(groups: Sequence[Group], place: int, wanted: Sequence[int]) -> int:
    """How many groups have one of the wanted numbers of digits in all, the first wanted first."""
    sums, total = [], 0
    for group in groups[place : place + 15]:
        total += len(group.digits)
        sums.append(total)
    return next((sums.index(each) + 1 for each in wanted if each in sums), 0)


def _digits(groups: Sequence[Group], place: int, count: int) -> str:
    return "".join(group.digits for group in groups[place : place + count])


def _is_list(groups: Sequence[Group], place: int, count: int) -> bool:
    """Whether groups are house numbers, times and the like: rising, or with commas between some of them only."""
    inner = groups[place : place + count]
    commas = sum("," in group.before for group in inner[1:])
    if 0 < commas < count - 1:
        return True
    numbers = [int(group.digits) for group in inner]
    rising = all(one < next_one for one, next_one in pairwise(numbers))
    return count >= 5 and rising and max(numbers) < 1000
