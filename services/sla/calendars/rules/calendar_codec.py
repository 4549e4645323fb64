"""A region's calendar as data: read from and written to the JSON of `GET|PUT /api/v1/calendars/{region}`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, cast

from chassis.faults import Wording
from chassis.national import KNOWN_UNTIL
from contracts.territories import find_zone
from services.sla.calendars.rules.calendars import Calendar, CalendarChanges
from services.sla.calendars.rules.office_hours import (
    STANDARD,
    Day,
    dump_hours,
    dump_spans,
    is_list,
    parse_hours,
    parse_spans,
)
from services.sla.calendars.rules.years import FIRST_YEAR, LAST_YEAR


def parse_calendar(data: Mapping[str, Any], *, region: str, municipality: str | None = None) -> Calendar:
    """Read a calendar; every field may be absent.

    `{"zone", "office_hours": {"mon": [["09:00", "13:00"], …], …}, "days_off": [{"date", "reason"}],
    "working_days": [{"date", "reason"}], "short_days": [{"date", "hours": [["09:00", "13:00"]]}],
    "shorten_pre_holidays": false, "known_until": 2027, "version": 1}`. The zone is by default the
    municipality's. Raises ValueError saying what is wrong, KeyError for an unknown region.
    """
    changes = CalendarChanges(
        days_off=_parse_days(data.get("days_off"), "нерабочий день региона"),
        working_days=_parse_days(data.get("working_days"), "рабочий день региона"),
        hours=_parse_short_days(data.get("short_days")),
    )
    hours = data.get("office_hours")
    try:
        return Calendar(
            region,
            data.get("zone") or find_zone(region, municipality),
            hours=parse_hours(hours) if hours else STANDARD,
            changes=changes,
            shorten_pre_holidays=bool(data.get("shorten_pre_holidays", False)),
            version=int(data.get("version", 1)),
            known_until=int(data.get("known_until", KNOWN_UNTIL)),
        )
    except (OSError, TypeError) as error:  # zoneinfo reads a malformed name as a path
        raise ValueError("the zone must be an IANA name") from error
    except KeyError as error:
        if data.get("zone"):  # ZoneInfoNotFoundError is a KeyError
            raise ValueError("the zone must be an IANA name") from error
        raise


def dump_calendar(calendar: Calendar) -> dict[str, object]:
    """The shape `parse_calendar` reads, with the region."""
    changes = calendar.changes
    return {
        "region": calendar.region,
        "zone": calendar.zone,
        "office_hours": dump_hours(calendar.hours),
        "days_off": _dump_days(changes.days_off),
        "working_days": _dump_days(changes.working_days),
        "short_days": [
            {"date": day.isoformat(), "hours": dump_spans(spans)}
            for day, spans in sorted(changes.hours.items())
        ],
        "shorten_pre_holidays": calendar.shorten_pre_holidays,
        "known_until": calendar.known_until,
        "version": calendar.version,
    }


def _parse_days(data: object, default: str) -> dict[date, str]:
    return {_parse_date(row): str(row.get("reason") or default) for row in _rows(data)}


def _parse_short_days(data: object) -> dict[date, Day]:
    """Without those that were stored with no hours: such a day has never been shorter."""
    days = {_parse_date(row): parse_spans(row.get("hours")) for row in _rows(data)}
    return {day: spans for day, spans in days.items() if spans}


def _dump_days(days: Mapping[date, str]) -> list[dict[str, str]]:
    return [{"date": day.isoformat(), "reason": reason} for day, reason in sorted(days.items())]


def _rows(data: object) -> Sequence[Mapping[str, Any]]:
    rows = data or ()
    if not is_list(rows) or not all(isinstance(row, Mapping) for row in rows):
        raise ValueError("days are a list of objects with a date")
    return cast(Sequence[Mapping[str, Any]], rows)


def _parse_date(row: Mapping[str, Any]) -> date:
    try:
        day = date.fromisoformat(str(row.get("date")))
    except ValueError as error:
        raise ValueError("a date is YYYY-MM-DD") from error
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        years = {"first": FIRST_YEAR, "last": LAST_YEAR}
        raise ValueError(Wording("dates lie between {first} and {last}", years))
    return day
