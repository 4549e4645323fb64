"""What citizens and moderators did to an appeal, carried over to its assignments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import insert_rows
from chassis.moments import not_before
from chassis.outbox import emit
from contracts.event import Event
from contracts.intake import AppealClarified, AppealModerated, AppealReopened, AppealWithdrawn
from contracts.routing import AssignmentCancelled, AssignmentReopened, ClarificationReceived
from services.routing.assignments.actions.transitions import (
    NO_LEASE,
    Row,
    about,
    lock_of_appeals,
    organisation_named,
    write_many,
)
from services.routing.reference.queries.cache import books_of
from services.routing.assignments.schemas.words import pack_due_reason
from services.routing.tables import routed_appeal
from services.routing.assignments.rules.statuses import is_allowed, status_after

_ANSWERED = """
SELECT a.*, w.id AS answer_id, clock_timestamp() AS read_at
FROM routing.answer w
JOIN unnest(CAST(:regions AS text[]), CAST(:answers AS uuid[])) AS k(region, id)
    ON w.region = k.region AND w.id = k.id AND NOT w.interim
JOIN routing.assignment a ON a.region = w.region AND a.id = w.assignment_id AND a.cycle = w.cycle
ORDER BY a.region, a.id FOR NO KEY UPDATE OF a
"""
NO_DEADLINE: Row = {"due_at": None, "due_on": None, **pack_due_reason(None)}


@dataclass(frozen=True)
class Ended:
    """An appeal that needs no answer any more."""

    region: str
    appeal_id: UUID
    reason: str
    at: datetime


async def reopen_after_rating(session: AsyncSession, events: Sequence[AppealReopened]) -> None:
    """Open an answered question again, once per answer: only the answer of the present cycle counts."""
    by_answer = {(event.region, event.answer_id): event for event in events}
    found = await session.execute(
        text(_ANSWERED),
        {"regions": [region for region, _ in by_answer], "answers": [answer for _, answer in by_answer]},
    )
    rows = {row["id"]: dict(row) for row in found.mappings() if is_allowed("reopen", row["status"])}
    books = await books_of(session).read(session, (row["region"] for row in rows.values()))
    moves: list[tuple[Row, Row]] = []
    told: list[Event] = []
    for row in rows.values():
        after = {
            **row,
            **NO_DEADLINE,
            "status": status_after("reopen", row["status"]),
            "version": row["version"] + 1,
            "cycle": row["cycle"] + 1,
            "reopened_answer_id": row["answer_id"],
        }
        moves.append((row, after))
        organisation = organisation_named(books[row["region"]], row["organisation_id"])
        if organisation is not None:
            told.append(
                AssignmentReopened(
                    **about(after),
                    answer_id=row["answer_id"],
                    organisation=organisation,
                    cycle=after["cycle"],
                    reopened_at=not_before(
                        by_answer[row["region"], row["answer_id"]].reopened_at, row["answered_at"]
                    ),
                )
            )
    await write_many(session, moves, ("cycle", "reopened_answer_id", *NO_DEADLINE))
    await emit(session, *told)


async def resume_after_clarification(session: AsyncSession, events: Sequence[AppealClarified]) -> None:
    """The citizen has spoken: questions asked before that go on."""
    by_appeal: dict[tuple[str, UUID], AppealClarified] = {}
    for event in sorted(events, key=lambda event: event.clarified_at):
        by_appeal[event.region, event.appeal_id] = event
    moves: list[tuple[Row, Row]] = []
    told: list[Event] = []
    for row in await lock_of_appeals(session, sorted(by_appeal)):
        event = by_appeal[row["region"], row["appeal_id"]]
        if not is_allowed("clarified", row["status"]) or row["asked_at"] > event.clarified_at:
            continue
        status = status_after("clarified", row["status"])
        after = {**row, "status": status, "version": row["version"] + 1}
        moves.append((row, after))
        told.append(ClarificationReceived(**about(after), text=event.text, received_at=event.clarified_at))
    await write_many(session, moves, ())
    await emit(session, *told)


async def cancel_withdrawn(session: AsyncSession, events: Sequence[AppealWithdrawn]) -> None:
    """The citizen asked to stop (59-ФЗ ст. 5 п. 5)."""
    reason = "Заявитель отозвал обращение."
    await cancel_assignments(
        session, [Ended(event.region, event.appeal_id, reason, event.withdrawn_at) for event in events]
    )


async def cancel_rejected(session: AsyncSession, events: Sequence[AppealModerated]) -> None:
    """A moderator refused the appeal; accepted and hidden ones go on."""
    rejected = [event for event in events if event.decision == "reject"]
    ended = [Ended(e.region, e.appeal_id, "Отклонено модератором.", e.moderated_at) for e in rejected]
    if ended:
        await cancel_assignments(session, ended)


async def cancel_assignments(session: AsyncSession, ended: Sequence[Ended]) -> None:
    """End what is still open; an appeal whose registration has not been heard of is remembered as ended."""
    by_appeal = {(end.region, end.appeal_id): end for end in ended}
    await insert_rows(
        session,
        routed_appeal,
        [
            {
                "region": region,
                "appeal_id": appeal_id,
                "routed_at": None,
                "end_reason": end.reason,
                "ended_at": end.at,
            }
            for (region, appeal_id), end in sorted(by_appeal.items())
        ],
        on_conflict="(region, appeal_id) DO UPDATE SET end_reason = excluded.end_reason, "
        "ended_at = excluded.ended_at WHERE routed_appeal.ended_at IS NULL",
    )
    await cancel_open(session, await lock_of_appeals(session, sorted(by_appeal)), by_appeal)


async def cancel_open(
    session: AsyncSession, rows: Sequence[Row], ends: Mapping[tuple[str, UUID], Ended]
) -> list[UUID]:
    """Cancel those of the locked assignments that are open, each by the end of its appeal; their ids."""
    moves: list[tuple[Row, Row]] = []
    told: list[Event] = []
    for row in rows:
        if not is_allowed("cancel", row["status"]):
            continue
        end = ends[row["region"], row["appeal_id"]]
        after = {**row, **NO_LEASE, "status": "cancelled", "version": row["version"] + 1}
        moves.append((row, after))
        at = not_before(end.at, row["created_at"])
        told.append(AssignmentCancelled(**about(after), reason=end.reason, cancelled_at=at))
    await write_many(session, moves, tuple(NO_LEASE))
    await emit(session, *told)
    return [after["id"] for _, after in moves]
