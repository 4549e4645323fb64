"""What files are called."""

from __future__ import annotations

from typing import Final, Literal
from urllib.parse import quote

from contracts.territories import REGIONS
from services.analytics.store.rules.filters import Filter
from services.analytics.store.rules.periods import Period

FileFormat = Literal["csv", "xlsx", "parquet"]
FigureKind = Literal["summary", "timeseries", "breakdown", "ranking", "appeals"]
TITLES: Final[dict[FigureKind, str]] = {
    "summary": "Показатели",
    "timeseries": "Динамика",
    "breakdown": "Распределение",
    "ranking": "Сравнение",
    "appeals": "Обращения без персональных данных",
}
EVERYWHERE: Final = "Все доступные регионы"


def region_name(region: str | None) -> str:
    """The region's name."""
    return EVERYWHERE if region is None else REGIONS[region].name


def period_name(period: Period) -> str:
    """A period in words."""
    if period.start is None and period.end is None:
        return "за всё время"
    start = f"с {period.start}" if period.start else ""
    end = f"до {period.end} (не включая)" if period.end else ""
    return " ".join(filter(None, (start, end)))


def disposition(
    kind: FigureKind, details: tuple[str | None, ...], filters: Filter, extension: FileFormat
) -> str:
    """A Content-Disposition (RFC 6266): a name in Latin letters, and the Russian one (RFC 8187).

    `details`: what else tells the file from others, words in Latin letters.
    """
    days = [str(day) for day in (filters.period.start, filters.period.end) if day is not None]
    latin = ["otklik", kind, *filter(None, details), filters.region or "all", *days]
    russian = ["Отклик", TITLES[kind], *filter(None, details), region_name(filters.region), *days]
    plain = "-".join(latin).replace("_", "-")
    return (
        f'attachment; filename="{plain}.{extension}"; '
        f"filename*=UTF-8''{quote(' – '.join(russian), safe='')}.{extension}"
    )
