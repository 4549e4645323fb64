"""What the deadline service said: into the history of the appeal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.sla import (
    CaseMarked,
    ClockReading,
    DeadlineBreached,
    DeadlineCorrected,
    DeadlineEscalated,
    DeadlineReminded,
    DeadlineSet,
    ExtensionDecided,
)
from services.intake.handlers.registry import handlers
from services.intake.history.actions import Happened, record_history
from services.intake.history.rules.projection import Entry
from services.intake.originals.actions.official_words import hear
from services.intake.registration.rules.numbers import zone_of

DeadlineEvent = (
    DeadlineSet
    | DeadlineReminded
    | DeadlineBreached
    | DeadlineCorrected
    | DeadlineEscalated
    | ExtensionDecided
    | CaseMarked
)


def _happened(event: DeadlineEvent, kind: str, at: datetime, data: Mapping[str, Any]) -> Happened:
    assignment_id = None if isinstance(event, CaseMarked) else event.assignment_id
    entry = Entry(event.id, kind, at, event.sequence, assignment_id, data)
    return Happened(event.region, event.appeal_id, entry)


def _reading(region: str, clock: ClockReading) -> dict[str, Any]:
    day = clock.due_on or (clock.due_at and clock.due_at.astimezone(zone_of(region)).date())
    return {
        "clock": clock.clock,
        "cycle": clock.cycle,
        "state": clock.state,
        "due_on": day.isoformat() if day else None,
        "reason": clock.reason,
    }


def _named(event: DeadlineEvent, *names: str) -> dict[str, Any]:
    return {name: getattr(event, name) for name in names}


@handlers.on(DeadlineSet)
async def record_deadline(session: AsyncSession, events: Sequence[DeadlineSet]) -> None:
    await record_history(
        session,
        [
            _happened(
                event,
                "deadline_set",
                event.time,
                {"lead": event.lead, "clocks": [_reading(event.region, clock) for clock in event.clocks]},
            )
            for event in events
        ],
    )


@handlers.on(DeadlineReminded)
async def record_reminder(session: AsyncSession, events: Sequence[DeadlineReminded]) -> None:
    names = ("clock", "cycle", "level", "whom")
    await record_history(
        session,
        [_happened(event, "deadline_reminded", event.fired_at, _named(event, *names)) for event in events],
    )


@handlers.on(DeadlineBreached)
async def record_breach(session: AsyncSession, events: Sequence[DeadlineBreached]) -> None:
    names = ("clock", "cycle", "version")
    await record_history(
        session,
        [_happened(event, "deadline_breached", event.due_at, _named(event, *names)) for event in events],
    )


@handlers.on(DeadlineCorrected)
async def record_withdrawn_breach(session: AsyncSession, events: Sequence[DeadlineCorrected]) -> None:
    names = ("clock", "cycle", "version", "reason")
    await record_history(
        session,
        [
            _happened(event, "deadline_corrected", event.corrected_at, _named(event, *names))
            for event in events
        ],
    )


@handlers.on(DeadlineEscalated)
async def record_escalation(session: AsyncSession, events: Sequence[DeadlineEscalated]) -> None:
    names = ("clock", "cycle", "level", "whom")
    await record_history(
        session,
        [_happened(event, "deadline_escalated", event.fired_at, _named(event, *names)) for event in events],
    )


@handlers.on(ExtensionDecided)
async def record_extension_decision(session: AsyncSession, events: Sequence[ExtensionDecided]) -> None:
    names = ("decision", "days", "reason")
    await record_history(
        session,
        [
            _happened(event, "extension_decided", event.decided_at, _named(event, *names))
            for event in await hear(session, events)
        ],
    )


@handlers.on(CaseMarked)
async def record_mark(session: AsyncSession, events: Sequence[CaseMarked]) -> None:
    names = ("case", "applies", "reason")
    await record_history(
        session,
        [
            _happened(event, "case_marked", event.marked_at, _named(event, *names))
            for event in await hear(session, events)
        ],
    )
