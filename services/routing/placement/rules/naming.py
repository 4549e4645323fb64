"""Places that a text names although no reference data know them: «в Красногвардейском районе», «г. Мухосранск», «д. Неизвестная».

Judged on the normal form, by the word that says what kind of place it is («район», «г.», «деревня») and by the word beside
it, which must not be an ordinary one: «в нашем районе», «в районе школы», «в городе грязь» name nothing. Letter case helps
only where a text has both: then a capital after «деревня» makes a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from chassis.normal import NormalText

Kind = Literal["district", "town", "village", "region"]
Found = tuple[Kind, int, int]


@dataclass(frozen=True)
class Named:
    """What a text names: a kind of place, and the words as they stand in it."""

    kind: Kind
    words: str


# The first word of every pattern is looked for without looking around, which is quick; what surrounds it is asked then.
_AREA = re.compile(
    r"район[ауе]?(?:ом)?(?![а-я])|р(?: ?[-/] ?о?н(?:ом|[ауе])?|[ .]{0,2}н)(?![а-я0-9])|муниципальн[а-я]{2,3} округ(?:ом|[ауе])?(?![а-я])"
    r"|сельсовет(?:ом|[ауе])?(?![а-я])|с/с(?![а-я])|сельск[а-я]{2,3} поселени[а-я]{1,2}"
)
_REGION = re.compile(r"обл(?:аст(?:ь|и|ью))?(?![а-я])|кра(?:ем|[йяюе])(?![а-я])")
_CALLED_BEFORE = re.compile(
    r"(?<![а-я-])([а-я-]{2,40}[сц]к(?:ий|ого|ому|им|ом|ое|ая|ой|ую)) (?:муниципальн[а-я]{2,3} |м\. ?|мун\. ?)?$"
)
# The ending agrees with «район» or «районе»: «в районе Московского шоссе» names a road.
_CALLED_AFTER = re.compile(
    r"район (?P<plain>[а-я-]{2,40}[сц]кий)(?![а-я])|районе (?P<where>[а-я-]{2,40}[сц]ком)(?![а-я])"
)
_ORDINARY_ADJECTIVE = re.compile(
    r"городск|сельск|детск|женск|мужск|морск|российск|русск|заводск|соседск|гражданск|людск|европейск|деревенск|хуторск|[а-я-]*ическ"
)
_NAME = r"(?P<name>[а-я]{3,30}(?:-[а-я]{1,30}){0,2})"
_AFTER_STOP = re.compile(rf"\. ?{_NAME}")
_SHORT = re.compile(
    r"(?<![а-я0-9./-])(?P<what>г|гор|д|дер|с|сл|п|пос|х|хут|рп|р\. ?п|пгт|п\. ?г\. ?т|ст-ца)$"
)
_WITHOUT_STOP = re.compile(rf"(?P<what>пгт|рп|пос|дер|ст-ца) {_NAME}")
_TOWN_IN_ADDRESS = re.compile(rf"(?:, ?|^ ?)(?P<what>г) {_NAME}")
_NO_PLACE_BEFORE = re.compile(
    r"(?<![а-я])(?:[а-я]\.|(?:ул|улиц[а-я]{1,2}|пр-т|пр|просп|проспект[а-я]?|пер|переул[а-я]{2,3}|пл|площад[а-я]{1,2}|им|имени"
    r"|бульвар[а-я]?|сквер[а-я]?|парк[а-я]?|школ[а-я]{1,2})\.?) ?$"
)
_YEAR_BEFORE = re.compile(r"\d ?$")
_ORDINARY = frozenset(
    (  # noqa: SIM905 - readable as a line of words
        "прошу просим при что как это мне нам нас наш наша наши его она они или для под над сад сада саду был была были"
        " без где так еще уже нет нету все"
    ).split()
)
_IN_FULL = re.compile(
    rf"(?P<what>город(?:ом|[ауе])?|деревн(?:ей|[яиею])|сел(?:ом|[оауе])|посел(?:ок|ком|к[ауе])|хутор(?:ом|[ауе])?|станиц(?:ей|[аыеу])"
    rf"|слобод(?:ой|[аыеу])) {_NAME}"
)
_LIKE_A_NAME = re.compile(
    r"(?:[а-я]{2,30}-){0,2}[а-я]{2,30}(?:[ое]во|[иы]но|ичи|[бвгдзлмнрт]ь?ск(?:ом|[ауе])?|град(?:ом|[ауе])?|поль|бург(?:ом|[ауе])?)"
)
_NOT_SO_CALLED = frozenset(
    (  # noqa: SIM905 - readable as a line of words
        "слово готово дерево здорово хреново клево толково бестолково дешево вино кино домино казино едино пианино"
        " виноград винограда виноградом"
    ).split()
)
_COUNTRY = re.compile("росси|воинск|област")


def named_places(normal: NormalText) -> Iterator[Named]:
    """Everything that reads like the name of a place, known or not."""
    folded = normal.folded
    found = (
        *_called_before("district", _AREA, folded),
        *_called_after(folded),
        *_abbreviated(folded),
        *_in_full(normal),
        *_called_before("region", _REGION, folded),
    )
    for kind, start, stop in found:
        first, last = normal.span(start, stop)
        yield Named(kind, " ".join(normal.original[first:last].split()))


def _called_before(kind: Kind, pattern: re.Pattern[str], folded: str) -> Iterator[Found]:
    """Areas behind the adjective that names them."""
    for area in pattern.finditer(folded):
        called = _CALLED_BEFORE.search(folded, max(0, area.start() - 70), area.start())
        if called and not _ORDINARY_ADJECTIVE.match(called[1]):
            yield kind, called.start(), area.end()


def _called_after(folded: str) -> Iterator[Found]:
    for area in _CALLED_AFTER.finditer(folded):
        if _begins_word(folded, area) and not _ORDINARY_ADJECTIVE.match(area["plain"] or area["where"]):
            yield "district", area.start(), area.end()


def _abbreviated(folded: str) -> Iterator[Found]:
    for match in _AFTER_STOP.finditer(folded):
        short = _SHORT.search(folded, max(0, match.start() - 8), match.start())
        if short and match["name"] not in _ORDINARY:
            yield from _unless_street_or_year(folded, short["what"], short.start(), match.end())
    for match in _WITHOUT_STOP.finditer(folded):
        if _begins_word(folded, match) and match["name"] not in _ORDINARY:
            yield from _unless_street_or_year(folded, match["what"], match.start(), match.end())
    for match in _TOWN_IN_ADDRESS.finditer(folded):
        if match["name"] not in _ORDINARY:
            yield "town", match.start("what"), match.end()


def _unless_street_or_year(folded: str, what: str, start: int, stop: int) -> Iterator[Found]:
    if _NO_PLACE_BEFORE.search(folded, max(0, start - 20), start):
        return
    is_town = what.startswith("г")
    if not (is_town and _YEAR_BEFORE.search(folded, max(0, start - 3), start)):
        yield "town" if is_town else "village", start, stop


def _in_full(normal: NormalText) -> Iterator[Found]:
    folded, text = normal.folded, normal.text
    for match in _IN_FULL.finditer(folded):
        name, start = match["name"], match.start("name")
        if not _begins_word(folded, match) or _COUNTRY.match(name) or name in _NOT_SO_CALLED:
            continue
        capital = text[start : start + 2].istitle() and text[match.start() + 1].islower()
        if capital or _LIKE_A_NAME.fullmatch(name):
            yield "town" if match["what"].startswith("город") else "village", match.start(), match.end()


def _begins_word(folded: str, match: re.Match[str]) -> bool:
    before = folded[match.start() - 1 : match.start()]
    return not before.isalnum() and before not in ("-", "/", ".")
