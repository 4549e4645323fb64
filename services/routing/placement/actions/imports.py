"""Cases that another system kept: answered ones go to their organisation as done, open ones into its queue or to triage.

Topics and organisations that the region does not have are added out of use: figures name them, nothing is ever sent to
them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from chassis.db import insert_rows
from chassis.normal import normalise
from chassis.outbox import emit
from contracts.event import Event
from contracts.intake import AppealImported, place_of
from contracts.routing import AssignmentAccepted, AssignmentAnswered
from meaning import Meaning
from services.routing.assignments.actions.answers import seal_answer
from services.routing.assignments.actions.creation import (
    AppealSummary,
    creation_event,
    insert_assignments,
    new_assignment,
)
from services.routing.assignments.rules.local_days import local_day
from services.routing.assignments.schemas.event_keys import event_keys
from services.routing.placement.actions.legacy_reference import read_references
from services.routing.placement.actions.placing import (
    RoutedNow,
    end_at_birth,
    enter_appeals,
    guess_topics,
)
from services.routing.placement.actions.undoing import record_births, without_undone
from services.routing.placement.queries import read_meanings
from services.routing.placement.rules.decisions import (
    Decision,
    Question,
    decide,
    locate_question,
    needs_guess,
)
from services.routing.reference.queries.houses import find_served
from services.routing.reference.rules.region_reference import RegionReference
from services.routing.reference.rules.service_areas import AskedHouse, find_house
from services.routing.tables.assignments import Answer, NewAssignment, answer

NO_ANSWER = "Ответ дан в прежней системе, текст не перенесён."


@dataclass(frozen=True, slots=True)
class _PlacedCase:
    """A case's assignment as it is now, the events that would have been emitted then, and the answer among them."""

    assignment: NewAssignment
    events: list[Event]
    answered: AssignmentAnswered | None = None


async def place_imported(session: AsyncSession, events: Sequence[AppealImported]) -> None:
    """Give every legacy case that is not here yet its assignment, unless its import was taken back."""
    fresh = await enter_appeals(session, await without_undone(session, events))
    if not fresh:
        return
    cases = [event for event, _ in fresh]
    references = await read_references(session, cases)
    decisions = await _decide_nameless(session, references, cases)
    meanings = await read_meanings([normalise(event.text) for event in cases])
    placed = [
        _place(event, routed, references[event.region], decisions.get(event.appeal_id), meaning)
        for (event, routed), meaning in zip(fresh, meanings, strict=True)
    ]
    await insert_assignments(session, [each.assignment for each in placed])
    await insert_rows(
        session,
        answer,
        [
            _answer_row(session, event, each.assignment, each.answered)
            for event, each in zip(cases, placed, strict=True)
            if each.answered is not None
        ],
    )
    versions = {each.assignment.appeal_id: each.assignment.version for each in placed}
    await record_births(session, cases, versions)
    await emit(session, *(event for each in placed for event in each.events))


async def _decide_nameless(
    session: AsyncSession, references: Mapping[str, RegionReference], cases: Sequence[AppealImported]
) -> dict[UUID, Decision]:
    """Open cases of no organisation find their lead as new appeals do."""
    asked = [e for e in cases if e.taken_over.closed_at is None and e.organisation is None]
    questions = {event.appeal_id: _question_of(event, references[event.region]) for event in asked}
    unsure = [e for e in asked if needs_guess(references[e.region], questions[e.appeal_id].topic)]
    guesses = await guess_topics(session, references, unsure)
    topics = {id: guesses[id].code if id in guesses else each.topic for id, each in questions.items()}
    wanted = [
        (event, questions[event.appeal_id])
        for event in asked
        if references[event.region].asks_for_house(topics[event.appeal_id])
    ]
    houses = await find_served(session, _houses_of(wanted))
    return {
        event.appeal_id: decide(
            references[event.region],
            replace(questions[event.appeal_id], house=houses.get(event.appeal_id)),
            guesses.get(event.appeal_id),
        )
        for event in asked
    }


def _houses_of(asked: Sequence[tuple[AppealImported, Question]]) -> dict[UUID, AskedHouse]:
    """The houses that cases name, on the days of their registration."""
    found = (
        (event.appeal_id, find_house(event.region, question.address, question.text, _day_of(event)))
        for event, question in asked
    )
    return {id: house for id, house in found if house is not None}


def _question_of(event: AppealImported, reference: RegionReference) -> Question:
    """A topic that is out of use decides nothing. Rules are those of the day of registration, as for every appeal."""
    topic = reference.topic_in_use(_topic_of(event, reference))
    return Question(
        event.text,
        event.address,
        topic.code if topic else None,
        event.municipality,
        place=place_of(event),
        day=_day_of(event),
    )


def _day_of(event: AppealImported) -> date:
    """Whose rules and houses count: the local one of registration."""
    return local_day(event.received_at, event.region, event.municipality)


def _topic_of(event: AppealImported, reference: RegionReference) -> str | None:
    return reference.topic_called(event.topic) if event.topic else None


def _place(
    event: AppealImported,
    routed: RoutedNow,
    reference: RegionReference,
    decision: Decision | None,
    meaning: Meaning,
) -> _PlacedCase:
    """`decision`: of an open case of no organisation."""
    organisation_id, triage_reason = _organisation_of(event, reference, decision)
    born = new_assignment(
        _summary_of(event, reference, decision, meaning),
        organisation_id=organisation_id,
        role="lead",
        explanation={"source": "import"} if decision is None else decision.explanation,
        created_at=event.received_at,
        triage_reason=triage_reason,
    )
    if organisation_id is not None:  # its organisation has had it elsewhere, but has it here from now on
        born = replace(born, offered_at=event.taken_over.at)
    created = creation_event(born, reference, triage_reason, event.taken_over)
    taken, accepted = _accept(born, event, reference)
    if event.taken_over.closed_at is not None:
        closed, answered = _close(taken, event, reference)
        return _PlacedCase(closed, [created, *accepted, answered], answered)
    ended, ends = end_at_birth(taken, routed)
    return _PlacedCase(ended, [created, *accepted, *ends])


def _summary_of(
    event: AppealImported, reference: RegionReference, decision: Decision | None, meaning: Meaning
) -> AppealSummary:
    if decision is None:
        municipality = locate_question(reference, _question_of(event, reference)).municipality
    else:
        municipality = decision.municipality
    return AppealSummary(
        region=event.region,
        appeal_id=event.appeal_id,
        number=event.number,
        topic=_topic_of(event, reference) or (decision.topic if decision else None),
        regime=event.regime,
        channel=event.channel,
        importance="normal",  # whoever kept the case before has judged that
        kind=meaning.kind.value,
        municipality=municipality,
        text=event.text,
        address=event.address,
        complained_about=None,
        received_at=event.received_at,
    )


def _organisation_of(
    event: AppealImported, reference: RegionReference, decision: Decision | None
) -> tuple[UUID | None, str | None]:
    """The organisation, or why a coordinator has to choose one."""
    if decision is not None:
        return decision.organisation_id, decision.triage_reason
    known = reference.organisation_called(event.organisation or "")
    if event.taken_over.closed_at is not None or reference.organisation_in_use(known):
        return known, None
    return (
        None,
        f"Орган прежней системы «{event.organisation}» не принимает поручений: назначьте исполнителя.",
    )


def _accept(
    born: NewAssignment, event: AppealImported, reference: RegionReference
) -> tuple[NewAssignment, list[AssignmentAccepted]]:
    """The assignment that its organisation had taken to work there, if it had."""
    organisation = reference.organisation_name(born.organisation_id)
    if event.accepted_at is None or organisation is None:
        return born, []
    taken = replace(born, status="accepted", version=born.version + 1, accepted_at=event.accepted_at)
    return taken, [
        AssignmentAccepted(**event_keys(taken), organisation=organisation, accepted_at=event.accepted_at)
    ]


def _close(
    taken: NewAssignment, event: AppealImported, reference: RegionReference
) -> tuple[NewAssignment, AssignmentAnswered]:
    """The answered assignment."""
    organisation, closed_at = reference.organisation_name(taken.organisation_id), event.taken_over.closed_at
    assert organisation is not None
    assert closed_at is not None
    # A solution that was put off is still owed: its organisation has it in the queue until it is done.
    closed = replace(
        taken,
        status="postponed" if event.postponed else "answered",
        version=taken.version + 1,
        answered_at=closed_at,
    )
    answered = AssignmentAnswered(
        **event_keys(closed),
        answer_id=uuid7(),
        organisation=organisation,
        outcome="postponed" if event.postponed else event.outcome,
        text=event.answer or NO_ANSWER,
        promised_on=event.promised_on,
        answered_at=closed_at,
    )
    return closed, answered


def _answer_row(
    session: AsyncSession, event: AppealImported, closed: NewAssignment, answered: AssignmentAnswered
) -> Answer:
    return seal_answer(
        session,
        closed,
        answered.answer_id,
        answered.text,
        outcome=answered.outcome,
        promised_on=answered.promised_on,
        cycle=answered.cycle,
        client_id=event.client_id,
        answered_at=answered.answered_at,
    )
