"""The applicant's flat, and flats whose number is a word."""

from __future__ import annotations

import re

from services.intake.rules.masking import FLAT

_HOUSE = re.compile(r"(?i)\bд(?:ом)?\.?\s?(\d{1,4}[а-яё]?(?:/\d{1,3})?)")
_FLAT_NUMBER = re.compile(r"(?i)\b(?:кв|квартира|комн|комната|пом)\.?\s?№?\s?(\d{1,4}[а-яё]?)\b")
_HOUSE_THEN_FLAT = re.compile(r"(?i)(\d{1,4}[а-яё]?(?:/\d{1,3})?)\s?[-–,]\s?(\d{1,4})\s*$")
_IN_WORDS = re.compile(
    r"(?i)\b(?:кв-р[а-яё]{1,2}\s?№?\s?\d{1,4}|(?:кв\.|квартир[а-яё]{1,2}|кв-р[а-яё]{1,2})\s(?:номер\s|№\s?)?(?:(?:двадцать|тридцать|сорок|пятьдесят"
    r"|шестьдесят|семьдесят|восемьдесят|девяносто|сто|двести|триста)\s?){0,2}(?:один|одна|два|две|три|четыре|пять|шесть|семь|восемь|девять|десять"
    r"|одиннадцать|двенадцать|[а-яё]{3,6}надцать|двадцать|тридцать|сорок|[а-яё]{4,7}десят|девяносто|сто))\b"
)
_SQUARE = r"(?!\s?(?:м\b|метр|км))"


def mask_flat(text: str, address: str) -> str:
    """The flat of the address however it is written, and any flat whose number is written as a word."""
    return _IN_WORDS.sub(FLAT, _mask_own(text, address))


def _mask_own(text: str, address: str) -> str:
    house, flat = _home(address)
    if not flat or flat not in text:
        return text
    near = rf"(?i)\b({re.escape(house)}(?:\s?,?\s?(?:к|корп|корпус)\.?\s?\d{{1,2}})?)\s?[-–,/]\s?{re.escape(flat)}\b"
    if house:
        text = re.sub(near, rf"\1, {FLAT}", text)
    text = re.sub(rf"(?i)(\bквартир[а-яё]{{1,3}}\s[^;]{{0,60}}?№\s?){re.escape(flat)}\b", rf"\1{FLAT}", text)
    return re.sub(
        rf"(?i)(?<![\d,.])\b{re.escape(flat)}(?:-?[а-яё]{{1,2}})?\s?кв(?:артир[а-яё]{{1,2}}|\.){_SQUARE}",
        FLAT,
        text,
    )


def _home(address: str) -> tuple[str, str]:
    """House and flat of an address; empty what it does not name."""
    house, flat = _HOUSE.search(address), _FLAT_NUMBER.search(address)
    if flat:
        return (house.group(1) if house else ""), flat.group(1)
    last = _HOUSE_THEN_FLAT.search(address)
    return (last.group(1), last.group(2)) if last else ("", "")
