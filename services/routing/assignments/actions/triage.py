"""What a coordinator sets right: topic, body, a helping body."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.outbox import emit
from chassis.problems import NotAllowedNow, Problem, Unprocessable
from chassis.security import Principal
from contracts.routing import AssignmentCorrected
from services.routing.assignments.actions.creation import creation_of, insert_assignments, new_row
from services.routing.assignments.actions.documents import hand_over_requests
from services.routing.assignments.actions.transitions import (
    NO_LEASE,
    Held,
    Row,
    change,
    lock_appeal,
    organisation_named,
    take,
    topic_named,
)
from services.routing.reference.queries.cache import read_book
from services.routing.reference.rules.region_reference import RegionBook
from services.routing.reference.rules.competence import Choice
from services.routing.placement.rules.decisions import choose, explain_choice
from services.routing.assignments.rules.redirects import is_object
from services.routing.assignments.rules.statuses import OPEN, status_after
from services.routing.assignments.schemas.acts import Correction, NewCoExecutor
from services.routing.assignments.schemas.assignments import AssignmentView, show_assignment


class ComplaintObject(Problem):
    status, slug, title = 422, "complaint-object", "A complaint never goes to the body it is about"


async def correct_assignment(
    session: AsyncSession, principal: Principal, assignment_id: UUID, seen: int, body: Correction
) -> AssignmentView:
    """Set topic or body, or bring the assignment out of triage; with a topic alone the rules choose the body."""
    held = await take(session, principal, assignment_id, seen, "correct")
    before = held.row
    topic = _known_topic(held.book, body.topic) if body.topic else before["topic"]
    organisation_id, explained = _receiver(held, body, topic)
    moved = organisation_id != before["organisation_id"]
    changes: Row = {
        "topic": topic,
        "organisation_id": organisation_id,
        "triage_reason": None,
        "explanation": {**before["explanation"], **explained},
    }
    if moved:
        changes |= {**NO_LEASE, "accepted_at": None}
    status = status_after("correct", before["status"]) if moved else before["status"]
    after = await change(session, held, status, **changes)
    if moved:
        await hand_over_requests(session, after.row)
    await emit(session, _correction(held, after, body.reason, moved=moved))
    return after.show()


def _correction(held: Held, after: Held, reason: str, *, moved: bool) -> AssignmentCorrected:
    return AssignmentCorrected(
        **after.about(),
        topic=topic_named(held.book, after.row["topic"]),
        organisation=organisation_named(held.book, after.row["organisation_id"]),
        previous_organisation_id=held.row["organisation_id"] if moved else None,
        reason=reason,
        corrected_at=held.at,
    )


def _known_topic(book: RegionBook, code: str) -> str:
    if book.topic_in_use(code) is None:
        raise Unprocessable(
            "See errors.", errors=[{"pointer": "/topic", "message": "there is no such topic"}]
        )
    return code


def _receiver(held: Held, body: Correction, topic: str | None) -> tuple[UUID, dict[str, Any]]:
    row, book = held.row, held.book
    if body.organisation is not None:
        _require_receiver(book, body.organisation, row["complained_about"])
        return body.organisation, {"source": "coordinator", "note": "Исполнителя назначил координатор."}
    choice: Choice = choose(book, topic, row["municipality"], row["complained_about"])
    if choice.organisation_id is not None:
        note = "Тему назначил координатор. " + choice.note
        return choice.organisation_id, {
            **explain_choice(choice),
            "source": "coordinator",
            "note": note.strip(),
        }
    if row["organisation_id"] is None:
        message = "no rule names a body for this topic and place; name the organisation"
        raise Unprocessable("See errors.", errors=[{"pointer": "/organisation", "message": message}])
    return row["organisation_id"], {"source": "coordinator", "note": "Тему назначил координатор."}


def _require_receiver(book: RegionBook, organisation_id: UUID, complained_about: UUID | None) -> None:
    if book.body_in_use(organisation_id) is None:
        error = {"pointer": "/organisation", "message": "there is no such executing organisation"}
        raise Unprocessable("See errors.", errors=[error])
    if is_object(book, organisation_id, complained_about):
        raise ComplaintObject("59-ФЗ, ст. 8 ч. 6.")


async def add_co_executor(
    session: AsyncSession, principal: Principal, appeal_id: UUID, body: NewCoExecutor
) -> AssignmentView:
    """Give the question to one more, helping body."""
    rows, at = await lock_appeal(session, principal, appeal_id)
    going_on = [row for row in rows if row["status"] in OPEN]
    if not going_on:
        raise NotAllowedNow("No assignment of this appeal is open.")
    if any(row["organisation_id"] == body.organisation for row in going_on):
        raise NotAllowedNow("This organisation holds an open assignment of the appeal already.")
    lead = next((row for row in going_on if row["role"] == "lead"), going_on[0])
    book = await read_book(session, lead["region"])
    _require_receiver(book, body.organisation, lead["complained_about"])
    topic = _known_topic(book, body.topic) if body.topic else lead["topic"]
    row = new_row(
        {**lead, "topic": topic},
        organisation_id=body.organisation,
        role="co_executor",
        explanation={"source": "coordinator", "note": "Соисполнителя назначил координатор."},
        created_at=at,
    )
    await insert_assignments(session, [row])
    await emit(session, creation_of(row, book))
    return show_assignment({**_EMPTY, **row}, book)


# What a new row has by default.
_EMPTY: Row = dict.fromkeys(
    ("due_at", "due_on", "due_reason", "accepted_at", "answered_at", "lease_expires_at")
) | {"cycle": 1}
