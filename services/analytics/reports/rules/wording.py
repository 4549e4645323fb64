"""Russian numbers, plurals, dates."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from services.analytics.figures.rules.measures.measure import Unit
from services.analytics.store.rules.periods import zone_of

THIN: Final = "\u202f"  # between thousands
NOTHING: Final = "–"
_MONTHS: Final = (
    *("января", "февраля", "марта", "апреля", "мая", "июня"),
    *("июля", "августа", "сентября", "октября", "ноября", "декабря"),
)
_UNITS: Final[dict[Unit, str]] = {
    "hours": " ч",
    "working_hours": " раб. ч",
    "days": " дн.",
    "per_10000": " на 10 тыс. жителей",
    "count": "",
    "share": "",
    "score": "",
}
WEEKDAYS: Final = ("понедельник", "вторник", "среда", "четверг", "пятница", "суббота", "воскресенье")


def number(value: float, digits: int = 0) -> str:
    """1 234 or 12,3."""
    text = f"{abs(value):,.{digits}f}".replace(",", THIN).replace(".", ",")
    is_zero = not text.strip("0,")
    return text if value >= 0 or is_zero else f"\u2212{text}"


def signed(value: float, digits: int = 0) -> str:
    """+3 or −3."""
    text = number(value, digits)
    return f"+{text}" if value > 0 and text.strip("0,") else text


def percent(share: float, digits: int = 1) -> str:
    """87,5 %."""
    return f"{number(share * 100, digits)}\u00a0%"


def figure(value: float | None, unit: Unit) -> str:
    """A value of a measure in its own unit; a dash where there is none."""
    if value is None:
        return NOTHING
    if unit == "share":
        return percent(value)
    if unit == "count":
        return number(value)
    return number(value, 2 if unit == "score" else 1) + _UNITS[unit]


def change(value: float | None, before: float | None, unit: Unit) -> str:
    """How a figure moved: counts by numbers and per cent, shares in points, the rest in their unit."""
    if value is None or before is None:
        return NOTHING
    if unit == "share":
        return f"{signed((value - before) * 100, 1)} п. п."
    if unit != "count":
        return signed(value - before, 2 if unit == "score" else 1) + _UNITS[unit]
    per_cent = f" ({signed((value / before - 1) * 100)}\u00a0%)" if before else ""
    return signed(value - before) + per_cent


def plural(count: int, one: str, few: str, many: str) -> str:
    """1 обращение, 2 обращения, 5 обращений – with the number."""
    last, tens = count % 10, count % 100
    word = many if tens in range(11, 15) else one if last == 1 else few if last in (2, 3, 4) else many
    return f"{number(count)} {word}"


def appeals(count: int) -> str:
    """So many appeals."""
    return plural(count, "обращение", "обращения", "обращений")


def day(at: date) -> str:
    """1 ноября 2026 г."""
    return f"{at.day} {_MONTHS[at.month - 1]} {at.year}\u00a0г."


def short_day(at: date) -> str:
    """01.11.2026."""
    return f"{at:%d.%m.%Y}"


def period(start: date | None, end: date | None) -> str:
    """Of whole days, the end excluded as everywhere."""
    if start is None and end is None:
        return "за всё время"
    if end is None:
        return f"с {day(start)}" if start else "за всё время"
    last = end - timedelta(days=1)
    if start is None:
        return f"по {day(last)}"
    return f"за {day(start)}" if start == last else f"с {day(start)} по {day(last)}"


def ended(sentence: str) -> str:
    """With one full stop."""
    return sentence if sentence.endswith(".") else f"{sentence}."


def moment(at: datetime | None, region: str | None) -> str:
    """01.11.2026 14:05 by the region's clock, with its offset; words where it is not known."""
    if at is None:
        return "не определено"
    local = at.astimezone(zone_of(region))
    return f"{local:%d.%m.%Y %H:%M} (UTC{local.isoformat()[-6:]})"
