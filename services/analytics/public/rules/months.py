"""Of which days figures are published: whole months, each once and for ever. Whatever else is published follows from these."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

SETTLING: Final = timedelta(days=3)  # after its end: what came late is counted, too


def month_before(day: date) -> date:
    """The first day of the month before a day's own."""
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1)


def month_after(month: date) -> date:
    """The first day of the next one."""
    return (month + timedelta(days=32)).replace(day=1)


def newest_month(today: date) -> date:
    """The first day of the newest month that is published on a day."""
    return month_before(today - SETTLING)


def months_of_year(newest: date) -> list[date]:
    """The months of its year, up to the newest."""
    return [newest.replace(month=number) for number in range(1, newest.month + 1)]
