"""Extensions: asked for by the body, decided once by a coordinator, told to the citizen (59-ФЗ ст. 12 ч. 2)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar, Literal
from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from chassis.db import insert_rows, update_rows
from chassis.outbox import emit
from chassis.problems import NotAllowedNow, NotFound, Problem
from chassis.security import Principal
from contracts import sla
from contracts.intake import ExtensionReasonMasked
from contracts.routing import ExtensionRequested
from services.sla.clocks.actions.recount import record_facts
from services.sla.clocks.rules.events import Entry
from services.sla.clocks.rules.packed import read_steps
from services.sla.rules.facts import ExtensionDecided
from services.sla.rules.wording import say_days
from services.sla.tables import EXTENSION_WORDS, extension_reason
from services.sla.tables import extension as extension_table

Decision = Literal["approve", "refuse"]
_SEALED = (*EXTENSION_WORDS.columns, "key_id", "sealed")


class ExtensionNotPossible(Problem):
    status: ClassVar[int] = 409
    slug: ClassVar[str] = "extension-not-possible"
    title: ClassVar[str] = "This deadline cannot be extended"


async def open_extensions(session: AsyncSession, events: Sequence[ExtensionRequested]) -> None:
    """Put requests before the coordinator."""
    rows = {
        (event.region, str(event.extension_id)): {
            "region": event.region,
            "extension_id": event.extension_id,
            "appeal_id": event.appeal_id,
            "assignment_id": event.assignment_id,
            "organisation_id": event.organisation.id,
            "days": event.days,
            "reason": "",  # comes masked from intake: see `keep_reasons`
            "requested_at": event.requested_at,
        }
        for event in events
    }
    await insert_rows(session, extension_table, [rows[key] for key in sorted(rows)], on_conflict="DO NOTHING")


async def decide_extension(
    session: AsyncSession, principal: Principal, extension_id: UUID, decision: Decision, reason: str
) -> dict[str, Any]:
    """Approve or refuse; the row as decided. 404, 409 when decided before or when it would change nothing."""
    row = await _take(session, principal, extension_id)
    now: datetime = row["now"]
    event_id = uuid7()
    approved = decision == "approve"
    fact = ExtensionDecided(
        event_id=str(event_id),
        at=now,
        assignment_id=str(row["assignment_id"]),
        extension_id=str(extension_id),
        approved=approved,
        days=row["days"],
        notified_at=now if approved else None,
    )
    await record_facts(session, [Entry(row["region"], str(row["appeal_id"]), fact)])
    days = await _find_granted(session, row, now) if approved else 0
    await emit(
        session,
        sla.ExtensionDecided(
            id=event_id, time=now, region=row["region"], extension_id=extension_id, appeal_id=row["appeal_id"],
            assignment_id=row["assignment_id"], decision=decision, days=days, reason=reason, decided_at=now,
        ),
    )  # fmt: skip
    return await _decide(session, row, principal, decision, days, reason)


async def _take(session: AsyncSession, principal: Principal, extension_id: UUID) -> RowMapping:
    result = await session.execute(
        text("SELECT *, now() AS now FROM sla.extension WHERE extension_id = :id FOR UPDATE"),
        {"id": extension_id},
    )
    row = result.mappings().one_or_none()
    if row is None or not principal.may_see(row["region"]):
        raise NotFound
    if row["decision"] is not None:
        raise NotAllowedNow("This request has been decided already.")
    return row


async def _find_granted(session: AsyncSession, row: RowMapping, now: datetime) -> int:
    """Days this decision added, read from the clock's own explanation; 409 when it added none."""
    explanations = await session.execute(
        text(
            "SELECT packed, explanation::text FROM sla.clock WHERE region = :region AND appeal_id = :appeal_id "
            "AND assignment_id = :assignment_id AND clock = 'answer' AND ended_at IS NULL"
        ),
        {name: row[name] for name in ("region", "appeal_id", "assignment_id")},
    )
    for packed, explanation in explanations:
        for step in read_steps(packed, explanation):
            if step["kind"] == "extension" and datetime.fromisoformat(step["decided_at"]) == now:
                return int(step["days"])
    raise ExtensionNotPossible(
        "The policy allows no extension, one has been granted already, it was asked for after the deadline, "
        "or the question is no longer open."
    )


async def _decide(
    session: AsyncSession, row: RowMapping, principal: Principal, decision: Decision, days: int, reason: str
) -> dict[str, Any]:
    """Write the decision; the row with its words."""
    notice = f"Срок ответа продлён на {say_days(days)}: {reason}" if decision == "approve" else None
    words = EXTENSION_WORDS.open(session, row) | {"decision_reason": reason, "notice": notice}
    after = {
        **row,
        "decision": decision,
        "decided_days": days,
        "decided_by": principal.client_id,
        "decided_at": row["now"],
        "notified_at": row["now"] if notice else None,
        **EXTENSION_WORDS.seal(session, row["extension_id"], words),
    }
    names = ("decision", "decided_days", "decided_by", "decided_at", "notified_at", *_SEALED)
    changed = {name: after[name] for name in ("region", "extension_id", *names)}
    await update_rows(session, extension_table, [changed], keys=("region", "extension_id"))
    return {**after, **words, "reason": await _read_reason(session, row) or words["reason"]}


async def _read_reason(session: AsyncSession, row: RowMapping) -> str | None:
    reason: str | None = await session.scalar(
        text("SELECT reason FROM sla.extension_reason WHERE region = :region AND extension_id = :id"),
        {"region": row["region"], "id": row["extension_id"]},
    )
    return reason


async def keep_reasons(session: AsyncSession, events: Sequence[ExtensionReasonMasked]) -> None:
    """Why bodies ask, as intake has masked it."""
    rows = {
        (event.region, event.extension_id): {
            "region": event.region,
            "extension_id": event.extension_id,
            "reason": event.reason,
        }
        for event in events
    }
    await insert_rows(
        session, extension_reason, [rows[key] for key in sorted(rows)], on_conflict="DO NOTHING"
    )
