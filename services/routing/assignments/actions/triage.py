"""What a coordinator sets right: topic, organisation, a helping organisation; or the appeal goes out of the system."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.outbox import emit
from chassis.principals import Principal
from chassis.problems import NotAllowedNow, Problem, Unprocessable
from contracts.routing import AppealForwarded, AssignmentCorrected
from services.routing.assignments.actions.appeal_changes import AppealEnd, cancel_open
from services.routing.assignments.actions.creation import (
    creation_event,
    insert_assignment,
    new_assignment,
    summary_of,
)
from services.routing.assignments.actions.labels import record_label
from services.routing.assignments.actions.locks import (
    ActionRequest,
    LockedAssignment,
    lock_appeal,
    lock_for,
)
from services.routing.assignments.actions.successions import hand_over
from services.routing.assignments.actions.transitions import Changes, transition
from services.routing.assignments.rules.explanations import StoredExplanation, explain_choice
from services.routing.assignments.rules.local_days import local_day
from services.routing.assignments.rules.statuses import OPEN, Action
from services.routing.assignments.rules.words import AssignmentWords, pack_words
from services.routing.assignments.schemas.acts import Correction, Forward, Forwarded, NewCoExecutor
from services.routing.assignments.schemas.assignments import AssignmentView
from services.routing.reference.queries.houses import find_served_house
from services.routing.reference.rules.competence import Choice, is_object, is_within_level
from services.routing.reference.rules.region_reference import RegionReference
from services.routing.tables.learning import LabelSource


class ComplaintObject(Problem):
    status, slug, title = 422, "complaint-object", "A complaint never goes to the body it is about"


@dataclass(frozen=True, slots=True)
class _Receiver:
    """Whom a correction gives the assignment to, and why."""

    organisation_id: UUID
    explanation: StoredExplanation


async def correct_assignment(
    session: AsyncSession, request: ActionRequest, body: Correction
) -> AssignmentView:
    """Set topic or organisation, or bring the assignment out of triage; with a topic alone the rules choose the
    organisation."""
    locked = await lock_for(session, request, Action.CORRECT)
    return await correct_locked(session, locked, body, "correction")


async def correct_locked(
    session: AsyncSession, locked: LockedAssignment, body: Correction, source: LabelSource
) -> AssignmentView:
    """The same of an assignment that is locked and may be corrected; what was decided becomes a label."""
    before, reference = locked.assignment, locked.region_reference
    topic = _known_topic(reference, body.topic) if body.topic else before.topic
    receiver = await _receiver(session, locked, body, topic)
    moved = receiver.organisation_id != before.organisation_id
    after = await _give(session, locked, receiver, topic, moved=moved)
    await record_label(
        session, before, source, topic=topic, organisation_id=receiver.organisation_id, at=locked.at
    )
    await emit(
        session,
        AssignmentCorrected(
            **after.event_keys(),
            topic=reference.topic_name(topic),
            organisation=reference.organisation_name(receiver.organisation_id),
            previous_organisation_id=before.organisation_id if moved else None,
            reason=body.reason,
            corrected_at=locked.at,
            within_level=_stays_in_level(locked, receiver.organisation_id),
        ),
    )
    return after.show()


def _stays_in_level(locked: LockedAssignment, receiver: UUID) -> bool:
    sender = locked.assignment.organisation_id
    return sender is not None and is_within_level(sender, receiver, locked.region_reference.organisations)


async def _give(
    session: AsyncSession, locked: LockedAssignment, receiver: _Receiver, topic: str | None, *, moved: bool
) -> LockedAssignment:
    changes: Changes = {
        "topic": topic,
        "organisation_id": receiver.organisation_id,
        **_words_after(locked.assignment.words(), receiver.explanation),
    }
    if not moved:
        (after,) = await transition(session, [locked], Action.RECLASSIFY, [changes])
        return after
    (after,) = await transition(session, [locked], Action.CORRECT, [changes | {"accepted_at": None}])
    await hand_over(session, [after.assignment])
    return after


def _words_after(before: AssignmentWords, explained: StoredExplanation) -> Changes:
    words = replace(before, explanation=before.explanation | explained, triage_reason=None)
    return {
        "packed": pack_words(words),
        "text": None,
        "address": None,
        "explanation": None,
        "triage_reason": None,
    }


def _known_topic(reference: RegionReference, code: str) -> str:
    if reference.topic_in_use(code) is None:
        raise _unprocessable("/topic", "there is no such topic")
    return code


def _unprocessable(pointer: str, message: str) -> Unprocessable:
    return Unprocessable("See errors.", errors=[{"pointer": pointer, "message": message}])


async def _receiver(
    session: AsyncSession, locked: LockedAssignment, body: Correction, topic: str | None
) -> _Receiver:
    before, reference = locked.assignment, locked.region_reference
    if body.organisation is not None:
        _require_receiver(reference, body.organisation, before.complained_about)
        return _Receiver(
            body.organisation, {"source": "coordinator", "note": "Исполнителя назначил координатор."}
        )
    choice = await _choose_again(session, locked, topic)
    note = "Тему назначил координатор."
    if choice.organisation_id is not None:
        explained: StoredExplanation = {
            **explain_choice(choice),
            "source": "coordinator",
            "note": f"{note} {choice.note}".strip(),
        }
        return _Receiver(choice.organisation_id, explained)
    if before.organisation_id is None:
        message = "no rule names a body for this topic and place; name the organisation"
        raise _unprocessable("/organisation", message)
    return _Receiver(before.organisation_id, {"source": "coordinator", "note": note})


async def _choose_again(session: AsyncSession, locked: LockedAssignment, topic: str | None) -> Choice:
    """Whom the rules of the day of registration name for another topic."""
    before, reference, words = locked.assignment, locked.region_reference, locked.assignment.words()
    day = local_day(before.received_at, before.region, before.municipality)
    house = await find_served_house(session, reference, [topic], words.address, words.text, day)
    return reference.choose_lead(topic, before.municipality, before.complained_about, on=day, house=house)


def _require_receiver(
    reference: RegionReference, organisation_id: UUID, complained_about: UUID | None
) -> None:
    if reference.organisation_in_use(organisation_id) is None:
        raise _unprocessable("/organisation", "there is no such executing organisation")
    if is_object(organisation_id, complained_about, reference.organisations):
        raise ComplaintObject("59-ФЗ, ст. 8 ч. 6.")


async def add_co_executor(
    session: AsyncSession, principal: Principal, appeal_id: UUID, body: NewCoExecutor
) -> AssignmentView:
    """Give the question to one more, helping organisation."""
    appeal = await lock_appeal(session, principal, appeal_id)
    going_on = [each.assignment for each in appeal if each.assignment.status in OPEN]
    if not going_on:
        raise NotAllowedNow("No assignment of this appeal is open.")
    if body.organisation in {each.organisation_id for each in going_on}:
        raise NotAllowedNow("This organisation holds an open assignment of the appeal already.")
    lead = next((each for each in going_on if each.role == "lead"), going_on[0])
    reference = appeal[0].region_reference
    _require_receiver(reference, body.organisation, lead.complained_about)
    topic = _known_topic(reference, body.topic) if body.topic else lead.topic
    helping = new_assignment(
        replace(summary_of(lead), topic=topic),
        organisation_id=body.organisation,
        role="co_executor",
        explanation={"source": "coordinator", "note": "Соисполнителя назначил координатор."},
        created_at=max(each.at for each in appeal),
    )
    inserted = await insert_assignment(session, helping)
    await emit(session, creation_event(helping, reference, None))
    return AssignmentView.of(inserted, reference)


async def forward_appeal(
    session: AsyncSession, principal: Principal, appeal_id: UUID, body: Forward
) -> Forwarded:
    """No organisation of the system is competent (59-ФЗ ст. 8 ч. 3): end what is open here and say where the appeal
    went; 409 when nothing is open any more."""
    appeal = await lock_appeal(session, principal, appeal_id)
    region, at = appeal[0].assignment.region, max(each.at for each in appeal)
    end = AppealEnd(region, appeal_id, "Направлено по компетенции.", at)
    cancelled = await cancel_open(session, appeal, {(region, appeal_id): end})
    if not cancelled:
        raise NotAllowedNow("No assignment of this appeal is open.")
    await emit(
        session,
        AppealForwarded(
            region=region,
            appeal_id=appeal_id,
            addressee=body.addressee,
            reason=body.reason,
            forwarded_at=at,
        ),
    )
    return Forwarded(appeal_id=appeal_id, addressee=body.addressee, forwarded_at=at, cancelled=cancelled)
