"""An organisation says "not ours": its assignment ends, a new one goes on elsewhere or to a coordinator."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import open_all_rows
from chassis.outbox import emit
from contracts.routing import REDIRECT_REASONS, AssignmentRedirected
from services.routing.assignments.actions.creation import (
    creation_event,
    insert_assignments,
    new_assignment,
    summary_of,
)
from services.routing.assignments.actions.locks import ActionRequest, LockedAssignment, lock_for, lock_own
from services.routing.assignments.actions.successions import pass_on
from services.routing.assignments.actions.transitions import transition
from services.routing.assignments.rules.explanations import ExplainedHop, add_hop
from services.routing.assignments.rules.leaving import redirected_because
from services.routing.assignments.rules.redirects import receiver_of
from services.routing.assignments.rules.statuses import Action
from services.routing.assignments.schemas.acts import Redirect
from services.routing.assignments.schemas.assignments import AssignmentView
from services.routing.reference.rules.competence import is_object, is_within_level


async def redirect_assignment(
    session: AsyncSession, request: ActionRequest, body: Redirect
) -> AssignmentView:
    """End this assignment; its successor goes to the suggested organisation, or to triage when that cannot be."""
    if request.coordinates:
        locked = await lock_for(session, request, Action.REDIRECT)
    else:
        locked = await lock_own(session, request, Action.REDIRECT, body.lease_token)
    reasons = [redirected_because(body.reason_code)]
    (after,) = await transition(session, [locked], Action.REDIRECT, reasons=reasons)
    # The successor is another organisation's row, which this one may not write; everything has been checked by now.
    await open_all_rows(session)
    within_level = _is_within_level(locked, body.suggested_organisation)
    successor_id = await _succeed(
        session, locked, body, limited=not (request.coordinates or within_level), within_level=within_level
    )
    await emit(
        session,
        AssignmentRedirected(
            **after.event_keys(),
            organisation=locked.organisation,
            successor_id=successor_id,
            reason_code=body.reason_code,
            comment=body.comment,
            redirected_at=locked.at,
            within_level=within_level,
        ),
    )
    return after.show()


def _is_within_level(locked: LockedAssignment, receiver: UUID | None) -> bool:
    """Down to a subordinate or back up to a superior of one level: to the citizen it stays with the same authority, so that
    it is no hop, and the term goes on."""
    sender, reference = locked.assignment.organisation_id, locked.region_reference
    if sender is None or receiver not in reference.organisations or receiver is None:
        return False
    if reference.organisation_in_use(receiver) is None:
        return False
    if is_object(receiver, locked.assignment.complained_about, reference.organisations):
        return False
    return is_within_level(sender, receiver, reference.organisations)


async def _succeed(
    session: AsyncSession, locked: LockedAssignment, body: Redirect, *, limited: bool, within_level: bool
) -> UUID:
    ended, reference = locked.assignment, locked.region_reference
    hops = ended.hops + (not within_level)
    receiver, refusal = receiver_of(
        reference,
        body.suggested_organisation,
        sender=ended.organisation_id,
        complained_about=ended.complained_about,
        hops=hops if limited else 0,
    )
    # Without the comment: events of the successor go to every service, and an official's words to intake only.
    by_whom = f"{locked.organisation.name}: {REDIRECT_REASONS[body.reason_code]}"
    triage_reason = f"{refusal} Перенаправил {by_whom}." if refusal else None
    note = f"Передано внутри уровня. {by_whom}" if within_level else f"Перенаправлено. {by_whom}"
    successor = new_assignment(
        summary_of(ended),
        organisation_id=receiver,
        role=ended.role,
        explanation=add_hop(ended.words().explanation, _hop_of(locked, body))
        | {"source": "redirect", "note": note},
        created_at=locked.at,
        triage_reason=triage_reason,
        predecessor_id=ended.id,
        hops=hops,
    )
    await insert_assignments(session, [successor])
    await pass_on(session, [(ended, successor)])
    await emit(session, creation_event(successor, reference, triage_reason, within_level=within_level))
    return successor.id


def _hop_of(locked: LockedAssignment, body: Redirect) -> ExplainedHop:
    return {
        "organisation": str(locked.organisation.id),
        "reason_code": body.reason_code,
        "at": locked.at.isoformat(),
    }
