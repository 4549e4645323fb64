"""What the room shows of what it was answered: headline figures, periods, points of pictures. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from urllib.parse import urlencode

from web.pictures.lines import LinePoint
from web.room.views.decisions import DecisionDetail
from web.room.views.problems import ProblemDetails
from web.room.views.situation import Figures, Situation
from web.room.words import Tone, is_beyond_chance
from web.words import number, share, short_day

PERIODS: Final = {7: "7 дней", 30: "30 дней", 90: "90 дней", 365: "год"}
USUAL_PERIOD: Final = 30
SHOWN_DAYS: Final = 28
_HOURS: Final = 24.0


@dataclass(frozen=True, slots=True)
class Subject:
    """What a screen is about, as it stands in its address: a region, narrowed or not, and how many days up to today."""

    region: str
    municipality: str = ""
    organisation: str = ""
    topic: str = ""
    days: int = USUAL_PERIOD

    def filters(self, today: date) -> dict[str, str]:
        """As the platform takes them; the period ends with today."""
        start, end = today - timedelta(days=self.days - 1), today + timedelta(days=1)
        return self.places() | {"from": start.isoformat(), "to": end.isoformat()}

    def places(self) -> dict[str, str]:
        """Without the period."""
        named = {
            "region": self.region,
            "municipality": self.municipality,
            "organisation": self.organisation,
            "topic": self.topic,
        }
        return {name: value for name, value in named.items() if value}

    def query(self, **other: str | int) -> str:
        """The query of a link to this, or to this with something else."""
        days = {"days": str(self.days)} if self.days != USUAL_PERIOD else {}
        changed = {name: str(value) for name, value in other.items()}
        return urlencode({name: value for name, value in (self.places() | days | changed).items() if value})


@dataclass(frozen=True, slots=True)
class Headline:
    """A figure of the top line. `unit`: what stands small behind it; `metric`: the measure whose appeals it opens; `change`: in words,
    with `tone`."""

    name: str
    value: str
    unit: str
    metric: str
    before: str
    change: str
    tone: Tone
    definition: str


def headlines(situation: Situation) -> list[Headline]:
    """Six of them: what comes, what waits, what is overdue, how it is kept, how long it takes, what citizens think of it."""
    now, before, words = situation.figures, situation.previous, situation.definition
    return [
        _received(now, before, words),
        _backlog(now, words),
        _overdue(sum(each.overdue for each in situation.late), words),
        _kept(now, before, words),
        _time(now, before, words),
        _satisfaction(now, before, words),
    ]


def _received(now: Figures, before: Figures | None, words: dict[str, str]) -> Headline:
    was = before.received if before else None
    change, tone = change_of_count(now.received, was)
    shown, earlier = number(now.received), _was(number(was), was)
    return Headline("Поступило", shown, "", "received", earlier, change, tone, words["received"])


def _backlog(now: Figures, words: dict[str, str]) -> Headline:
    part = share(now.backlog / now.received if now.received else None)
    beside = "из поступивших за это время"
    return Headline("Ещё в работе", number(now.backlog), "", "backlog", beside, part, "", words["backlog"])


def _overdue(count: int, words: dict[str, str]) -> Headline:
    tone: Tone = "bad" if count else "good"
    change = "нужно действие" if count else "просрочки нет"
    meaning = words["breached_open"]
    return Headline(
        "Из них просрочено", number(count), "", "breached_open", "прямо сейчас", change, tone, meaning
    )


def change_of_count(now: int, before: int | None) -> tuple[str, Tone]:
    """How a count moved, which by itself is neither good nor bad; what chance explains is no change."""
    if before is None:
        return "", ""
    if not is_beyond_chance(now, before):
        return "без заметных изменений", ""
    if before == 0:
        return "раньше не было", ""
    part = round(100 * (now - before) / before)
    sign = "▲ +" if part > 0 else "▼ −"
    return f"{sign}{number(abs(part))}\u00a0%", ""


def _kept(now: Figures, before: Figures | None, words: dict[str, str]) -> Headline:
    was = before.in_time_share if before else None
    change, tone = _moved(
        now.in_time_share, was, 0.005, "high", lambda part: f"{number(part * 100, 0)} п. п."
    )
    return Headline(
        "Ответ в срок",
        number(None if now.in_time_share is None else now.in_time_share * 100),
        "" if now.in_time_share is None else "%",
        "in_time_share",
        _was(share(was), was),
        change,
        tone,
        words["in_time_share"],
    )


def _time(now: Figures, before: Figures | None, words: dict[str, str]) -> Headline:
    value, was = now.median_hours_to_answer, before.median_hours_to_answer if before else None
    change, tone = _moved(value, was, 1.0, "low", show_hours)
    shown, _, unit = show_hours(value).partition("\u00a0")
    return Headline(
        "Половина ответов за",
        shown,
        unit,
        "median_hours_to_answer",
        _was(show_hours(was), was),
        change,
        tone,
        words["median_hours_to_answer"],
    )


def _satisfaction(now: Figures, before: Figures | None, words: dict[str, str]) -> Headline:
    was = before.satisfaction if before else None
    change, tone = _moved(now.satisfaction, was, 0.05, "high", lambda part: number(part, 1))
    return Headline(
        "Оценка граждан",
        number(now.satisfaction, 1),
        "" if now.satisfaction is None else "из 5",
        "satisfaction",
        _was(number(was, 1), was),
        change,
        tone,
        words["satisfaction"],
    )


def _was(shown: str, value: float | None) -> str:
    return f"было {shown}" if value is not None else ""


def _moved(
    now: float | None, before: float | None, least: float, better: str, shown: Callable[[float], str]
) -> tuple[str, Tone]:
    if now is None or before is None:
        return "", ""
    if abs(now - before) < least:
        return "без изменений", ""
    sign = "▲ +" if now > before else "▼ −"
    return f"{sign}{shown(abs(now - before))}", _tone(now - before, better)


def _tone(difference: float, better: str) -> Tone:
    return "good" if (difference > 0) == (better == "high") else "bad"


def show_hours(hours: float | None) -> str:
    """Up to two days in hours, then in days."""
    if hours is None:
        return "–"
    return f"{number(hours)}\u00a0ч" if hours < 2 * _HOURS else f"{number(hours / _HOURS, 1)}\u00a0дн."


def points_ahead(situation: Situation) -> list[LinePoint]:
    """Four weeks as they were, and the week to come with its band. Today is not over: it stands with what is expected of it."""
    past = [
        LinePoint(_label(each.day), float(each.received)) for each in situation.days[-SHOWN_DAYS - 1 : -1]
    ]
    last = situation.days[-1].day if situation.days else None
    ahead = [each for each in situation.forecast if last is None or each.day >= last]
    return past + [LinePoint(_label(each.day), None, each.predicted, each.low, each.high) for each in ahead]


def points_of_problem(problem: ProblemDetails) -> list[LinePoint]:
    """Its days beside what was expected."""
    return [LinePoint(_label(each.day), float(each.observed), each.expected) for each in problem.series]


def points_of_decision(decision: DecisionDetail) -> list[LinePoint]:
    """Its weeks beside what was to be expected without it; 90 %."""
    return [
        LinePoint(_label(each.week), each.observed, each.expected, each.low, each.high)
        for each in decision.series
    ]


def _label(day: date) -> str:
    return f"{day.day}.{day.month:02d}"


def warnings(situation: Situation) -> Sequence[str]:
    """Days to come that bring much more than usual."""
    return [
        f"{short_day(each.day)}: ожидается {number(each.predicted)}, обычно {number(each.usual)}"
        for each in situation.forecast
        if each.warning
    ]
