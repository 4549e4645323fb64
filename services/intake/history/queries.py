"""Histories of single appeals, as they are read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import rows
from services.intake.history.rules.entries import HistoryEntry, sort_history
from services.intake.history.rules.kinds import ANSWERS
from services.intake.history.rules.packed import read_data
from services.intake.history.schemas import Answer

_READ = """
SELECT event_id, kind, at, sequence, assignment_id, packed, data FROM intake.appeal_history
WHERE region = :region AND appeal_id = :id
"""


@dataclass(frozen=True, slots=True)
class _Stored:
    event_id: UUID
    kind: str
    at: datetime
    sequence: int
    assignment_id: UUID | None
    packed: bytes | None
    data: dict[str, Any] | None

    def read(self) -> HistoryEntry:
        data = read_data(self.packed, self.data)
        return HistoryEntry(self.event_id, self.kind, self.at, self.sequence, self.assignment_id, data)


async def read_history(session: AsyncSession, region: str, appeal_id: UUID) -> list[HistoryEntry]:
    """Everything known about one appeal, in the order in which things happened."""
    found = await rows(session, _Stored, _READ, region=region, id=appeal_id)
    return sort_history(entry.read() for entry in found)


def answers_of(history: list[HistoryEntry]) -> list[Answer]:
    """Answers and interim answers, oldest first."""
    return [_answer_of(entry) for entry in history if entry.kind in ANSWERS]


def _answer_of(entry: HistoryEntry) -> Answer:
    data = entry.data
    return Answer(
        id=data["answer_id"],
        assignment_id=entry.assignment_id,
        text=data["text"],
        outcome=data.get("outcome"),
        interim=entry.kind == "interim_answered",
        organisation=entry.organisation or None,
        answered_at=entry.at,
        promised_on=data.get("promised_on"),
    )
