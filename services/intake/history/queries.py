"""Histories of single appeals, as they are read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import rows
from services.intake.history.rules.entries import HistoryEntry, sort_history
from services.intake.history.rules.kinds import ANSWERS
from services.intake.history.rules.packed import read_data
from services.intake.history.schemas import Answer
from services.intake.keys import AppealKey, columns_of
from services.intake.tables.attachments import AnswerAttachment
from services.intake.tables.histories import AppealHistory

_COLUMNS = "region, appeal_id, event_id, kind, at, sequence, assignment_id, packed, data"
_ONE = f"SELECT {_COLUMNS} FROM intake.appeal_history WHERE region = :region AND appeal_id = :id"
_MANY = f"SELECT {_COLUMNS} FROM intake.appeal_history WHERE region = ANY(:regions) AND appeal_id = ANY(:ids)"

_FILES = """
SELECT * FROM intake.answer_attachment WHERE region = :region AND appeal_id = :id ORDER BY attachment_id
"""


async def read_history(session: AsyncSession, region: str, appeal_id: UUID) -> list[HistoryEntry]:
    """Everything known about one appeal, in the order in which things happened."""
    return sort_history(map(_read, await rows(session, AppealHistory, _ONE, region=region, id=appeal_id)))


async def read_histories(
    session: AsyncSession, keys: Iterable[AppealKey]
) -> Mapping[AppealKey, list[HistoryEntry]]:
    """Everything known about several appeals, in no order; an empty list for those of which nothing is."""
    regions, ids = columns_of(keys)
    histories: dict[AppealKey, list[HistoryEntry]] = defaultdict(list)
    for stored in await rows(session, AppealHistory, _MANY, regions=regions, ids=ids):
        histories[AppealKey(stored.region, stored.appeal_id)].append(_read(stored))
    return histories


def _read(stored: AppealHistory) -> HistoryEntry:
    return HistoryEntry(
        stored.event_id,
        stored.kind,
        stored.at,
        stored.sequence,
        stored.assignment_id,
        read_data(stored.packed, stored.data),
    )


async def read_answers(
    session: AsyncSession, region: str, appeal_id: UUID, history: list[HistoryEntry]
) -> list[Answer]:
    """Answers and interim answers that have gone out, with their files; oldest first."""
    answers = answers_of(history)
    if not answers:
        return answers
    files: dict[UUID, list[UUID]] = defaultdict(list)
    for each in await rows(session, AnswerAttachment, _FILES, region=region, id=appeal_id):
        files[each.answer_id].append(each.attachment_id)
    return [answer.model_copy(update={"attachments": files[answer.id]}) for answer in answers]


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
