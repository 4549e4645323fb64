"""Why a deadline is what it is: steps as data, each with a sentence in Russian, and the way back from them.

A step is `{"kind", …facts, "text"}`, JSON-safe: instants are RFC 3339 with the organisation's offset, dates
`YYYY-MM-DD`. Kinds in order: `policy` · (`moved`, `interim` {at}) · `start` {at, local_date, zone, region,
calendar_version} · `term` {amount, unit, weekend_rule}, `promise` {promised_on} or `given` {due_at} (by the system
that kept the case before) · `extension` {days} ·
`office` {week, special, regular_seconds} · `skipped` {ranges} · `pause` {from, to, days|seconds} · `weekend`
{rule, from, to, floor, off} · `uncertain` {year} · `result` {due_at, due_on}. The steps hold all that
`replays.recompute` needs; it counts naively, day by day, and shares no arithmetic with `deadlines`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from services.sla.calendars.rules.calendars import WEEKEND, Calendar
from services.sla.calendars.rules.office_hours import OfficeHours, dump_hours, dump_spans
from services.sla.calendars.rules.terms import Term
from services.sla.calendars.rules.wording import (
    render_date,
    render_days,
    render_moment,
    render_range,
    render_seconds,
    render_weekday,
)

Step = dict[str, Any]

_RULES = {
    "previous": "последний рабочий день перед ним",
    "next": "ближайший следующий рабочий день",
}
_ENOUGH_RANGES = 6  # a sentence that lists more is not read; the data holds all of them


def group_steps(steps: Iterable[Step]) -> dict[str, list[Step]]:
    """Steps by their kind, in order."""
    by_kind: dict[str, list[Step]] = {}
    for step in steps:
        by_kind.setdefault(step["kind"], []).append(step)
    return by_kind


def start_step(begin: datetime, calendar: Calendar) -> Step:
    """Where counting begins, `begin` in the organisation's zone."""
    return {
        "kind": "start",
        "at": begin.isoformat(),
        "local_date": begin.date().isoformat(),
        "zone": calendar.zone,
        "region": calendar.region,
        "calendar_version": calendar.version,
        "text": f"Отсчёт: {render_moment(begin)} по местному времени ({calendar.zone}).",
    }


def term_step(term: Term, weekend_rule: str) -> Step:
    """How long."""
    tail = "; первый день срока – следующий за днём начала" if term.in_days else ""
    return {
        "kind": "term",
        "amount": term.amount,
        "unit": term.unit,
        "weekend_rule": weekend_rule,
        "text": f"Срок: {term}{tail}.",
    }


def promise_step(promised_on: date) -> Step:
    """The date promised to the citizen."""
    return {
        "kind": "promise",
        "promised_on": promised_on.isoformat(),
        "text": f"Заявителю обещано решение к дате {render_date(promised_on)}.",
    }


def given_step(due: datetime) -> Step:
    """What another system had set."""
    return {
        "kind": "given",
        "due_at": due.isoformat(),
        "text": f"Срок назначен в прежней системе: {render_moment(due)}; при переносе не пересчитывался.",
    }


def extension_step(days: int, decided_at: datetime | None, reason: str) -> Step:
    """An approved extension."""
    return {
        "kind": "extension",
        "days": days,
        "decided_at": decided_at.isoformat() if decided_at else None,
        "reason": reason,
        "text": f"Срок продлён на {render_days(days)}{_in_brackets(reason)}.",
    }


def paused_days_step(since: datetime, until: datetime, reason: str, days: int, calendar: Calendar) -> Step:
    """A pause that added local dates."""
    added = f"срок передвинут на {render_days(days)}" if days else "на число дней срока она не повлияла"
    return _pause_step(calendar.to_local(since), calendar.to_local(until), reason, added, days=days)


def paused_time_step(since: datetime, until: datetime, reason: str, seconds: int, calendar: Calendar) -> Step:
    """A pause that added time."""
    added = f"добавлено {render_seconds(seconds)}"
    return _pause_step(calendar.to_local(since), calendar.to_local(until), reason, added, seconds=seconds)


def _pause_step(begin: datetime, end: datetime, reason: str, added: str, **amount: int) -> Step:
    words = f"Пауза с {render_moment(begin)} до {render_moment(end)}{_in_brackets(reason)}: {added}."
    pause = {"kind": "pause", "from": begin.isoformat(), "to": end.isoformat(), "reason": reason}
    return {**pause, **amount, "text": words}


def endless_pause_step(since: datetime, reason: str, calendar: Calendar) -> Step:
    """A pause that still lasts."""
    local = calendar.to_local(since)
    return {
        "kind": "pause",
        "from": local.isoformat(),
        "to": None,
        "reason": reason,
        "text": f"Срок приостановлен с {render_moment(local)}{_in_brackets(reason)} и пока не идёт.",
    }


def skipped_steps(first: date, last: date, calendar: Calendar) -> list[Step]:
    """Days off in [first, last] that were not counted, folded into ranges; nothing when there are none."""
    ranges = [
        (max(rest.first, first), min(rest.last, last), rest.reason)
        for rest in (calendar.rests(first, last) if first <= last else ())
    ]
    if not ranges:
        return []
    days = sum((end - begin).days + 1 for begin, end, _ in ranges)
    return [
        {
            "kind": "skipped",
            "days": days,
            "ranges": [
                {"from": begin.isoformat(), "to": end.isoformat(), "reason": reason}
                for begin, end, reason in ranges
            ],
            "text": f"Не считаются нерабочие дни ({days}): {_render_ranges(ranges)}.",
        }
    ]


def _render_ranges(ranges: Sequence[tuple[date, date, str]]) -> str:
    listed = [
        render_range(begin, end) + _in_brackets("" if reason == WEEKEND else reason)
        for begin, end, reason in ranges[:_ENOUGH_RANGES]
    ]
    left = len(ranges) - len(listed)
    return ", ".join(listed) + (f" и ещё {left}" if left else "")


def office_step(first: date, last: date, regular_seconds: int, calendar: Calendar) -> Step:
    """Office hours of the week, and the days in [first, last] that keep other ones."""
    days = (first + timedelta(days=offset) for offset in range((last - first).days + 1))
    special = {
        day: spans
        for day in days
        if (spans := calendar.opening(day)) not in ((), calendar.hours.week[day.weekday()])
    }
    office = f"Считаются часы работы органа, в обычный день {render_seconds(regular_seconds)}"
    own_hours = f"; особые часы: {', '.join(render_date(day) for day in special)}" if special else ""
    return {
        "kind": "office",
        "week": _dump_week(calendar.hours),
        "special": {day.isoformat(): dump_spans(spans) for day, spans in special.items()},
        "regular_seconds": regular_seconds,
        "text": f"{office}{own_hours}.",
    }


def weekend_step(raw: date, due: date, floor: date, rule: str, calendar: Calendar) -> Step:
    """The last day fell on a day off and was moved."""
    run = calendar.rests(raw, raw)[0]
    chosen = "next" if due > raw else "previous"
    because = "" if chosen == rule else " (раньше начала отсчёта срок не переносится)"
    holiday = "" if run.reason == WEEKEND else f" – {run.reason}"
    return {
        "kind": "weekend",
        "rule": rule,
        "from": raw.isoformat(),
        "to": due.isoformat(),
        "floor": floor.isoformat(),
        "off": [run.first.isoformat(), run.last.isoformat()],
        "reason": run.reason,
        "text": f"Последний день, {render_date(raw)} ({render_weekday(raw)}), нерабочий{holiday}; "
        f"взят {_RULES[chosen]}: {render_date(due)}{because}.",
    }


def uncertain_step(due: date, calendar: Calendar) -> Step:
    """The transfers of the due year are not decreed yet."""
    return {
        "kind": "uncertain",
        "year": due.year,
        "certain": False,
        "text": f"Переносы выходных после {calendar.known_until} года ещё не утверждены: "
        "дата может сдвинуться.",
    }


def result_step(due: datetime) -> Step:
    """When it is due."""
    return {
        "kind": "result",
        "due_at": due.isoformat(),
        "due_on": due.date().isoformat(),
        "text": f"Срок истекает {render_date(due)} ({render_weekday(due)}) в {due.time().isoformat()}.",
    }


@lru_cache(maxsize=1024)
def _dump_week(hours: OfficeHours) -> dict[str, list[list[str]]]:
    """Shared by the steps of all deadlines of an office: steps are written, never changed."""
    return dump_hours(hours)


def _in_brackets(reason: str) -> str:
    return f" ({reason})" if reason else ""
