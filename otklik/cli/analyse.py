"""`otklik analyse`: problems and forecasts of any register, day by day, without a running system."""

from __future__ import annotations

import csv
import time
from collections.abc import Iterable, Mapping, Set
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from otklik.cli.failures import Failed
from otklik.cli.output import fail, print_json, print_message, print_table, progress_console
from otklik.files.moments import DateOrder
from otklik.files.refusals import Refusals
from otklik.files.registers import Columns, RegisterReader
from signals import Case, Cases, DayForecast, Forecasts, Problem, cases_of, find_problems, forecast

COLUMNS = ("found on", "kind", "type", "place", "days", "observed", "expected", "p")
FORECAST_COLUMNS = ("day", "type", "predicted", "low", "high", "observed")
PLACE_COLUMNS = ("day", "type", "place", "predicted", "low", "high", "observed")
FILES = {
    "forecasts.csv": FORECAST_COLUMNS,
    "forecasts_by_place.csv": PLACE_COLUMNS,
    "outlook.csv": PLACE_COLUMNS[:-1],
}
DIGITS = 6
MOST_DAYS = 3660  # a register of more years is one with a wrong date


@dataclass(frozen=True, slots=True)
class Analysing:
    """How to read and judge a file."""

    columns: Columns
    official: str | None
    horizon: int
    holidays: str
    zone: str
    date_order: DateOrder | None
    out: Path | None


def analyse(path: Path, how: Analysing, as_json: bool) -> None:
    """Find what a day could have known on that day; exit code 1 when a row could not be read."""
    began = time.monotonic()
    reader = RegisterReader(how.columns, _read_zone(how.zone), how.official, how.date_order)
    with progress_console.status("Reading …") as shown:
        cases, refusals = _read(path, reader)
        known = _holidays(how.holidays, range(cases.first_day.year, cases.date_of(cases.days).year + 2))
        shown.update(f"Going through {cases.days} days …")
        problems = find_problems(cases, known)
        forecasts = forecast(cases, known, how.horizon)
    if how.out is not None:
        _write(how.out, forecasts)
    _print_left_out(reader, refusals)
    if as_json:
        print_json(_as_json(cases, problems, forecasts, refusals))
    else:
        _print(problems, forecasts)
    print_message(f"{len(cases.day)} rows of {cases.days} days in {time.monotonic() - began:.1f} s.")
    if refusals.count:
        fail()


def _read(path: Path, reader: RegisterReader) -> tuple[Cases, Refusals]:
    rows: list[Case] = []
    refusals = Refusals()
    for each in reader.read(path):
        if isinstance(each, Case):
            rows.append(each)
        else:
            refusals.add(each[0], None, each[1])
    if not rows:
        reasons = "; ".join(refusals.lines("row {refusal.row} {refusal.reason}"))
        raise Failed(f"{path} has no row with a time and a type. {reasons}".strip())
    cases = cases_of(rows)
    if cases.days > MOST_DAYS:
        last = cases.date_of(cases.days - 1)
        raise Failed(
            f"{path} goes from {cases.first_day} to {last}, more than ten years. Is a date wrong? Leave such rows out."
        )
    return cases, refusals


def _read_zone(zone: str) -> ZoneInfo:
    try:
        return ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Failed(f"`{zone}` is no time zone; give an IANA name, e.g. Europe/Moscow.") from None


def _holidays(code: str, years: range) -> Set[date]:
    """Of a country (`RU`) or of a part of one (`US-MA`)."""
    import holidays

    country, _, part = code.upper().partition("-")
    try:
        return frozenset(holidays.country_holidays(country, subdiv=part or None, years=list(years)))
    except NotImplementedError:
        raise Failed(
            f"There are no holidays of `{code}`; give a country as RU, or a part of it as US-MA."
        ) from None


def _as_json(
    cases: Cases, problems: Iterable[Problem], forecasts: Forecasts | None, refusals: Refusals
) -> Mapping[str, object]:
    return {
        "rows": len(cases.day),
        "days": cases.days,
        "refused": refusals.count,
        "refusals": refusals.as_json(),
        "problems": [asdict(each) for each in problems],
        "forecast": None if forecasts is None else asdict(forecasts.accuracy),
    }


def _print(problems: Iterable[Problem], forecasts: Forecasts | None) -> None:
    rows = [
        (
            each.detected_on,
            each.kind,
            each.type,
            each.place,
            each.days,
            each.observed,
            f"{each.expected:.1f}",
            f"{each.p_value:.1e}",
        )
        for each in problems
    ]
    print_table("Problems", COLUMNS, rows)
    if forecasts is None:
        print_message("No forecast: too few days, or no type with 300 rows.")
        return
    figures = asdict(forecasts.accuracy)
    print_table("Forecast", ("", "value"), [(name, _rounded(value)) for name, value in figures.items()])


def _print_left_out(reader: RegisterReader, refusals: Refusals) -> None:
    if reader.incomplete:
        print_message(f"{reader.incomplete} rows without a type are left out.")
    if refusals.count:
        print_message(f"{refusals.count} rows cannot be read:")
        for line in refusals.lines("  row {refusal.row} {refusal.reason}"):
            print_message(line)


def _write(folder: Path, forecasts: Forecasts | None) -> None:
    """`forecasts.csv` (the test, by type), `forecasts_by_place.csv`, `outlook.csv` (the days to come; no type means all,
    no place all places)."""
    tables = (forecasts.tested, forecasts.by_place, forecasts.outlook) if forecasts else ((), (), ())
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for (name, columns), table in zip(FILES.items(), tables, strict=True):
            _write_table(folder / name, columns, table)
    except OSError as error:
        raise Failed(f"{folder} cannot be written: {error.strerror}.") from None


def _write_table(path: Path, columns: tuple[str, ...], days: Iterable[DayForecast]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows([_rounded(getattr(day, column)) for column in columns] for day in days)


def _rounded(value: object) -> object:
    return round(value, DIGITS) if isinstance(value, float) else value
