"""Street and house of a Russian address, as citizens write it: «ул. Ленина, д. 5 к. 2 кв. 7», «3-й Агрегатный переулок 12/1».

A street is known by its key, which is the same in whatever case, order and abbreviation its name is written, and by its
kind («улица», «переулок»), where it is named. What is read here is looked for in the region's own data afterwards: a
street that nobody serves is nobody's, so that a wrong reading costs nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from chassis.normal import fold
from services.routing.reference.rules.houses import House, read_house

_KINDS: Final = {
    "улица": r"ул|улиц(?:ей|[аыеу])",
    "проспект": r"просп|пр-к?т|проспект(?:ом|[ауе])?",
    "переулок": r"пер|пер-к|переулок|переулк(?:ом|[ауе])",
    "проезд": r"пр-з?д|проезд(?:ом|[ауе])?",
    "площадь": r"пл|площад(?:ью|[ьи])",
    "бульвар": r"б-р|бул|бульвар(?:ом|[ауе])?",
    "шоссе": r"ш(?=\.)|шоссе",
    "тупик": r"туп|тупик(?:ом|[ауе])?",
    "набережная": r"наб|набережн(?:ая|ой|ую)",
    "аллея": r"аллеей|алле[яиею]",
    "линия": r"лини(?:ей|[яию])",
    "микрорайон": r"мкр-?н?|м-н|микрорайон(?:ом|[ауе])?",
    "квартал": r"кв-л|квартал(?:ом|[ауе])?",
    "урочище": r"ур(?=\.)|урочищ(?:ем|[еау])",
    "": r"пр(?=\.)",  # a prospect or a passage
}
_KIND = "|".join(_KINDS.values())
_IS_KIND: Final = {kind: re.compile(pattern) for kind, pattern in _KINDS.items()}
_HOUSE_WORD = r"(?:в )?(?:дом(?:ом|[ауе])?|д)(?![а-я])\.? ?(?:№ ?)?"
_NOT_A_NAME = (
    r"(?!(?:дом(?:а|у|е|ов|ами?)?|д|корпус|корп|к|кв|квартира|подъезд|этаж|офис|в|на|по|и|у|с|от|до|около|возле|напротив|между"
    r"|мимо|вдоль|рядом|адресу)(?![а-я]))"
)
_ORDINAL = r"(?:[0-9]{1,3}(?: ?-? ?(?:ый|ой|ий|ая|ое|го|[йяе]))?\b)"
_WORD = rf"{_NOT_A_NAME}[а-я][а-я-]{{0,40}}"
_NAME = rf"(?P<name>(?:{_ORDINAL} )?{_WORD}(?:\.? ?\b{_WORD}){{0,3}}(?: {_ORDINAL}(?=\W))?)"
_LETTER = r"(?: ?-? ?[а-жл](?=$|[ ,;.)!?/](?! ?[а-я]{3})|к| ?кв| ?корп))?"
_NUMBER = (
    rf"(?P<house>[1-9][0-9]{{0,3}}{_LETTER}(?: ?/ ?[0-9]{{1,4}}[а-ж]?\b)?"
    r"(?:,? ?(?:корпус|корп|кор|к)\.? ?[0-9]{1,3}[а-ж]?\b)?(?:,? ?(?:строение|стр|с)\.? ?[0-9]{1,3}\b)?)"
    r"(?: ?- ?[0-9]{1,4})?(?![а-я0-9])"
)
_BEFORE = r"(?<![а-я0-9-])"
_ADDRESS_FORMS = tuple(
    re.compile(_BEFORE + form + rf",? ?(?:{_HOUSE_WORD})?{_NUMBER}")
    for form in (
        rf"(?P<kind>{_KIND})\b\.? ?{_NAME}",
        rf"{_NAME} (?P<kind>{_KIND})\b\.?",
        rf"(?P<kind>){_NAME}",
    )
)
# In a text a number may count days or children: there it follows «дом», or ends what is said.
_ENDS = r"(?=$|[,;.)!?]| ?кв| и )"
_TEXT_FORMS = tuple(
    re.compile(
        _BEFORE + form + rf",? ?(?:{_HOUSE_WORD}{_NUMBER}|{_NUMBER.replace('<house>', '<bare>')}{_ENDS})"
    )
    for form in (rf"(?P<kind>{_KIND})\b\.? ?{_NAME}", rf"{_NAME} (?P<kind>{_KIND})\b\.?")
)
_NAMES_A_KIND = re.compile(rf"{_BEFORE}(?:{_KIND})(?![а-я])")
_TOWN = re.compile(
    r"(?<![а-я-])(?:г|гор|город|пгт|рп|пос|с|село|дер|деревня)\b\.? ?[а-я][а-я-]+(?=,| (?!\d))"
)
_ORDINAL_END = re.compile(r"(?<=[0-9]) ?-? ?(?:ый|ой|ий|ая|ое|го|[йяе])\b")
_ADJECTIVE = re.compile(r"(?<=[а-я]{3})(?:ая|ой|ую|ый|ий|ом)$")
_INITIAL = re.compile(r"\b[а-я]\.")
# Of people after whom streets are called only the surname is always written.
_GIVEN_NAMES = frozenset(
    [
        "имени",
        "им",
        "карла",
        "розы",
        "клары",
        "максима",
        "юрия",
        "николая",
        "александра",
        "михаила",
        "сергея",
        "ивана",
        "льва",
        "павла",
        "андрея",
        "дмитрия",
        "владимира",
        "алексея",
        "константина",
        "георгия",
        "степана",
        "василия",
        "петра",
        "героя",
        "маршала",
        "генерала",
        "академика",
    ]
)


@dataclass(frozen=True, slots=True)
class Street:
    """A street. `key`: what its name is compared by; `kind`: «улица», «переулок» …, "" where nobody names it."""

    key: str
    kind: str = ""

    def is_same(self, other: Street) -> bool:
        """Whether it may be the other: kinds are compared where both are known."""
        return self.key == other.key and (not self.kind or not other.kind or self.kind == other.kind)


@dataclass(frozen=True, slots=True)
class HouseAddress:
    """A house in a street."""

    street: Street
    house: House


def read_street(text: str) -> Street:
    """A street as a directory has it: «ул. Ленина», «Ленина», «3-й Агрегатный переулок». ValueError without a name."""
    words = fold(text).replace(".", ". ").split()
    kinds = [
        (number, kind) for number, word in enumerate(words) if (kind := kind_of_street(word)) is not None
    ]
    number, kind = kinds[0] if kinds else (-1, "")
    key = street_key(" ".join(word for place, word in enumerate(words) if place != number))
    if not key:
        raise ValueError("a street has a name")
    return Street(key, kind)


def street_key(name: str) -> str:
    """What streets are compared by: «3-я Песчаная» and «Песчаной 3-й» are one, «Карла Маркса» and «К. Маркса» too."""
    plain = _INITIAL.sub(" ", _ORDINAL_END.sub("", fold(name))).replace(".", " ")
    words = [word for word in plain.split() if word.strip('-«»"')]
    surnames = [word for word in words if word not in _GIVEN_NAMES] or words
    stems = [_ADJECTIVE.sub("", word) for word in surnames]
    return " ".join(sorted(stems, key=str.isdigit))


def read_address(address: str | None) -> HouseAddress | None:
    """Street and house of an address; None where it names none."""
    plain = _TOWN.sub(" ", fold(address or "")).strip(" ,")
    return next(_found(_ADDRESS_FORMS, plain), None)


def read_text(text: str) -> HouseAddress | None:
    """The one house that a text names with its street; None where it names none, or several."""
    plain = fold(text)
    if _NAMES_A_KIND.search(plain) is None:
        return None
    found = set(_found(_TEXT_FORMS, plain))
    return found.pop() if len(found) == 1 else None


def _found(forms: tuple[re.Pattern[str], ...], plain: str) -> Iterator[HouseAddress]:
    for form in forms:
        for match in form.finditer(plain):
            number = match["house"] or match.groupdict().get("bare") or ""
            house, key = read_house(number.replace(",", "")), street_key(match["name"])
            if house is not None and key:
                yield HouseAddress(Street(key, kind_of_street(match["kind"]) or ""), house)


def kind_of_street(word: str) -> str | None:
    """What kind of street a word means; None for a word that means none."""
    plain = word.rstrip(".")
    return next((kind for kind, pattern in _IS_KIND.items() if kind and pattern.fullmatch(plain)), None)
