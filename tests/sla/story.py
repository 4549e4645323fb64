"""Facts of one appeal in a few words, and the clocks that follow from them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from services.sla.calendars.rules.calendars import Calendar, open_calendar
from services.sla.calendars.rules.office_hours import Office
from services.sla.clocks.rules import facts as f
from services.sla.clocks.rules.fold import Clock, fold_clocks
from services.sla.policies.rules.defaults import default_policies
from services.sla.policies.rules.policies import Policy

MOSCOW = ZoneInfo("Europe/Moscow")
POLICIES = default_policies("46")
START = datetime(2026, 9, 1, 10, tzinfo=MOSCOW)  # Tuesday
LATER = datetime(2026, 9, 1, 12, tzinfo=MOSCOW)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=MOSCOW)


def calendar_of(office: Office, moment: datetime) -> Calendar:
    return open_calendar(office.region, office.municipality)


def fold(
    facts: Sequence[f.Fact], now: datetime = LATER, policies: Sequence[Policy] = POLICIES
) -> dict[str, Clock]:
    return {clock.key: clock for clock in fold_clocks("appeal", facts, policies, calendar_of, now)}


_number = iter(range(10**9))


def fact(kind: Callable[..., f.Fact], moment: str | datetime, **values: Any) -> f.Fact:
    when = at(moment) if isinstance(moment, str) else moment
    return kind(event_id=f"e{next(_number)}", at=when, **values)


def registered(regime: str = "message", **values: Any) -> f.Fact:
    return fact(f.AppealRegistered, START, region="46", regime=regime, **values)


def created(
    name: str = "one",
    moment: str = "2026-09-01T10:05",
    body: str | None = "body",
    regime: str = "message",
    **values: Any,
) -> f.Fact:
    return fact(
        f.AssignmentCreated, moment, region="46", regime=regime, assignment_id=name, received_at=START,
        organisation_id=body, **values,
    )  # fmt: skip


def on(kind: Callable[..., f.Fact], moment: str, name: str = "one", **values: Any) -> f.Fact:
    return fact(kind, moment, assignment_id=name, **values)


def due(clock: Clock) -> str:
    return clock.due_at.strftime("%Y-%m-%dT%H:%M:%S") if clock.due_at else "-"


def policy_of(regime: str, clock: str) -> Policy:
    return next(
        policy for policy in POLICIES if (policy.regime, policy.clock, policy.case, policy.importance)
        == (regime, clock, None, None)
    )  # fmt: skip
