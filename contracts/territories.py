"""The 89 federal subjects: code, name, time zone, ОКТМО prefix; and the zones of municipalities that differ.

Source: `regions_ru.csv` (hflabs, offsets checked against tzdata; 90, 93, 94 and 95 from memory). The region
code is the two-digit subject code citizens and tax offices use (КЛАДР: 46 = Курская область). ОКТМО numbers
the same subjects differently (Курская = 38), and gives three autonomous okrugs a third digit inside their
oblast (83: 118, 86: 718, 89: 719), so a municipality belongs to the region with the LONGEST matching prefix.

Pure data: stdlib only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Region:
    """A federal subject.

    `code`: two digits (КЛАДР). `zone`: IANA name of the zone of its capital. `oktmo_prefix`: two digits, or
    three for an autonomous okrug that ОКТМО counts inside an oblast.
    """

    code: str
    name: str
    zone: str
    oktmo_prefix: str


_TABLE: Final = (
    ("01", "Республика Адыгея", "Europe/Moscow", "79"),
    ("02", "Республика Башкортостан", "Asia/Yekaterinburg", "80"),
    ("03", "Республика Бурятия", "Asia/Irkutsk", "81"),
    ("04", "Республика Алтай", "Asia/Barnaul", "84"),
    ("05", "Республика Дагестан", "Europe/Moscow", "82"),
    ("06", "Республика Ингушетия", "Europe/Moscow", "26"),
    ("07", "Кабардино-Балкарская Республика", "Europe/Moscow", "83"),
    ("08", "Республика Калмыкия", "Europe/Moscow", "85"),
    ("09", "Карачаево-Черкесская Республика", "Europe/Moscow", "91"),
    ("10", "Республика Карелия", "Europe/Moscow", "86"),
    ("11", "Республика Коми", "Europe/Moscow", "87"),
    ("12", "Республика Марий Эл", "Europe/Moscow", "88"),
    ("13", "Республика Мордовия", "Europe/Moscow", "89"),
    ("14", "Республика Саха (Якутия)", "Asia/Yakutsk", "98"),
    ("15", "Республика Северная Осетия — Алания", "Europe/Moscow", "90"),
    ("16", "Республика Татарстан", "Europe/Moscow", "92"),
    ("17", "Республика Тыва", "Asia/Krasnoyarsk", "93"),
    ("18", "Удмуртская Республика", "Europe/Samara", "94"),
    ("19", "Республика Хакасия", "Asia/Krasnoyarsk", "95"),
    ("20", "Чеченская Республика", "Europe/Moscow", "96"),
    ("21", "Чувашская Республика — Чувашия", "Europe/Moscow", "97"),
    ("22", "Алтайский край", "Asia/Barnaul", "01"),
    ("23", "Краснодарский край", "Europe/Moscow", "03"),
    ("24", "Красноярский край", "Asia/Krasnoyarsk", "04"),
    ("25", "Приморский край", "Asia/Vladivostok", "05"),
    ("26", "Ставропольский край", "Europe/Moscow", "07"),
    ("27", "Хабаровский край", "Asia/Vladivostok", "08"),
    ("28", "Амурская область", "Asia/Yakutsk", "10"),
    ("29", "Архангельская область", "Europe/Moscow", "11"),
    ("30", "Астраханская область", "Europe/Astrakhan", "12"),
    ("31", "Белгородская область", "Europe/Moscow", "14"),
    ("32", "Брянская область", "Europe/Moscow", "15"),
    ("33", "Владимирская область", "Europe/Moscow", "17"),
    ("34", "Волгоградская область", "Europe/Volgograd", "18"),
    ("35", "Вологодская область", "Europe/Moscow", "19"),
    ("36", "Воронежская область", "Europe/Moscow", "20"),
    ("37", "Ивановская область", "Europe/Moscow", "24"),
    ("38", "Иркутская область", "Asia/Irkutsk", "25"),
    ("39", "Калининградская область", "Europe/Kaliningrad", "27"),
    ("40", "Калужская область", "Europe/Moscow", "29"),
    ("41", "Камчатский край", "Asia/Kamchatka", "30"),
    ("42", "Кемеровская область — Кузбасс", "Asia/Novokuznetsk", "32"),
    ("43", "Кировская область", "Europe/Kirov", "33"),
    ("44", "Костромская область", "Europe/Moscow", "34"),
    ("45", "Курганская область", "Asia/Yekaterinburg", "37"),
    ("46", "Курская область", "Europe/Moscow", "38"),
    ("47", "Ленинградская область", "Europe/Moscow", "41"),
    ("48", "Липецкая область", "Europe/Moscow", "42"),
    ("49", "Магаданская область", "Asia/Magadan", "44"),
    ("50", "Московская область", "Europe/Moscow", "46"),
    ("51", "Мурманская область", "Europe/Moscow", "47"),
    ("52", "Нижегородская область", "Europe/Moscow", "22"),
    ("53", "Новгородская область", "Europe/Moscow", "49"),
    ("54", "Новосибирская область", "Asia/Novosibirsk", "50"),
    ("55", "Омская область", "Asia/Omsk", "52"),
    ("56", "Оренбургская область", "Asia/Yekaterinburg", "53"),
    ("57", "Орловская область", "Europe/Moscow", "54"),
    ("58", "Пензенская область", "Europe/Moscow", "56"),
    ("59", "Пермский край", "Asia/Yekaterinburg", "57"),
    ("60", "Псковская область", "Europe/Moscow", "58"),
    ("61", "Ростовская область", "Europe/Moscow", "60"),
    ("62", "Рязанская область", "Europe/Moscow", "61"),
    ("63", "Самарская область", "Europe/Samara", "36"),
    ("64", "Саратовская область", "Europe/Saratov", "63"),
    ("65", "Сахалинская область", "Asia/Sakhalin", "64"),
    ("66", "Свердловская область", "Asia/Yekaterinburg", "65"),
    ("67", "Смоленская область", "Europe/Moscow", "66"),
    ("68", "Тамбовская область", "Europe/Moscow", "68"),
    ("69", "Тверская область", "Europe/Moscow", "28"),
    ("70", "Томская область", "Asia/Tomsk", "69"),
    ("71", "Тульская область", "Europe/Moscow", "70"),
    ("72", "Тюменская область", "Asia/Yekaterinburg", "71"),
    ("73", "Ульяновская область", "Europe/Ulyanovsk", "73"),
    ("74", "Челябинская область", "Asia/Yekaterinburg", "75"),
    ("75", "Забайкальский край", "Asia/Chita", "76"),
    ("76", "Ярославская область", "Europe/Moscow", "78"),
    ("77", "Москва", "Europe/Moscow", "45"),
    ("78", "Санкт-Петербург", "Europe/Moscow", "40"),
    ("79", "Еврейская автономная область", "Asia/Vladivostok", "99"),
    ("83", "Ненецкий автономный округ", "Europe/Moscow", "118"),
    ("86", "Ханты-Мансийский автономный округ — Югра", "Asia/Yekaterinburg", "718"),
    ("87", "Чукотский автономный округ", "Asia/Anadyr", "77"),
    ("89", "Ямало-Ненецкий автономный округ", "Asia/Yekaterinburg", "719"),
    ("90", "Запорожская область", "Europe/Moscow", "23"),
    ("91", "Республика Крым", "Europe/Simferopol", "35"),
    ("92", "Севастополь", "Europe/Simferopol", "67"),
    ("93", "Донецкая Народная Республика", "Europe/Moscow", "21"),
    ("94", "Луганская Народная Республика", "Europe/Moscow", "43"),
    ("95", "Херсонская область", "Europe/Moscow", "74"),
)

REGIONS: Final[Mapping[str, Region]] = MappingProxyType({row[0]: Region(*row) for row in _TABLE})

# Sakha lies in three zones. tzdata (zone1970.tab) names the districts of each; the ОКТМО codes are those of
# ОК 033-2013 vol. 8. Хандыга keeps Yakutsk's time today but had its own until 2011, which counts for old
# dates. A district that becomes a municipal okrug gets another code: pass `overrides` until this table knows
# it.
MUNICIPAL_ZONES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "98601": "Asia/Srednekolymsk",  # Абыйский
        "98606": "Asia/Srednekolymsk",  # Аллаиховский
        "98615": "Asia/Srednekolymsk",  # Верхнеколымский
        "98616": "Asia/Vladivostok",  # Верхоянский
        "98633": "Asia/Srednekolymsk",  # Момский
        "98637": "Asia/Srednekolymsk",  # Нижнеколымский
        "98639": "Asia/Ust-Nera",  # Оймяконский
        "98646": "Asia/Srednekolymsk",  # Среднеколымский
        "98650": "Asia/Khandyga",  # Томпонский
        "98654": "Asia/Khandyga",  # Усть-Майский
        "98656": "Asia/Vladivostok",  # Усть-Янский
    }
)


def find_zone(
    region: str, municipality: str | None = None, overrides: Mapping[str, str] | None = None
) -> str:
    """IANA zone of a place.

    `municipality` is an ОКТМО code (8 or 11 digits); the longest prefix in `overrides` (a region's own
    settings) or else in `MUNICIPAL_ZONES` wins, then the region's zone. A municipality of another region is a sender's
    mistake and changes no clock. Raises KeyError for an unknown region code.
    """
    if municipality and municipality.startswith(REGIONS[region].oktmo_prefix):
        for table in filter(None, (overrides, _zones_near(municipality[:2]))):
            for length in range(len(municipality), 1, -1):
                zone = table.get(municipality[:length])
                if zone:
                    return zone
    return REGIONS[region].zone


@lru_cache(maxsize=256)
def _zones_near(subject: str) -> Mapping[str, str]:
    """Those of `MUNICIPAL_ZONES` in a subject of the federation, the first two digits of its ОКТМО codes: most have none."""
    return {prefix: zone for prefix, zone in MUNICIPAL_ZONES.items() if prefix.startswith(subject)}
