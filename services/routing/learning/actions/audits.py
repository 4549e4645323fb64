"""A coordinator decides an audit: that becomes a label, and what is wrong is set right while the question is open and nobody has
set it right before."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import row
from chassis.db.transactions import ACTING_PERSON
from chassis.principals import Principal
from chassis.problems import NotAllowedNow, NotFound, Unprocessable
from chassis.versions import require_version
from services.routing.assignments.actions.labels import record_label
from services.routing.assignments.actions.locks import LockedAssignment, lock_within_reach
from services.routing.assignments.actions.triage import correct_locked
from services.routing.assignments.rules.statuses import Action, is_allowed
from services.routing.assignments.schemas.acts import Correction
from services.routing.learning.queries.audits import find_audit
from services.routing.learning.schemas.audits import AuditDecision, AuditView
from services.routing.tables.assignments import Assignment
from services.routing.tables.learning import Audit

_LOCK = "SELECT * FROM routing.audit WHERE region = :region AND id = :id FOR UPDATE"
_DECIDE = """
UPDATE routing.audit SET status = 'decided', verdict = :verdict, decided_at = :at, client_id = :client, person = :person,
    version = version + 1
WHERE region = :region AND id = :id RETURNING *
"""
_REASON = "Проверка решения, выбранного случайно."


@dataclass(frozen=True, slots=True)
class AuditRequest:
    """Who decides which audit, in the version it was seen in."""

    principal: Principal
    audit_id: UUID
    expected_version: int


async def decide_audit(session: AsyncSession, request: AuditRequest, body: AuditDecision) -> AuditView:
    """Once: 409 when it has been decided. Assignment and audit are locked in this order."""
    found = await find_audit(session, request.principal, request.audit_id)
    locked = await lock_within_reach(session, request.principal, found.assignment_id)
    audit = await _lock_audit(session, request, found.region)
    await _learn(session, locked, audit, body)
    decided = await row(
        session,
        Audit,
        _DECIDE,
        region=audit.region,
        id=audit.id,
        verdict=body.verdict,
        at=locked.at,
        client=request.principal.client_id,
        person=session.info.get(ACTING_PERSON),
    )
    assert decided is not None
    return AuditView.of(decided, locked.assignment.words().text, locked.region_reference)


async def _lock_audit(session: AsyncSession, request: AuditRequest, region: str) -> Audit:
    audit = await row(session, Audit, _LOCK, region=region, id=request.audit_id)
    if audit is None:
        raise NotFound
    require_version(audit.version, request.expected_version)
    if audit.status == "decided":
        raise NotAllowedNow("It has been decided.")
    return audit


async def _learn(session: AsyncSession, locked: LockedAssignment, audit: Audit, body: AuditDecision) -> None:
    if body.verdict == "right":
        await _record(session, locked, audit.topic, audit.organisation_id)
        return
    if body.topic is None and body.organisation is None:
        return
    _require_known(locked, body)
    if _stands(audit, locked.assignment) and is_allowed(Action.CORRECT, locked.assignment.status):
        correction = Correction(topic=body.topic, organisation=body.organisation, reason=_REASON)
        await correct_locked(session, locked, correction, "audit")
    else:
        await _record(session, locked, body.topic, body.organisation)


def _stands(audit: Audit, assignment: Assignment) -> bool:
    """Whether the question is still where the decision has put it: what a person has decided since is not undone by an audit, which
    shows the decision and nothing of that."""
    return (assignment.topic, assignment.organisation_id) == (audit.topic, audit.organisation_id)


async def _record(
    session: AsyncSession, locked: LockedAssignment, topic: str | None, organisation_id: UUID | None
) -> None:
    await record_label(
        session, locked.assignment, "audit", topic=topic, organisation_id=organisation_id, at=locked.at
    )


def _require_known(locked: LockedAssignment, body: AuditDecision) -> None:
    """422 for what the region does not have in use, also where nothing is corrected any more."""
    reference = locked.region_reference
    unknown = {
        "/topic": body.topic is not None and reference.topic_in_use(body.topic) is None,
        "/organisation": body.organisation is not None
        and reference.organisation_in_use(body.organisation) is None,
    }
    errors = [
        {"pointer": pointer, "message": "the region has no such one in use"}
        for pointer, is_unknown in unknown.items()
        if is_unknown
    ]
    if errors:
        raise Unprocessable("See errors.", errors=errors)
