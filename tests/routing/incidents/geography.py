"""Where the invented world lies: settlements of the demo region, their streets, houses and points.

Settlements and a part of Курск's streets come from `infra/demo/region_46`; its further streets are from general
knowledge, not checked against a register, those of other settlements are common names drawn by lot. Where a street runs inside its settlement is invented: streets lie in quarters of three,
180 m apart, quarters 2.2 km apart, so that two streets are either neighbours or more than a kilometre from each
other. Settlements without known coordinates have no points: nobody there sends any.
"""

from __future__ import annotations

import csv
import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

REGION = Path(__file__).parents[3] / "infra" / "demo" / "region_46"
HOUSES = range(1, 49)
_HOUSE_M, _LANE_M, _QUARTER_M = 12.0, 180.0, 2200.0
_DEGREE_M = 111_320.0

_LONG_NAMES = ("Анатолия", "Вячеслава", "Никиты", "Надежды", "Майский")
_CAPITAL = """Ленина|Радищева|Дзержинского|Карла Маркса|Энгельса|Димитрова|Горького|Гагарина|Республиканская|Заводская
Менделеева|Комарова|Институтская|Красной Армии|Почтовая|Ватутина|Ломоносова|Белинского|Станционная|Орловская
Магистральная|Студенческая|50 лет Октября|Пушкарная|Красный Октябрь|Школьная|Садовая|Советская|Мирная|Чехова
Добролюбова|Володарского|Марата|Перекальского|Щигровская|Никитская|Рябиновая|Кожевенная|Бойцова|Льва Толстого
Интернациональная|Верхняя Набережная|Большевиков|Харьковская|Тускарная|Автодорожная|Народная|Звёздная
Гайдара|Рокоссовского|Каширцева|Крюкова|Малышева|Краснознамённая|Краснополянская|Суворовская|Чернышевского|Чайковского
Кольцова|Полянская|Просторная|Пигорева|Куйбышева|Домостроителей|Дейнеки|Веспремская|Бутко|Блинова|Асеева|Герцена|Гоголя
Железнодорожная|Заречная|Маяковского|Октябрьская|Светлая|Цюрупы|Ямская|Коммунистическая|Сергеева|Рабочая|Пионеров
Кавказская|Островского|Стрелецкая|Береговая|Воробьёва|Дружининская|Золотая|Изумрудная|Овечкина|Полевая|Трудовая|Ушакова
Энергетиков|Белгородская|Соловьиная|Пирогова|Льговская|Жукова|Красная|Мыльникова|Привокзальная|Нижняя Казацкая|Весенняя
Лесная|Луговая|Тихая|Урицкого|Репина|Пушкина"""
_CAPITAL_AVENUES = "Победы|Дружбы|Энтузиастов"
_TOWNS = """Ленина|Советская|Октябрьская|Комсомольская|Карла Маркса|Гагарина|Мира|Энгельса|Красная|Пролетарская
Горького|Первомайская|Садовая|Школьная|Заводская|Свердлова|Кирова|Маяковского|Дзержинского|Фрунзе|Луначарского"""
_VILLAGES = """Центральная|Школьная|Молодёжная|Садовая|Набережная|Советская|Лесная|Луговая|Новая|Полевая|Мира
Ленина|Октябрьская|Заречная|Колхозная|Зелёная|Комсомольская|Первомайская|Кооперативная"""


@dataclass(frozen=True)
class Street:
    """A street: its kind («улица»), its name, the quarter it lies in and its lane (0–2) there."""

    kind: str
    name: str
    quarter: int
    lane: int


@dataclass(frozen=True)
class Settlement:
    """A settlement of the demo directory; `district` is None for cities and towns of their own."""

    code: str
    name: str
    kind: str
    municipality: str
    district: str | None
    point: tuple[float, float] | None
    namesakes: bool
    streets: tuple[Street, ...]

    def quarter(self, number: int) -> list[Street]:
        """Neighbouring streets."""
        return [street for street in self.streets if street.quarter == number]


@dataclass(frozen=True)
class Place:
    """A house of a street, as somebody means it; `house` is a number, perhaps with a letter or a building."""

    settlement: Settlement
    street: Street
    house: str


def _names(text: str) -> list[str]:
    return [name for line in text.splitlines() for name in line.split("|")]


def _rows(name: str) -> list[dict[str, str]]:
    with (REGION / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _capital_names() -> list[tuple[str, str]]:
    listed = [(row["name"].split(" ", 1)[0], row["name"].split(" ", 1)[1]) for row in _rows("streets.csv")]
    listed = [(kind, name) for kind, name in listed if not name.startswith(_LONG_NAMES)]
    return [
        *listed,
        *(("улица", name) for name in _names(_CAPITAL)),
        *(("проспект", name) for name in _names(_CAPITAL_AVENUES)),
    ]


def _streets(row: dict[str, str]) -> tuple[Street, ...]:
    """The same streets whatever the seed of a world: a directory does not change with its appeals."""
    rng = random.Random(row["code"])
    if row["name"] == "Курск":
        names = _capital_names()
        rng.shuffle(names)
    elif row["kind"] in ("г", "пгт"):
        names = [("улица", name) for name in rng.sample(_names(_TOWNS), 12 if row["kind"] == "г" else 6)]
    else:
        names = [("улица", name) for name in rng.sample(_names(_VILLAGES), rng.choice((3, 3, 6)))]
    return tuple(Street(kind, name, at // 3, at % 3) for at, (kind, name) in enumerate(names))


@cache
def settlements() -> tuple[Settlement, ...]:
    """All settlements of the directory, in its order."""
    names = {row["oktmo"]: row["name"] for row in _rows("municipalities.csv")}
    rows = _rows("settlements.csv")
    seen = [row["name"] for row in rows]
    return tuple(
        Settlement(
            row["code"],
            row["name"],
            row["kind"],
            row["municipality"],
            names[row["municipality"]] if names[row["municipality"]].endswith("район") else None,
            (float(row["lat"]), float(row["lon"])) if row["lat"] else None,
            bool(row["namesakes"]) or seen.count(row["name"]) > 1,
            _streets(row),
        )
        for row in rows
    )


@cache
def capital() -> Settlement:
    """Курск."""
    return next(settlement for settlement in settlements() if settlement.name == "Курск")


@cache
def towns() -> tuple[Settlement, ...]:
    """The other cities and the towns."""
    return tuple(one for one in settlements() if one.kind == "г" and one != capital())


@cache
def villages() -> tuple[Settlement, ...]:
    """Urban settlements and villages; those with a known point come twice, being the larger ones."""
    small = [one for one in settlements() if one.kind != "г"]
    return tuple(small + [one for one in small if one.point])


def some_settlement(rng: random.Random, capital_share: float = 0.55) -> Settlement:
    """The capital, a town or a village, about as people live."""
    draw = rng.random()
    if draw < capital_share:
        return capital()
    return rng.choice(towns() if draw < capital_share + (1 - capital_share) * 0.4 else villages())


def some_house(rng: random.Random) -> str:
    """«5», sometimes «5а», «5/2» or «5 к. 2»."""
    number = rng.choice(HOUSES)
    return rng.choices(
        (f"{number}", f"{number}а", f"{number}б", f"{number}/2", f"{number} к. 2"), (80, 9, 4, 5, 2)
    )[0]


def number_of(house: str) -> int:
    """The number of a house, without its letter."""
    return int("".join(_leading_digits(house)))


def _leading_digits(house: str) -> Iterator[str]:
    for sign in house:
        if not sign.isdigit():
            return
        yield sign


def some_place(rng: random.Random, settlement: Settlement, streets: Sequence[Street] = ()) -> Place:
    """A house of one of the streets given, else of any of the settlement."""
    return Place(settlement, rng.choice(streets or settlement.streets), some_house(rng))


def point_of(place: Place) -> tuple[float, float] | None:
    """Latitude and longitude of a house, None where the settlement's own is not known."""
    centre = place.settlement.point
    if centre is None:
        return None
    quarters = place.settlement.streets[-1].quarter + 1
    width = max(1, math.ceil(math.sqrt(quarters)))
    column, line = place.street.quarter % width, place.street.quarter // width
    east = (column - (width - 1) / 2) * _QUARTER_M + (number_of(place.house) - len(HOUSES) / 2) * _HOUSE_M
    north = (line - (width - 1) / 2) * _QUARTER_M + (place.street.lane - 1) * _LANE_M
    return moved(centre, east, north)


def moved(point: tuple[float, float], east_m: float, north_m: float) -> tuple[float, float]:
    """A point some metres further."""
    lat = point[0] + north_m / _DEGREE_M
    return round(lat, 6), round(point[1] + east_m / (_DEGREE_M * math.cos(math.radians(point[0]))), 6)


def metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """How far two points of a town are from each other, in metres."""
    north = (one[0] - other[0]) * _DEGREE_M
    east = (one[1] - other[1]) * _DEGREE_M * math.cos(math.radians(one[0]))
    return math.hypot(north, east)
