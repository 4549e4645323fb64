"""Figures by plain Python arithmetic over what really happened – no SQL, no events."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from statistics import fmean
from typing import Any
from uuid import UUID

import numpy as np

from contracts.routing import OrganisationName, TopicName
from tests.analytics.histories import Answered, Case, Task

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
    }


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
