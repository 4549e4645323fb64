"""The applicant's flat, and flats whose number is a word."""

from __future__ import annotations

import re

from chassis.normal import normalise
from services.intake.masking.draft import FLAT, FLAT_BEHIND_HOUSE, Draft

_HOUSE = re.compile(r"(?i)\bд(?:ом)?\.?\s?(\d{1,4}[а-я]?(?:/\d{1,3})?)")
_FLAT_NUMBER = re.compile(r"(?i)\b(?:кв|квартира|комн|комната|пом)\.?\s?№?\s?(\d{1,4}[а-я]?)\b")
_HOUSE_THEN_FLAT = re.compile(r"(?i)(\d{1,4}[а-я]?(?:/\d{1,3})?)\s?[-,]\s?(\d{1,4})\s*$")
_IN_WORDS = re.compile(
    r"(?i)\b(?:кв-р[а-я]{1,2}\s?№?\s?\d{1,4}|(?:кв\.|квартир[а-я]{1,2}|кв-р[а-я]{1,2})\s(?:номер\s|№\s?)?(?:(?:двадцать|тридцать|сорок|пятьдесят"
    r"|шестьдесят|семьдесят|восемьдесят|девяносто|сто|двести|триста)\s?){0,2}(?:один|одна|два|две|три|четыре|пять|шесть|семь|восемь|девять|десять"
    r"|одиннадцать|двенадцать|[а-я]{3,6}надцать|двадцать|тридцать|сорок|[а-я]{4,7}десят|девяносто|сто))\b"
)
_SQUARE = r"(?!\s?(?:м\b|метр|км))"


def hide_home(draft: Draft, address: str) -> None:
    """The flat of the address however it is written, and any flat whose number is written as a word."""
    house, flat = _home(normalise(address).text) if address else ("", "")
    if flat and flat in draft.text:
        _hide_own(draft, house, flat)
    if "кв" in draft.folded:
        draft.hide_all(_IN_WORDS, FLAT)


def _hide_own(draft: Draft, house: str, flat: str) -> None:
    escaped = re.escape(flat)
    if house:
        behind = rf"(?i)\b{re.escape(house)}(?: ?,? ?(?:к|корп|корпус)\.? ?\d{{1,2}})?(?P<flat> ?[-,/] ?{escaped})\b"
        draft.hide_all(re.compile(behind), FLAT_BEHIND_HOUSE, "flat")
    draft.hide_all(
        re.compile(rf"(?i)\bквартир[а-я]{{1,3}} [^;]{{0,60}}?№ ?(?P<flat>{escaped})\b"), FLAT, "flat"
    )
    first = rf"(?i)(?<![\d,.])\b{escaped}(?:-?[а-я]{{1,2}})? ?кв(?:артир[а-я]{{1,2}}|\.){_SQUARE}"
    draft.hide_all(re.compile(first), FLAT)


def _home(address: str) -> tuple[str, str]:
    """House and flat of an address; empty what it does not name."""
    house, flat = _HOUSE.search(address), _FLAT_NUMBER.search(address)
    if flat:
        return (house.group(1) if house else ""), flat.group(1)
    last = _HOUSE_THEN_FLAT.search(address)
    return (last.group(1), last.group(2)) if last else ("", "")
