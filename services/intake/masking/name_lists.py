"""First names, patronymics and surnames in every case, as sets of words in the normal form, made from lists of names."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from chassis.normal import fold

_FOLDER = Path(__file__).parent
_OF_CONSONANT, _OF_SOFT = ("", "а", "у", "ом", "е"), ("ь", "я", "ю", "ем", "е", "и", "ью")
_OF_A, _OF_HARD_A, _OF_HISSING_A = (
    ("ы", "е", "у", "ой", "ою"),
    ("и", "е", "у", "ой", "ою"),
    ("и", "е", "у", "ей", "ею"),
)
_OF_A_BEHIND = dict.fromkeys("гкх", _OF_HARD_A) | dict.fromkeys("жшчщц", _OF_HISSING_A)
_OF_YA = ("и", "е", "ю", "ей", "ею")
_OF_SHORT_I = ("й", "я", "ю", "ем", "е", "и")
_OF_MAN, _OF_WOMAN = ("", "а", "у", "ем", "ом", "е"), ("а", "ы", "е", "у", "ой", "ою")
_OBLIQUE = {"павел": "павл", "лев": "льв"}
_FATHERS = {
    "павел": "павл", "лев": "льв", "петр": "петр", "михаил": "михайл", "даниил": "данил", "гавриил": "гаврил", "яков": "яковль",
}  # fmt: skip
# Ordinary words, or parts of the names of streets, as well: nobody unless a patronymic or a capital letter says so.
AMBIGUOUS = frozenset(
    (  # noqa: SIM905 - readable as a line of words
        "вера веры вере веру верой надежда надежды надежде надежду надеждой любовь любви любовью роман романа роману романом"
        " романе лев льва марк марка марку марки марке лука луки луке луку роза розы розе розу розой лада лады ладе ладу злата"
        " рада рады мила милы дана даны майя мая май маем мае августа август августе корней карп карпа ким нил грант гранта гранту"
        " слава славы славе славу славой света свете свету светы костя кости кость толе тоне тоня тони тоню"
        " пети пете рома рому ром ян яна яне яну ника нике нику ника нику адам ислам ислама султан спартак спартака памир"
        " герман лис лина лине дина ия ии аза азе али алим ада аде эра заря муза музы лика лики лика марта марте март мартин"
        " виль жан карен шура шуре лена лене лесь леся роберт венера венеры арсен платон влада лили малика весна дар дара"
        " карл карла клара клары мари стелла стеллы жанна рената соня соне гена гене галя вали валя вале валю вика викой"
        " боре люда люде люди людей лиза лизе гоша жени женя рита стас степа дания анис фома фоме ильи игнат савва"
        " кира киры кире дима ирма вита вити викт юна юноны юнона спиридон флора гордей гордея султана доминика"
    ).split()
)


def _column(file_name: str, column: str) -> list[str]:
    with (_FOLDER / file_name).open(encoding="utf-8", newline="") as file:
        return [line[column] for line in csv.DictReader(file)]


def _cases_of(name: str) -> Iterator[str]:
    """Every case of a name, and some that it does not have."""
    yield name
    stem, last = name[:-1], name[-1]
    if name in _OBLIQUE:
        yield from (_OBLIQUE[name] + ending for ending in _OF_CONSONANT[1:])
        return
    of_a = _OF_A_BEHIND.get(stem[-1], _OF_A)
    endings = {"а": of_a, "я": _OF_YA, "й": _OF_SHORT_I, "ь": _OF_SOFT}.get(last)
    if endings:
        yield from (stem + ending for ending in endings)
    elif last not in "еиоуыэю":
        yield from (name + ending for ending in _OF_CONSONANT)
        if len(name) > 3 and name.endswith(("ец", "ек", "ок", "ел", "ер", "ень")):
            yield from (name[:-2] + last + ending for ending in _OF_CONSONANT[1:])


# Of a father's name: its last letters, what stands instead of them, and what follows for sons and for daughters.
_CHILDREN = (
    ("й", "", ("евич", "ич"), ("евн",)),
    ("ий", "ь", ("евич",), ("евн",)),
    ("ь", "", ("евич",), ("евн",)),
    *((last, "", ("ич", "евич", "ович"), ("ичн", "иничн", "евн", "овн")) for last in "ая"),
    *((last, last, ("евич",), ("евн",)) for last in "жшчц"),
)
_OF_OTHERS = ("", "", ("ович", "ыч"), ("овн",))


def _patronymics_of(father: str) -> Iterator[str]:
    """Those of a man's children, in every case."""
    stem = _FATHERS.get(father, father)
    rules = [rule for rule in _CHILDREN if stem.endswith(rule[0])] or [_OF_OTHERS]
    for last, instead, sons, daughters in rules:
        base = stem.removesuffix(last) + instead
        yield from (base + son + ending for son in sons for ending in _OF_MAN)
        yield from (base + daughter + ending for daughter in daughters for ending in _OF_WOMAN)


_FIRST_NAMES = [fold(name) for name in _column("first_names.csv", "name")]
_MEN = [
    name
    for name, kind in zip(_FIRST_NAMES, _column("first_names.csv", "kind"), strict=True)
    if kind == "male"
]
FIRST_NAMES = frozenset(form for name in _FIRST_NAMES for form in _cases_of(name) if len(form) > 2)
PATRONYMICS = frozenset(form for name in _MEN for form in _patronymics_of(name))
_SURNAMES = frozenset(
    form for name in _column("surnames.csv", "name") for form in _cases_of(fold(name)) if len(form) > 2
)
_CASES, _CASES_OF_A = "(?:а|у|ым|ом|е|ой|ою|ы|ых|ыми)?", "(?:а|у|ом|е)?"
# Hardly anything else ends so but words of a known list.
_SURELY = re.compile(
    rf"[а-я]{{2,28}}(?:(?:[ое]в|[иы]н){_CASES}|енко|[сц]к(?:ий|ого|ому|им|ая|ую|ой)|[уюы]к{_CASES_OF_A}|ян{_CASES_OF_A}|дзе|швили|ич(?:а|у|ем|е)?)"
)
# Beside a first name.
_LIKE_A_SURNAME = re.compile(
    rf"[а-я]{{1,28}}(?:[сц]к[а-я]{{2,3}}|ко|[аяеио][кцч](?:а|у|ом|ем|е)?|(?:ман|берг|штейн|ер|ба|ва|да){_CASES_OF_A})"
)
_PREFIXES = frozenset(("тер", "ибн", "аль", "эль", "оглы"))
_COMPOUNDING = (
    "авто", "мото", "электро", "тепло", "водо", "газо", "видео", "мини", "микро", "само", "пере", "не",
)  # fmt: skip
# Words of common use that end like surnames.
_ORDINARY = frozenset(_column("ordinary_words.csv", "word"))


def is_ordinary(word: str) -> bool:
    """Whether a word of common use ends like a surname."""
    if word in _ORDINARY or not word.startswith(_COMPOUNDING):
        return word in _ORDINARY
    return any(word.removeprefix(first) in _ORDINARY for first in _COMPOUNDING)


def is_surname(word: str, *, surely: bool = False) -> bool:
    """Whether a word in small letters looks like a surname; `surely`: by itself, without a first name beside it."""
    kind = surname_kind(word)
    return kind == "S" if surely else kind != ""


@lru_cache(maxsize=4096)  # a few words stand behind «прошу» and «от» in most texts
def surname_kind(word: str) -> str:
    """S for what is a surname by itself, s for what is one beside a first name, nothing for all else."""
    if is_ordinary(word):
        return ""
    parts = [part for part in word.split("-") if part not in _PREFIXES and part not in _ORDINARY]
    if any(part in _SURNAMES or _SURELY.fullmatch(part) for part in parts):
        return "S"
    return "s" if any(map(_LIKE_A_SURNAME.fullmatch, parts)) else ""


_LIKE_A_PATRONYMIC = re.compile(
    r"[а-я]{2,20}(?:(?:ов|ев|ь)ич(?:а|у|ем|е)?|(?:ов|ев)н(?:а|ы|е|у|ой|ою)|ичн(?:а|ы|е|у|ой|ою))"
)


def is_patronymic(word: str, *, by_ending: bool = False) -> bool:
    """Whether a word in small letters is one of a known name, or at least ends like one."""
    return word in PATRONYMICS or (by_ending and _LIKE_A_PATRONYMIC.fullmatch(word) is not None)
