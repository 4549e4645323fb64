"""A body says "not ours": its assignment ends, a new one goes on elsewhere or to a coordinator."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import open_all_rows
from chassis.outbox import emit
from chassis.security import Principal
from contracts.routing import REDIRECT_REASONS, AssignmentRedirected
from services.routing.assignments.actions.creation import creation_of, insert_assignments, new_row
from services.routing.assignments.actions.transitions import NO_LEASE, Held, move, take, take_own
from services.routing.assignments.rules.redirects import receiver_of
from services.routing.assignments.schemas.acts import Redirect
from services.routing.assignments.schemas.assignments import AssignmentView


async def redirect_assignment(
    session: AsyncSession, principal: Principal, assignment_id: UUID, seen: int, body: Redirect
) -> AssignmentView:
    """End this assignment; its successor goes to the suggested body, or to triage when that cannot be."""
    coordinates = principal.role == "coordinator" or principal.organisation_id is None
    if coordinates:
        held = await take(session, principal, assignment_id, seen, "redirect")
    else:
        held = await take_own(session, principal, assignment_id, seen, "redirect", body.lease_token)
    after = await move(session, held, "redirect", **NO_LEASE)
    # The successor is another body's row, which this body may not write; everything has been checked by now.
    await open_all_rows(session)
    successor_id = await _succeed(session, held, body, limited=not coordinates)
    await emit(
        session,
        AssignmentRedirected(
            **after.about(),
            organisation=held.organisation,
            successor_id=successor_id,
            reason_code=body.reason_code,
            comment=body.comment,
            redirected_at=held.at,
        ),
    )
    return after.show()


async def _succeed(session: AsyncSession, held: Held, body: Redirect, *, limited: bool) -> UUID:
    hops = held.row["hops"] + 1
    receiver, reason = receiver_of(
        held.book,
        body.suggested_organisation,
        sender=held.row["organisation_id"],
        complained_about=held.row["complained_about"],
        hops=hops if limited else 0,
    )
    # Not the comment: the successor is told everywhere, and an official's words go to nobody but intake.
    said = f"{held.organisation.name}: {REDIRECT_REASONS[body.reason_code]}"
    row = new_row(
        held.row,
        organisation_id=receiver,
        role=held.row["role"],
        explanation={**held.row["explanation"], "source": "redirect", "note": f"Перенаправлено. {said}"},
        created_at=held.at,
        triage_reason=f"{reason} Перенаправил {said}." if reason else None,
        predecessor_id=held.row["id"],
        hops=hops,
    )
    await insert_assignments(session, [row])
    await emit(session, creation_of(row, held.book))
    successor_id: UUID = row["id"]
    return successor_id
