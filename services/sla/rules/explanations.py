"""Why a deadline is what it is: steps as data, each with a sentence in Russian, and the way back from them.

A step is `{"kind", …facts, "text"}`, JSON-safe: instants are RFC 3339 with the body's offset, dates
`YYYY-MM-DD`. Kinds in order: `policy` · (`moved`, `interim` {at}) · `start` {at, local_date, zone, region,
calendar_version} · `term` {amount, unit, weekend_rule}, `promise` {promised_on} or `given` {due_at} (by the system
that kept the case before) · `extension` {days} ·
`office` {week, special, regular_seconds} · `skipped` {ranges} · `pause` {from, to, days|seconds} · `weekend`
{rule, from, to, floor, off} · `uncertain` {year} · `result` {due_at, due_on}. The steps hold all that
`replays.recompute` needs; it counts naively, day by day, and shares no arithmetic with `deadlines`.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from services.sla.rules.calendars import Calendar
from services.sla.rules.offices import OfficeHours, dump_hours, dump_spans
from services.sla.rules.terms import Term
from services.sla.rules.wording import say_date, say_days, say_moment, say_range, say_seconds, say_weekday

Step = dict[str, Any]

_RULES = {
    "previous": "последний рабочий день перед ним",
    "next": "ближайший следующий рабочий день",
}
_ENOUGH_RANGES = 6  # a sentence that lists more is not read; the data holds all of them


def start_step(begin: datetime, calendar: Calendar) -> Step:
    """Where counting begins, `begin` in the body's zone."""
    return {
        "kind": "start",
        "at": begin.isoformat(),
        "local_date": begin.date().isoformat(),
        "zone": calendar.zone,
        "region": calendar.region,
        "calendar_version": calendar.version,
        "text": f"Отсчёт: {say_moment(begin)} по местному времени ({calendar.zone}).",
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
        "text": f"Заявителю обещано решение к дате {say_date(promised_on)}.",
    }


def given_step(due: datetime) -> Step:
    """What another system had set."""
    return {
        "kind": "given",
        "due_at": due.isoformat(),
        "text": f"Срок назначен в прежней системе: {say_moment(due)}; при переносе не пересчитывался.",
    }


def extension_step(days: int, decided_at: datetime | None, reason: str) -> Step:
    """An approved extension."""
    because = f" ({reason})" if reason else ""
    return {
        "kind": "extension",
        "days": days,
        "decided_at": decided_at.isoformat() if decided_at else None,
        "reason": reason,
        "text": f"Срок продлён на {say_days(days)}{because}.",
    }


def paused_days_step(since: datetime, until: datetime, reason: str, days: int, calendar: Calendar) -> Step:
    """A pause that added local dates."""
    added = f"срок передвинут на {say_days(days)}" if days else "на число дней срока она не повлияла"
    return _tell_pause(since, until, reason, calendar) | {
        "days": days,
        "text": f"{_pause_words(since, until, reason, calendar)}: {added}.",
    }


def paused_time_step(since: datetime, until: datetime, reason: str, seconds: int, calendar: Calendar) -> Step:
    """A pause that added time."""
    return _tell_pause(since, until, reason, calendar) | {
        "seconds": seconds,
        "text": f"{_pause_words(since, until, reason, calendar)}: добавлено {say_seconds(seconds)}.",
    }


def endless_pause_step(since: datetime, reason: str, calendar: Calendar) -> Step:
    """A pause that still lasts."""
    local = calendar.to_local(since)
    because = f" ({reason})" if reason else ""
    return {
        "kind": "pause",
        "from": local.isoformat(),
        "to": None,
        "reason": reason,
        "text": f"Срок приостановлен с {say_moment(local)}{because} и пока не идёт.",
    }


def skipped_steps(first: date, last: date, calendar: Calendar) -> list[Step]:
    """Days off in [first, last] that were not counted, folded into ranges; nothing when there are none."""
    ranges = [
        (max(rest.first, first), min(rest.last, last), rest.reason)
        for rest in (calendar.rests(first, last) if first <= last else ())
    ]
    if not ranges:
        return []
    told = [
        say_range(begin, end) + ("" if reason == "выходной" else f" ({reason})")
        for begin, end, reason in ranges[:_ENOUGH_RANGES]
    ]
    rest = f" и ещё {len(ranges) - _ENOUGH_RANGES}" if len(ranges) > _ENOUGH_RANGES else ""
    days = sum((end - begin).days + 1 for begin, end, _ in ranges)
    return [
        {
            "kind": "skipped",
            "days": days,
            "ranges": [
                {"from": begin.isoformat(), "to": end.isoformat(), "reason": reason}
                for begin, end, reason in ranges
            ],
            "text": f"Не считаются нерабочие дни ({days}): {', '.join(told)}{rest}.",
        }
    ]


def office_step(first: date, last: date, regular_seconds: int, calendar: Calendar) -> Step:
    """Office hours of the week, and the days in [first, last] that keep other ones."""
    special = {}
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        spans = calendar.opening(day)
        if spans and spans != calendar.hours.week[day.weekday()]:
            special[day.isoformat()] = dump_spans(spans)
    return {
        "kind": "office",
        "week": _dump_week(calendar.hours),
        "special": special,
        "regular_seconds": regular_seconds,
        "text": f"Считаются часы работы органа, в обычный день {say_seconds(regular_seconds)}"
        + (
            f"; особые часы: {', '.join(say_date(date.fromisoformat(day)) for day in special)}."
            if special
            else "."
        ),
    }


def weekend_step(raw: date, due: date, floor: date, rule: str, calendar: Calendar) -> Step:
    """The last day fell on a day off and was moved."""
    run = calendar.rests(raw, raw)[0]
    chosen = "next" if due > raw else "previous"
    because = " (раньше начала отсчёта срок не переносится)" if chosen != rule else ""
    return {
        "kind": "weekend",
        "rule": rule,
        "from": raw.isoformat(),
        "to": due.isoformat(),
        "floor": floor.isoformat(),
        "off": [run.first.isoformat(), run.last.isoformat()],
        "reason": run.reason,
        "text": f"Последний день, {say_date(raw)} ({say_weekday(raw)}), нерабочий"
        + ("" if run.reason == "выходной" else f" – {run.reason}")
        + f"; взят {_RULES[chosen]}: {say_date(due)}{because}.",
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
        "text": f"Срок истекает {say_date(due)} ({say_weekday(due)}) в {due:%H:%M:%S}.",
    }


@lru_cache(maxsize=1024)
def _dump_week(hours: OfficeHours) -> dict[str, list[list[str]]]:
    """Shared by the steps of all deadlines of an office: steps are written, never changed."""
    return dump_hours(hours)


def _tell_pause(since: datetime, until: datetime, reason: str, calendar: Calendar) -> Step:
    local, end = calendar.to_local(since), calendar.to_local(until)
    return {"kind": "pause", "from": local.isoformat(), "to": end.isoformat(), "reason": reason}


def _pause_words(since: datetime, until: datetime, reason: str, calendar: Calendar) -> str:
    because = f" ({reason})" if reason else ""
    return (
        f"Пауза с {say_moment(calendar.to_local(since))} до {say_moment(calendar.to_local(until))}{because}"
    )
