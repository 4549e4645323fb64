"""Flats: «кв. 5», «дом 12-34», and what follows the house in an address."""

from __future__ import annotations

import re

from services.intake.masking.draft import FLAT, FLAT_BEHIND_HOUSE, LEFT_OUT, Draft

# The letter first and what may not stand before it behind: a pattern that begins with a letter is found quickly.
_FLAT_WORD = r"к(?<!\wк)(?:в(?:артир[а-я]{1,3}|-р[а-я]{1,2}|\.)?|омн(?:ат[а-я]{1,3}|\.)?)"
_FLAT = re.compile(
    rf"{_FLAT_WORD} {{0,1}}(?:№ ?|номер ?|n ?)?\d{{1,4}}(?! ?[\d%]| ?(?:м|кв)(?![а-я]))[а-я]?(?!\w)"
)
_HOUSE_AND_FLAT = re.compile(
    r"д(?<!\wд)(?:\.|ом[а-я]{0,2}) ?\d{1,4}[а-я]?(?:/\d{1,3})?(?P<flat> ?- ?\d{1,4})(?!\w)"
)
# «45-я квартира», «из 45 квартиры»; but «24 квартиры» and «в доме 21 квартира» are counted.
_FLAT_BEHIND = re.compile(
    r"\d{1,4}(?:(?:-?(?:я|ой|ую|ая) квартир(?:[аеуы]|ой)| квартир[еу])|(?<!доме \d\d)(?<!доме \d\d\d) квартира"
    r"|(?<=из \d) квартиры|(?<=из \d\d) квартиры|(?<=из \d\d\d) квартиры)(?![а-я])"
)
_FLAT_IN_ADDRESS = re.compile(rf"[,;]? {{0,1}}{_FLAT_WORD} ?(?:№ ?)?\d{{1,4}}(?:[а-я](?!\w))?")
_FLAT_AT_END = re.compile(r"\d{1,4}[а-я]?(?:/\d{1,3})?(?: ?к(?:орп)?\.? ?\d{1,2})?(?P<flat> ?- ?\d{1,4} ?)$")


def hide_flats(draft: Draft) -> None:
    """Hide flats with the words that name them."""
    if draft.mentions(("кв", "комн")):
        draft.hide_all(_FLAT, FLAT)
        if "квартир" in draft.folded:
            draft.hide_all(_FLAT_BEHIND, FLAT)
    if "-" in draft.folded:
        draft.hide_all(_HOUSE_AND_FLAT, FLAT_BEHIND_HOUSE, "flat")


def leave_out_flats(draft: Draft) -> None:
    """Of an address, down to the house: «ул. Ленина, 12-34» and «…, кв. 5» lose the flat."""
    draft.hide_all(_FLAT_IN_ADDRESS, LEFT_OUT)
    draft.hide_all(_FLAT_AT_END, LEFT_OUT, "flat")
