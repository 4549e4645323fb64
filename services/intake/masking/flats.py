"""Flats: «кв. 5», «дом 12-34», and what follows the house in an address."""

from __future__ import annotations

import re

from services.intake.masking.draft import FLAT, FLAT_BEHIND_HOUSE, LEFT_OUT, Draft

# The letter first and what may not stand before it behind: a pattern that begins with a letter is found quickly.
_FLAT_WORD = r"к(?<!\wк)(?:в(?:артир[а-я]{1,3}|-р[а-я]{1,2}|\.)?|омн(?:ат[а-я]{1,3}|\.)?)"
_FLAT = re.compile(
    rf"{_FLAT_WORD} {{0,1}}(?:№ ?|номер ?|n ?)?\d{{1,4}}(?! ?[\d%]| ?(?:м|кв)(?![а-я]))[а-я]?(?:/\d{{1,3}})?(?!\w)"
)
# «12кв5»: nothing may stand between, as it does in «45кв. 3 раза» and «10кВ 5 опор», nor may it be a square metre.
_FLAT_STUCK = re.compile(r"к(?<=\dк)в\.?(?!2(?!\d))\d{1,4}[а-я]?(?:/\d{1,3})?(?!\w)")
_HOUSE_AND_FLAT = re.compile(
    r"д(?<!\wд)(?:\.|ом[а-я]{0,2}) ?\d{1,4}[а-я]?(?:/\d{1,3})?(?P<flat> ?- ?\d{1,4})(?!\w)"
)
# «45-я квартира», «из 45 квартиры»; but «24 квартиры» and «в доме 21 квартира» are counted.
_FLAT_BEHIND = re.compile(
    r"\d{1,4}(?:(?:-?(?:я|ой|ую|ая) квартир(?:[аеуы]|ой)| квартир[еу])|(?<!доме \d\d)(?<!доме \d\d\d) квартира"
    r"|(?<=из \d) квартиры|(?<=из \d\d) квартиры|(?<=из \d\d\d) квартиры)(?![а-я])"
)
NUMBER_IN_WORDS = (
    r"(?:(?:двадцать|тридцать|сорок|пятьдесят|шестьдесят|семьдесят|восемьдесят|девяносто|сто|двести|триста) ?){0,2}"
    r"(?:один|одна|два|две|три|четыре|пять|шесть|семь|восемь|девять|десять|одиннадцать|двенадцать|[а-я]{3,6}надцать"
    r"|двадцать|тридцать|сорок|[а-я]{4,7}десят|девяносто|сто)(?![а-я])"
)
_IN_ADDRESS = re.compile(
    r"[,;]? ?(?<![а-я])к(?:в(?:артир[а-я]{1,3}|-р[а-я]{1,2}|\.)?|омн(?:ат[а-я]{1,3}|\.)?) ?(?:№ ?|номер )?"
    rf"(?:\d{{1,4}}(?:[а-я](?!\w))?(?:/\d{{1,3}})?|{NUMBER_IN_WORDS})"
)
# «12, 5 кв.», «5-я квартира»; but not «12 кв.» alone, which may be the house.
FLAT_FIRST = re.compile(
    r"(?:(?<=\d|[а-я])(?:[,;] ?| )(?P<ordinal>\d{1,4})-?(?:я|ой|ую|ая)|(?:(?<=\d)|(?<=\d[а-я]))(?:[,;] ?| )(?P<number>\d{1,4}))"
    r" ?кв(?:артир[а-я]{1,2}|\.|-р[а-я]{1,2})?(?![\w-]| ?[\d№])"
)
# «12-5», «12, 5»; but «мкр. 5, 12» and «7 квартал, 12» end with the house.
FLAT_AT_END = re.compile(
    r"(?<!\d)(?<!мкр )(?<!мкр\. )(?<!мкр\.)(?<!район )(?<!квартал )(?P<house>\d{1,4}[а-я]?(?:/\d{1,3})?)(?: ?к(?:орп)?\.? ?\d{1,2})?"
    r"(?P<flat> ?[-,] ?(?P<number>\d{1,4}) ?)$"
)


def hide_flats(draft: Draft) -> None:
    """Hide flats with the words that name them."""
    if draft.mentions(("кв", "комн")):
        draft.hide_all(_FLAT, FLAT)
        if "квартир" in draft.folded:
            draft.hide_all(_FLAT_BEHIND, FLAT)
        draft.hide_all(_FLAT_STUCK, FLAT_BEHIND_HOUSE)
    if "-" in draft.folded:
        draft.hide_all(_HOUSE_AND_FLAT, FLAT_BEHIND_HOUSE, "flat")


def leave_out_flats(draft: Draft) -> None:
    """Of an address, down to the house: «ул. Ленина, 12-34» and «…, кв. 5» lose the flat."""
    draft.hide_all(_IN_ADDRESS, LEFT_OUT)
    draft.hide_all(FLAT_FIRST, LEFT_OUT)
    draft.hide_all(FLAT_AT_END, LEFT_OUT, "flat")
