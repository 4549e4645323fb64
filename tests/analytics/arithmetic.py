"""Figures by plain Python arithmetic over what really happened – no SQL, no events."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from statistics import fmean
from typing import Any
from uuid import UUID

import holidays
import numpy as np

from contracts.routing import OrganisationName, TopicName
from tests.analytics.histories import ZONES, Answered, Case, Task

NOW = datetime(2026, 11, 5, 12, 30, 15, tzinfo=UTC)  # up to when the facts are known, where a test asks

Figure = float | int | None


@dataclass(frozen=True)
class Counted:
    """What figures look at: an appeal, or one assignment of a body."""

    case: Case
    task: Task | None
    topic: TopicName | None
    body: OrganisationName | None
    place: str | None
    reaction: datetime | None
    answers: list[Answered]
    answered_at: datetime | None
    met: bool
    breached: bool
    open: bool
    triage: bool
    awaited: list[Task]
    ended_at: datetime | None

    @property
    def due_on(self) -> date | None:
        """The last of the days on which a first answer was due."""
        return max((task.due_at.date() for task in self.awaited), default=None)

    @property
    def is_due(self) -> bool:
        """Whether that day is over."""
        return bool(self.awaited) and max(task.due_at for task in self.awaited) < NOW.replace(microsecond=0)

    @property
    def kept(self) -> bool:
        """Whether all who had to had answered by then."""
        return all(
            task.answers and min(each.at for each in task.answers).replace(microsecond=0) <= task.due_at
            for task in self.awaited
        )


def awaited(tasks: Iterable[Task]) -> list[Task]:
    """Those whose first answer was given, or is still waited for."""
    return [task for task in tasks if task.answers or not task.ended]


def end_of(case: Case) -> datetime | None:
    """When an appeal was over without an answer: withdrawn, rejected, or taken away from everybody."""
    leads = case.leads
    taken = max((task.ended_at for task in leads if task.ended_at), default=None)
    ends = [
        case.withdrawn_at,
        case.moderated_at if case.rejected else None,
        taken if leads and all(task.ended for task in leads) else None,
    ]
    return min((at for at in ends if at is not None), default=None)


def appeals_counted(cases: Iterable[Case]) -> list[Counted]:
    """One per appeal, the lead speaks for it."""
    counted = []
    for case in cases:
        holder = case.holder
        routed = case.routed_place if holder else None
        leads, live = case.leads, not case.withdrawn and not case.rejected
        finals = [answer.at for task in leads for answer in task.answers]
        triage = holder is not None and holder.body is None and any(task.open for task in leads)
        counted.append(
            Counted(
                case=case,
                task=None,
                topic=holder.topic if holder else None,
                body=holder.body if holder else None,
                place=case.stated_place or routed,
                reaction=min((at for task in case.tasks for at in task.reactions), default=None),
                answers=[answer for task in case.tasks for answer in task.answers],
                answered_at=min(finals, default=None),
                met=any(task.met for task in leads),
                breached=any(task.breached for task in leads),
                open=live and (not leads or any(task.open for task in leads)),
                triage=live and triage,
                awaited=awaited(leads),
                ended_at=end_of(case),
            )
        )
    return counted


def assignments_counted(cases: Iterable[Case], body: UUID | None = None) -> list[Counted]:
    """One per assignment of a body (or of any body)."""
    return [
        Counted(
            case=case,
            task=task,
            topic=task.topic,
            body=task.body,
            place=case.routed_place,
            reaction=min(task.reactions, default=None),
            answers=task.answers,
            answered_at=min((answer.at for answer in task.answers), default=None),
            met=task.met,
            breached=task.breached,
            open=task.open,
            triage=False,
            awaited=awaited([task]),
            ended_at=task.ended_at,
        )
        for case in cases
        for task in case.tasks
        if task.body is not None and body in (None, task.body.id)
    ]


def figures_of(counted: Sequence[Counted]) -> dict[str, Figure]:
    """Every measure, by plain arithmetic."""
    answered = [one for one in counted if one.answered_at is not None]
    decided = [one for one in counted if one.met or one.breached]
    reopened = [one for one in counted if any(answer.reopened for answer in one.answers)]
    scores = [answer.score for one in counted for answer in one.answers if answer.score is not None]
    reactions = hours(counted, lambda one: one.reaction)
    to_answer = hours(counted, lambda one: one.answered_at)
    return {
        "received": len(counted),
        "assigned": sum(one.body is not None for one in counted),
        "in_triage": sum(one.triage for one in counted),
        "answered": len(answered),
        "in_time_share": share(sum(not one.breached for one in decided), len(decided)),
        "breached": sum(one.breached for one in counted),
        "reopened": len(reopened),
        "reopened_share": share(sum(one.answered_at is not None for one in reopened), len(answered)),
        "satisfaction": fmean(scores) if scores else None,
        "median_hours_to_first_reaction": quantile(reactions, 0.5),
        "median_hours_to_answer": quantile(to_answer, 0.5),
        "p90_hours_to_answer": quantile(to_answer, 0.9),
        "backlog": sum(one.open for one in counted),
        "breached_open": sum(one.breached and one.open for one in counted),
        **further_figures_of(counted),
    }


def further_figures_of(counted: Sequence[Counted]) -> dict[str, Figure]:
    """The measures that are not in the summary. Those of due days count what was received in the period, not what was due."""
    rated = [answer for one in counted for answer in one.answers if answer.score is not None]
    known = [answer.reached for answer in rated if answer.reached is not None]
    happy = [(answer.score or 0) >= 4 if answer.satisfied is None else answer.satisfied for answer in rated]
    moments: dict[str, Callable[[Counted], datetime | None]] = {
        "first_reaction": lambda one: one.reaction,
        "answer": lambda one: one.answered_at,
    }
    due = [one for one in counted if one.is_due]
    figures: dict[str, Figure] = {
        "due": len(due),
        "in_time_share_of_due": share(sum(one.kept for one in due), len(due)),
        "received_per_10000": None,  # nobody said how many live there (test_residents)
        "rated": sum(any(answer.score is not None for answer in one.answers) for one in counted),
        "reached_share": share(sum(known), len(known)),
        "solved_share": share(sum(answer.score > 2 for answer in rated if answer.score), len(rated)),
        "satisfied_share": share(sum(happy), len(rated)),
    }
    for name, moment in moments.items():
        waits = [watched(one, moment(one)) for one in counted]
        days, worked = clocks(counted, moment)
        for key, level in (("median", Fraction(1, 2)), ("p90", Fraction(9, 10))):
            figures[f"{key}_hours_to_{name}_with_open"] = product_limit(waits, level)
            figures[f"{key}_working_hours_to_{name}"] = quantile(worked, float(level))
        figures[f"median_days_to_{name}"] = quantile(days, 0.5)
    return figures


def watched(one: Counted, at: datetime | None) -> tuple[int, bool]:
    """How long somebody was seen waiting, in steps of the curve, and whether the wait was over then."""
    until = max(int(NOW.timestamp()) - int(one.case.received_at.timestamp()), 0)
    ends = [until, *(_seconds(one, end) for end in (one.ended_at,) if end is not None)]
    waited = None if at is None else _seconds(one, at)
    seen = min(ends) if waited is None else min(*ends, waited)
    days = seen / 86_400
    unit = 60 if days < 2 else 3_600 if days < 60 else 86_400
    step = seen // unit * unit // 60
    return int(step), waited is not None and waited <= min(ends)


def _seconds(one: Counted, at: datetime) -> float:
    return (at - one.case.received_at).total_seconds()


def product_limit(waits: Sequence[tuple[int, bool]], level: Fraction) -> float | None:
    """Kaplan and Meier with exact fractions; `waits` in minutes."""
    left = Fraction(1)
    for step in sorted({step for step, _ in waits}):
        ceased = sum(over for at, over in waits if at == step)
        left *= 1 - Fraction(ceased, sum(at >= step for at, _ in waits))
        if left <= 1 - level:
            return step / 60
    return None


def clocks(
    counted: Iterable[Counted], moment: Callable[[Counted], datetime | None]
) -> tuple[list[int], list[float]]:
    """Days between local dates, and working hours, up to a moment."""
    days, worked = [], []
    for one in counted:
        if (at := moment(one)) is not None:
            zone = ZONES[one.case.region]
            start, end = (each.astimezone(zone).replace(tzinfo=None) for each in (one.case.received_at, at))
            days.append((end.date() - start.date()).days)
            worked.append(working_hours(start.replace(microsecond=0), end.replace(microsecond=0)))
    return days, worked


def working_hours(start: datetime, end: datetime) -> float:
    """Day by day: from nine to one and from two to six, unless the country rests."""
    country = holidays.country_holidays("RU", years=range(start.year, end.year + 1))
    total, day = 0.0, start.date()
    while day <= end.date():
        works = day in country.weekend_workdays or (day.weekday() < 5 and day not in country)
        for opening, closing in ((9, 13), (14, 18)) if works else ():
            first, last = (datetime.combine(day, time(hour)) for hour in (opening, closing))
            total += max((min(end, last) - max(start, first)).total_seconds(), 0)
        day += timedelta(days=1)
    return total / 3600


def hours(counted: Iterable[Counted], moment: Callable[[Counted], datetime | None]) -> list[float]:
    """Hours from reception to a moment, where there is one."""
    return [
        (at - one.case.received_at).total_seconds() / 3600
        for one in counted
        if (at := moment(one)) is not None
    ]


def quantile(values: Sequence[float], level: float) -> float | None:
    """Linear interpolation."""
    return float(np.quantile(values, level)) if values else None


def share(part: int, whole: int) -> float | None:
    """None where there is nothing to share."""
    return part / whole if whole else None


def between(counted: Iterable[Counted], start: date, end: date) -> list[Counted]:
    """Those received on local days of [start, end)."""
    return [one for one in counted if start <= one.case.local.date() < end]


def due_between(counted: Iterable[Counted], start: date, end: date) -> list[Counted]:
    """Those whose first answer was due on local days of [start, end)."""
    return [one for one in counted if (day := one.due_on) is not None and start <= day < end]


FROM, TO = date(2026, 9, 11), date(2026, 10, 1)


def of_region(counted: list[Counted], region: str | None) -> list[Counted]:
    """Those of one region, or all."""
    return [one for one in counted if region in (None, one.case.region)]


KEYS: dict[str, Callable[[Any], str | None]] = {
    "topic": lambda one: one.topic.code if one.topic else None,
    "group": lambda one: one.topic.group if one.topic else None,
    "municipality": lambda one: one.place[:8] if one.place else None,
    "region": lambda one: one.case.region,
    "organisation": lambda one: str(one.body.id),
    "channel": lambda one: one.case.channel,
}


def grouped(cases: list[Case], by: str) -> dict[str | None, list[Counted]]:
    """Rows by the key of a dimension."""
    groups: dict[str | None, list[Counted]] = defaultdict(list)
    for one in assignments_counted(cases) if by == "organisation" else appeals_counted(cases):
        groups[KEYS[by](one)].append(one)
    return groups
