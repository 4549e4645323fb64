"""Real texts of `OTKLIK_SAMPLES`, made to speak of places of the invented world."""

from __future__ import annotations

import csv
import os
import random
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.routing.incidents.geography import (
    REGION,
    Place,
    Settlement,
    capital,
    settlements,
    some_place,
    some_settlement,
    towns,
    villages,
)  # fmt: skip
from tests.routing.incidents.kinds import kinds_of_topic
from tests.routing.incidents.telling import street_form

_NAME = r"(?:\d+(?:[ -]?[а-я]{1,2})?\s+(?:лет\s+)?)?(?:[А-ЯЁ]\.\s?)?[А-ЯЁ][\w-]+(?:\s[А-ЯЁ][\w-]+)?"
_STREET = re.compile(
    r"\b(?:[Уу]л\.?|[Уу]лиц(?:а|е|ы|у|ей)|[Пп]р-?к?т\.?|[Пп]роспект(?:а|е|у|ом)?|[Пп]ер\.|[Пп]ереул(?:ок|ке|ка|ку))\s*"
    + _NAME
)
_BARE_STREET = re.compile(
    r"(?<=[\s:])([Нн]а|[Пп]о|адресу:?)\s+[А-ЯЁ][а-яё]{3,}(?:\s[А-ЯЁ][а-яё]+)?\s?,?\s?(?:д\.?\s?|дом\s)?\d+[а-яА-Я]?\b"
)
_FLATS = re.compile(r"многоквартирн|подъезд|микрорайон|мкрн?\b|МКД|управляющ|\bУК\b|трамва|троллейбус")
_CAPITAL = re.compile(r"\bКурск(?:е|а|у|ом)?\b")
_HOUSE = re.compile(r"(?<=[\s,(])(д\.\s?|дом(?:а|у|е|ом)?\s?№?\s?|№\s?)\d+(?:[а-яА-Я]\b)?(?:/\d+)?")
_AFTER_STREET = re.compile(
    r"(\{street\},?\s?)(?:д\.?\s?|дом\s)?№?\s?\d+(?:\s?[а-яА-Я]\b)?(?:/\d+)?(?![\w.]\d)"
)
_SETTLEMENT = re.compile(
    r"\b(?:с\.|д\.|п\.|пос\.|дер\.|сел[оеау]|деревн[яеию]|пос[её]л(?:ок|ке|ка|ку))\s?" + _NAME
)
_DISTRICT = re.compile(r"([А-ЯЁ][а-яё]{4,})(?:ского|ском|скому|ский)\s+район")
_TOWN_STEMS = {
    "Железногорск": "Железногорск", "Курчатов": "Курчатов", "Льгов": "Льгов", "Щигр": "Щигры", "Рыльск": "Рыльск",
    "Обоян": "Обоянь", "Дмитриев": "Дмитриев", "Судж": "Суджа", "Фатеж": "Фатеж",
}  # fmt: skip


@dataclass(frozen=True)
class Sample:
    """A real text with its places taken out, its topic's code if the directory has it, and where it can come from."""

    template: str
    topic: str | None
    kinds: tuple[str, ...]
    homes: tuple[Settlement, ...]


@cache
def samples() -> tuple[Sample, ...]:
    """All texts of `kursk_appeals.csv`; none where `OTKLIK_SAMPLES` is unset."""
    folder = os.environ.get("OTKLIK_SAMPLES")
    if not folder:
        return ()
    with (REGION / "topics.csv").open(encoding="utf-8") as file:
        codes = {row["name"]: row["code"] for row in csv.DictReader(file)}
    with (Path(folder) / "kursk_appeals.csv").open(encoding="utf-8") as file:
        return tuple(_sample(row["text"], codes.get(row["topic"])) for row in csv.DictReader(file))


def _sample(text: str, topic: str | None) -> Sample:
    template = _STREET.sub("{street}", text, count=1)
    if template == text:
        template = _BARE_STREET.sub(r"\1 {street}, {house}", text, count=1)
    template = _STREET.sub("{other}", template)
    if "{house}" not in template:
        template = _AFTER_STREET.sub(r"\g<1>{house}", template, count=1)
    if "{house}" not in template:
        template = _HOUSE.sub(r"\g<1>{house}", template, count=1)
    template = _SETTLEMENT.sub("{settlement}", template, count=1)
    return Sample(template, topic, kinds_of_topic(topic) if topic else (), _homes(text, template))


def _homes(text: str, template: str) -> tuple[Settlement, ...]:
    """Settlements that the text does not contradict; none: any."""
    district = _DISTRICT.search(text)
    if district:
        inside = tuple(one for one in villages() if one.district and one.district.startswith(district[1][:6]))
        if inside:
            return inside
    for stem, name in _TOWN_STEMS.items():
        if stem in text and f"{stem}ск" not in text:
            return tuple(one for one in settlements() if one.name == name and one.kind == "г")
    if "{settlement}" in template:
        return villages()
    if _CAPITAL.search(text):
        return (capital(),)
    return (*[capital()] * 2 * len(towns()), *towns()) if _FLATS.search(text) else ()


def home_of(sample: Sample, rng: random.Random) -> Place:
    """A house where such a text can come from."""
    settlement = rng.choice(sample.homes) if sample.homes else some_settlement(rng, 0.35)
    return some_place(rng, settlement)


def placed(template: str, place: Place, rng: random.Random) -> str:
    """The template with streets of the same settlement where the text names further ones."""
    while "{other}" in template:
        template = template.replace("{other}", street_form(rng.choice(place.settlement.streets), rng), 1)
    return template
