"""Extensions: asked for by an organisation, decided once by a coordinator, the citizen is notified (59-ФЗ ст. 12 ч.
2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from chassis.db import insert_rows, row, rows, run, scalar, update_rows
from chassis.outbox import emit
from chassis.principals import Principal
from chassis.problems import NotAllowedNow, NotFound, Problem
from contracts import sla
from contracts.intake import ExtensionReasonMasked
from contracts.routing import ExtensionRequested
from services.sla import tables
from services.sla.calendars.rules.wording import render_days
from services.sla.clocks.actions.journals import hold_appeal
from services.sla.clocks.actions.recount import record_act
from services.sla.clocks.rules.events import JournalEntry
from services.sla.clocks.rules.facts import ExtensionDecided
from services.sla.clocks.rules.packed import read_steps
from services.sla.extensions.schemas import Extension, show_extension
from services.sla.keys import AppealKey
from services.sla.policies.queries import hold_region_configs
from services.sla.tables import EXTENSION_WORDS, Decision

_FIND: Final = "SELECT region, appeal_id::text FROM sla.extension WHERE extension_id = :id"
_LOCK: Final = "SELECT *, now() AS now FROM sla.extension WHERE extension_id = :id FOR UPDATE"
# Of the whole appeal: the clock may have gone on at another organisation of the level since it was asked for.
_EXPLANATIONS: Final = (
    "SELECT packed, explanation::text AS explanation FROM sla.clock WHERE region = :region "
    "AND appeal_id = :appeal_id AND clock = 'answer' AND ended_at IS NULL"
)
_DROP: Final = (
    "DELETE FROM sla.extension e USING sla.appeal a WHERE a.region = e.region AND a.appeal_id = e.appeal_id "
    "AND a.removed_at IS NOT NULL AND e.extension_id = ANY(:ids::uuid[])"
)
_REASON: Final = "SELECT reason FROM sla.extension_reason WHERE region = :region AND extension_id = :id"


class ExtensionNotPossible(Problem):
    status: ClassVar[int] = 409
    slug: ClassVar[str] = "extension-not-possible"
    title: ClassVar[str] = "This deadline cannot be extended"


@dataclass(frozen=True, slots=True)
class _Appeal:
    region: str
    appeal_id: str


@dataclass(frozen=True, slots=True)
class _Locked(tables.Extension):
    """A request under its lock; `now`: the database clock."""

    now: datetime


@dataclass(frozen=True, slots=True)
class _Explanation:
    packed: bytes | None
    explanation: str | None


async def open_extensions(session: AsyncSession, events: Sequence[ExtensionRequested]) -> None:
    """Put requests before the coordinator."""
    requests = {
        (event.region, str(event.extension_id)): tables.NewExtension(
            region=event.region,
            extension_id=event.extension_id,
            appeal_id=event.appeal_id,
            assignment_id=event.assignment_id,
            organisation_id=event.organisation.id,
            days=event.days,
            reason="",  # comes masked from intake: see `store_reasons`
            requested_at=event.requested_at,
        )
        for event in events
    }
    in_order = [requests[key] for key in sorted(requests)]
    await insert_rows(session, tables.extension, in_order, on_conflict="DO NOTHING")


async def drop_removed(session: AsyncSession, events: Sequence[ExtensionRequested]) -> None:
    """Nobody decides about appeals that were taken back, under whose locks this is."""
    if events:
        ids = [event.extension_id for event in events]
        await run(session, _DROP, ids=ids)


async def store_reasons(session: AsyncSession, events: Sequence[ExtensionReasonMasked]) -> None:
    """Why organisations ask, as intake has masked it: what a coordinator decides by."""
    reasons = {
        (event.region, event.extension_id): tables.ExtensionReason(
            event.region, event.extension_id, event.reason
        )
        for event in events
    }
    in_order = [reasons[key] for key in sorted(reasons)]
    await insert_rows(session, tables.extension_reason, in_order, on_conflict="DO NOTHING")


async def decide_extension(
    session: AsyncSession, principal: Principal, extension_id: UUID, decision: Decision, reason: str
) -> Extension:
    """Approve or refuse; the request as decided. 404, 409 when decided before or when it would change nothing."""
    request = await _lock(session, principal, extension_id)
    now, approved = request.now, decision == "approve"
    event_id = uuid7()
    fact = ExtensionDecided(
        event_id=str(event_id),
        at=now,
        assignment_id=str(request.assignment_id),
        extension_id=str(extension_id),
        approved=approved,
        days=request.days,
        notified_at=now if approved else None,
    )
    await record_act(session, JournalEntry(request.region, str(request.appeal_id), fact))
    days = await _find_granted(session, request) if approved else 0
    await emit(
        session,
        sla.ExtensionDecided(
            id=event_id, time=now, region=request.region, extension_id=extension_id,
            appeal_id=request.appeal_id, assignment_id=request.assignment_id, decision=decision, days=days,
            reason=reason, decided_at=now,
        ),
    )  # fmt: skip
    decided = replace(
        request,
        decision=decision,
        decided_days=days,
        decided_by=principal.client_id,
        decided_at=now,
        notified_at=now if approved else None,
    )
    return await _store(session, decided, reason)


async def _lock(session: AsyncSession, principal: Principal, extension_id: UUID) -> _Locked:
    found = await row(session, _Appeal, _FIND, id=extension_id)
    if found is None or not principal.may_see(found.region):
        raise NotFound
    # In the order of whoever ends requests with their clocks.
    await hold_region_configs(session, [found.region])
    await hold_appeal(session, AppealKey(found.region, found.appeal_id))
    request = await row(session, _Locked, _LOCK, id=extension_id)
    if request is None:
        raise NotFound
    if request.decision is not None:
        raise NotAllowedNow("This request has been decided already.")
    if request.ended_at is not None:
        raise ExtensionNotPossible("The question that more days were asked for is no longer open.")
    return request


async def _find_granted(session: AsyncSession, request: _Locked) -> int:
    """Days this decision added, read from the clock's own explanation, whoever has it now; 409 when it added none."""
    explanations = await rows(
        session,
        _Explanation,
        _EXPLANATIONS,
        region=request.region,
        appeal_id=request.appeal_id,
    )
    granted = [
        int(step["days"])
        for each in explanations
        for step in read_steps(each.packed, each.explanation)
        if step["kind"] == "extension" and datetime.fromisoformat(step["decided_at"]) == request.now
    ]
    if not granted:
        raise ExtensionNotPossible(
            "The policy allows no extension, one has been granted already, it was asked for after the deadline, "
            "or the question is no longer open."
        )
    return granted[0]


async def _store(session: AsyncSession, decided: _Locked, reason: str) -> Extension:
    """Write the decision with its words sealed; the request as it is shown."""
    notice = (
        f"Срок ответа продлён на {render_days(decided.decided_days or 0)}: {reason}"
        if decided.notified_at
        else None
    )
    words = EXTENSION_WORDS.open(session, decided) | {"decision_reason": reason, "notice": notice}
    sealed = EXTENSION_WORDS.seal(session, decided.extension_id, words)
    key = {"region": decided.region, "extension_id": decided.extension_id}
    changed = {
        "decision": decided.decision,
        "decided_days": decided.decided_days,
        "decided_by": decided.decided_by,
        "decided_at": decided.decided_at,
        "notified_at": decided.notified_at,
    }
    await update_rows(session, tables.extension, [key | changed | sealed], keys=tuple(key))
    masked = await scalar(session, str, _REASON, region=decided.region, id=decided.extension_id)
    return show_extension(decided, words, masked)
