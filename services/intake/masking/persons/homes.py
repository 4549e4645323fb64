"""The applicant's flat, and flats whose number is a word."""

from __future__ import annotations

import re

from chassis.normal import normalise
from services.intake.masking.draft import FLAT, FLAT_BEHIND_HOUSE, Draft
from services.intake.masking.flats import FLAT_AT_END, FLAT_FIRST, NUMBER_IN_WORDS

_HOUSE = re.compile(r"\bд(?:ом)?\.?\s?(\d{1,4}(?:[а-я](?![а-я]))?(?:/\d{1,3})?)")
_HOUSE_BEFORE = re.compile(r"(?<![\d/])(\d{1,4}[а-я]?(?:/\d{1,3})?)[ ,;.]{0,2}$")
_FLAT_NUMBER = re.compile(
    r"(?<![а-я])(?:кв|квартира|комн|комната|пом)\.?\s?№?\s?(\d{1,4}(?:[а-я](?!\w))?)(?!\w)"
)
_IN_WORDS = re.compile(
    r"\b(?:кв-р[а-я]{1,2} ?№? ?\d{1,4}(?!\w)"
    rf"|(?:кв\.|квартир[а-я]{{1,2}}|кв-р[а-я]{{1,2}}) (?:номер |№ ?)?{NUMBER_IN_WORDS})"
)
_SQUARE = r"(?!\s?(?:м\b|метр|км))"


def hide_home(draft: Draft, address: str) -> None:
    """The flat of the address however it is written, and any flat whose number is written as a word."""
    house, flat = _home(normalise(address).text.lower()) if address else ("", "")
    if flat and flat in draft.folded:
        _hide_own(draft, house, flat)
    if "кв" in draft.folded:
        draft.hide_all(_IN_WORDS, FLAT)


def _hide_own(draft: Draft, house: str, flat: str) -> None:
    escaped = re.escape(flat)
    if house and house in draft.folded:
        behind = (
            rf"\b{re.escape(house)}(?: ?,? ?(?:к|корп|корпус)\.? ?\d{{1,2}})?(?P<flat> ?[-,/] ?{escaped})\b"
        )
        draft.hide_all(re.compile(behind), FLAT_BEHIND_HOUSE, "flat")
    if "кв" in draft.folded:
        named = rf"\bквартир[а-я]{{1,3}} [^;]{{0,60}}?№ ?(?P<flat>{escaped})\b"
        draft.hide_all(re.compile(named), FLAT, "flat")
        first = rf"(?<![\d,.])\b{escaped}(?:-?[а-я]{{1,2}})? ?кв(?:артир[а-я]{{1,2}}|\.){_SQUARE}"
        draft.hide_all(re.compile(first), FLAT)


def _home(address: str) -> tuple[str, str]:
    """House and flat of an address in small letters; empty what it does not name."""
    flat = _FLAT_NUMBER.search(address) or FLAT_FIRST.search(address)
    if flat:
        house = _HOUSE.search(address) or _HOUSE_BEFORE.search(address[: flat.start()])
        return (house[1] if house else ""), next(filter(None, flat.groups()))
    last = FLAT_AT_END.search(address.strip())
    return (last["house"], last["number"]) if last else ("", "")
