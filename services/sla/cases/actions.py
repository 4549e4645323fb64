"""Circumstances that give an appeal terms of its own: migration, a special outcome, the fast track, a region's own
cases."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from chassis.db import column, scalar
from chassis.faults import in_words
from chassis.outbox import emit
from chassis.principals import Principal
from chassis.problems import Forbidden, NotAllowedNow, Unprocessable
from contracts.sla import CaseMarked
from services.sla.cases.schemas import MarkBody
from services.sla.clocks.actions.journals import read_facts
from services.sla.clocks.actions.recount import record_act
from services.sla.clocks.rules.events import JournalEntry
from services.sla.clocks.rules.facts import AppealMarked
from services.sla.clocks.rules.journal import read_journal
from services.sla.keys import AppealKey
from services.sla.policies.queries import read_region_config
from services.sla.policies.rules.policies import find_cases

_LEADING: Final = (
    "SELECT coalesce(due_at < now(), false) FROM sla.clock WHERE region = :region AND appeal_id = :appeal_id "
    "AND organisation_id = :organisation AND clock = 'answer' AND lead AND ended_at IS NULL"
)


async def mark_appeal(session: AsyncSession, principal: Principal, key: AppealKey, body: MarkBody) -> None:
    """Record that a case applies (a coordinator, or the organisation that leads the answer and is not late) or that
    it does not (a coordinator).

    Who may see the appeal is the caller's to check. 422 for a case that no policy of the region names. Marking what
    is known already changes nothing.
    """
    if principal.role == "agency":
        await _require_leading(session, principal, key, body)
    known = find_cases((await read_region_config(session, key.region)).policies)
    if body.case not in known:
        cases = ", ".join(sorted(known))
        message = f"{in_words('no policy of the region names this case; there are')}: {cases}"
        raise Unprocessable("See errors.", errors=[{"pointer": "/case", "message": message}])
    # Two who mark the same at the same time mark it twice, which changes nothing.
    journal = read_journal((await read_facts(session, [key]))[key])
    if (body.case in journal.cases_at(None)) == body.applies:
        return
    now = await scalar(session, datetime, "SELECT clock_timestamp()")
    assert now is not None, "the database knows the time"
    event = CaseMarked(
        id=uuid7(),
        time=now,
        region=key.region,
        appeal_id=UUID(key.appeal_id),
        case=body.case,
        applies=body.applies,
        reason=body.reason,
        marked_at=now,
    )
    fact = AppealMarked(event_id=str(event.id), at=now, case=body.case, applies=body.applies)
    await record_act(session, JournalEntry(key.region, key.appeal_id, fact))
    await emit(session, event)


async def _require_leading(
    session: AsyncSession, principal: Principal, key: AppealKey, body: MarkBody
) -> None:
    if not body.applies:
        raise Forbidden("Only a coordinator takes a mark back.")
    late = await column(
        session,
        bool,
        _LEADING,
        region=key.region,
        appeal_id=key.appeal_id,
        organisation=principal.organisation,
    )
    if not late:
        raise Forbidden("Only the body that leads the answer marks an appeal.")
    if any(late):
        raise NotAllowedNow("The deadline has passed; only a coordinator marks the appeal now.")
