"""Russian words for dates, durations and counts, used by every sentence shown to people."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

_MONTHS: Final = (
    "января", "февраля", "марта", "апреля", "мая", "июня",
    "июля", "августа", "сентября", "октября", "ноября", "декабря",
)  # fmt: skip
_WEEKDAYS: Final = ("понедельник", "вторник", "среда", "четверг", "пятница", "суббота", "воскресенье")


def plural(number: int, one: str, few: str, many: str) -> str:
    """`number` with the right Russian form: 1 день, 2 дня, 5 дней, 11 дней, 21 день."""
    if 10 < number % 100 < 20:
        return f"{number} {many}"
    form = (many, one, few, few, few, many, many, many, many, many)[number % 10]
    return f"{number} {form}"


def render_days(number: int) -> str:
    """«3 дня»."""
    return plural(number, "день", "дня", "дней")


def render_date(day: date) -> str:
    """«2 января 2027 года»."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year} года"


def render_weekday(day: date) -> str:
    """«суббота»."""
    return _WEEKDAYS[day.weekday()]


def render_moment(moment: datetime) -> str:
    """«2 января 2027 года, 09:30», in the moment's own zone."""
    return f"{render_date(moment)}, {moment.hour:02}:{moment.minute:02}"


def render_range(first: date, last: date) -> str:
    """«2–4 января 2027 года», both ends included."""
    if first == last:
        return render_date(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{render_date(last)}"
    if first.year == last.year:
        return f"{first.day} {_MONTHS[first.month - 1]} – {render_date(last)}"
    return f"{render_date(first)} – {render_date(last)}"


def render_seconds(seconds: int) -> str:
    """«2 ч 30 мин»; seconds only when they are all there is."""
    hours, minutes = divmod(seconds // 60, 60)
    parts = [f"{number} {unit}" for number, unit in ((hours, "ч"), (minutes, "мин")) if number]
    return " ".join(parts) or f"{seconds} с"
