"""Moderators' decisions, carried over to an appeal's assignments: a rejection ends them, an objection that was granted wakes
what the rejection ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import encode_rows, insert_rows, rows, run
from chassis.moments import not_before
from chassis.outbox import emit
from contracts.intake import AppealModerated
from contracts.routing import AssignmentCreated
from services.routing.assignments.actions.appeal_changes import (
    LOCK_ROW,
    AppealEnd,
    Unrouted,
    cancel_open,
)
from services.routing.assignments.actions.creation import (
    creation_event,
    insert_assignments,
    new_assignment,
    summary_of,
)
from services.routing.assignments.actions.locks import AppealKey, LockedAssignment, lock_appeals
from services.routing.assignments.actions.successions import pass_on
from services.routing.assignments.rules.moderation import (
    REJECTED,
    Effect,
    Standing,
    effect_of,
    is_news,
    newest_decisions,
)
from services.routing.tables.appeals import routed_appeal
from services.routing.tables.assignments import NewAssignment

_REASON: Final = "Возражение заявителя принято: обращение, отклонённое модератором, рассматривается."
_STANDING: Final = """
SELECT r.region, r.appeal_id, r.decided_at, r.end_reason, r.ended_at, r.ended_ids FROM routing.routed_appeal r
JOIN unnest(:regions::text[], :appeals::uuid[]) AS k(region, appeal_id)
    ON r.region = k.region AND r.appeal_id = k.appeal_id
"""
_NOTE: Final = """
UPDATE routing.routed_appeal r SET decided_at = g.decided_at, end_reason = g.end_reason, ended_at = g.ended_at,
    ended_ids = g.ended_ids
FROM json_to_recordset(:standings::json)
    AS g(region text, appeal_id uuid, decided_at timestamptz, end_reason text, ended_at timestamptz, ended_ids uuid[])
WHERE r.region = g.region AND r.appeal_id = g.appeal_id
"""
_REMEMBER: Final = """
UPDATE routing.routed_appeal r SET ended_ids = r.ended_ids || g.ids
FROM (SELECT region, appeal_id, array_agg(id ORDER BY id) AS ids
    FROM unnest(:regions::text[], :appeals::uuid[], :ids::uuid[]) AS k(region, appeal_id, id) GROUP BY 1, 2) g
WHERE r.region = g.region AND r.appeal_id = g.appeal_id AND r.end_reason = :rejected
"""


@dataclass(frozen=True, slots=True)
class _Decided:
    """An appeal with the newest decision on it, and what follows."""

    standing: Standing
    event: AppealModerated

    @property
    def key(self) -> AppealKey:
        return self.standing.region, self.standing.appeal_id

    @property
    def effect(self) -> Effect:
        return effect_of(self.standing, self.event)

    def after(self, ended_ids: Sequence[UUID]) -> Standing:
        """How it stands with the decision; `ended_ids`: what the decision has ended now."""
        before, at = self.standing, self.event.moderated_at
        if self.effect is Effect.END:
            return Standing(*self.key, at, REJECTED, at, [*before.ended_ids, *ended_ids])
        if self.effect is Effect.GO_ON:
            return Standing(*self.key, at, None, None, [])
        return Standing(*self.key, at, before.end_reason, before.ended_at, before.ended_ids)


async def apply_decisions(session: AsyncSession, events: Sequence[AppealModerated]) -> None:
    """End what rejected appeals still have open; every question that a rejection ended goes on where it was taken back, in a
    new assignment that a coordinator places.

    Whatever order decisions come in, and however often, the newest of each appeal counts. One whose registration is not known
    yet is remembered.
    """
    decided = await _read_news(session, newest_decisions(events))
    acting = {each.key: each for each in decided if each.effect is not Effect.NOTHING}
    locked = await lock_appeals(session, sorted(acting)) if acting else []
    ended = await _end(session, locked, acting)
    notes = [each.after([id for key, id in ended if key == each.key]) for each in decided]
    if notes:
        await run(session, _NOTE, standings=encode_rows(notes))
    await _go_on(session, [each for each in locked if _is_woken(each, acting)], acting)


async def remember_born_ended(session: AsyncSession, born: Sequence[NewAssignment]) -> None:
    """Assignments that were born cancelled: those of rejected appeals are woken like any that a rejection ended."""
    if born:
        await run(
            session,
            _REMEMBER,
            regions=[each.region for each in born],
            appeals=[each.appeal_id for each in born],
            ids=[each.id for each in born],
            rejected=REJECTED,
        )


async def _read_news(session: AsyncSession, newest: Mapping[AppealKey, AppealModerated]) -> list[_Decided]:
    """The appeals' rows, locked in the order of their keys; only those that the decision is news for."""
    keys = sorted(newest)
    await insert_rows(session, routed_appeal, [Unrouted(*key) for key in keys], on_conflict=LOCK_ROW)
    regions, appeals = [region for region, _ in keys], [appeal for _, appeal in keys]
    found = await rows(session, Standing, _STANDING, regions=regions, appeals=appeals)
    decided = [_Decided(each, newest[each.region, each.appeal_id]) for each in found]
    return [each for each in decided if is_news(each.standing, each.event)]


async def _end(
    session: AsyncSession, locked: Sequence[LockedAssignment], acting: Mapping[AppealKey, _Decided]
) -> list[tuple[AppealKey, UUID]]:
    """Cancel what is open of rejected appeals; what was cancelled, each with its appeal."""
    ends = {
        key: AppealEnd(*key, REJECTED, each.event.moderated_at)
        for key, each in acting.items()
        if each.effect is Effect.END
    }
    of_rejected = [each for each in locked if _appeal_of(each) in ends]
    ended = set(await cancel_open(session, of_rejected, ends)) if of_rejected else set()
    return [(_appeal_of(each), each.assignment.id) for each in of_rejected if each.assignment.id in ended]


def _appeal_of(locked: LockedAssignment) -> AppealKey:
    return locked.assignment.region, locked.assignment.appeal_id


def _is_woken(locked: LockedAssignment, acting: Mapping[AppealKey, _Decided]) -> bool:
    decided = acting[_appeal_of(locked)]
    ended = locked.assignment
    is_question = ended.role == "lead" and ended.status == "cancelled"
    return decided.effect is Effect.GO_ON and is_question and ended.id in decided.standing.ended_ids


async def _go_on(
    session: AsyncSession, woken: Sequence[LockedAssignment], acting: Mapping[AppealKey, _Decided]
) -> None:
    begun = [_again(each, acting[_appeal_of(each)].event.moderated_at) for each in woken]
    if begun:
        again = [new for new, _ in begun]
        await insert_assignments(session, again)
        successions = [(each.assignment, new) for each, new in zip(woken, again, strict=True)]
        await pass_on(session, successions)
        await emit(session, *(event for _, event in begun))


def _again(locked: LockedAssignment, at: datetime) -> tuple[NewAssignment, AssignmentCreated]:
    """Not as a successor: what a citizen may expect counts from the registration, as if nothing had been rejected."""
    ended = locked.assignment
    new = new_assignment(
        summary_of(ended),
        organisation_id=None,
        role=ended.role,
        explanation=ended.words().explanation,
        created_at=not_before(at, ended.created_at),
        triage_reason=_REASON,
    )
    return new, creation_event(new, locked.region_reference, _REASON)
