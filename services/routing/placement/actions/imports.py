"""Cases that another system kept: answered ones go to their body as done, open ones into its queue or to triage.

Topics and bodies that the region does not have are added out of use: figures name them, nothing is ever sent to them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from chassis.db import insert_rows
from chassis.outbox import emit
from contracts.event import Event
from contracts.intake import AppealImported
from contracts.routing import AssignmentAccepted, AssignmentAnswered
from services.routing.placement.actions.placing import end_at_birth, enter_appeals, guess_topics
from services.routing.assignments.actions.creation import creation_of, insert_assignments, new_row
from services.routing.assignments.actions.transitions import Row, about, organisation_named
from services.routing.reference.actions.loading import bump_reference, lock_reference, put_organisations, put_topics
from services.routing.placement.actions.undoing import note_births, without_undone
from services.routing.reference.queries.cache import load_book
from services.routing.reference.queries.cache import books_of
from services.routing.tables import ANSWER_WORDS, answer
from services.routing.placement.rules.legacy_reference import Missing, find_missing
from services.routing.reference.rules.region_reference import RegionBook
from services.routing.placement.rules.decisions import Decision, Question, decide, locate_question, needs_guess
from services.routing.reference.schemas.reference import GroupRow, OrganisationRow, TopicRow

NO_ANSWER = "Ответ дан в прежней системе, текст не перенесён."


async def place_imported_appeals(session: AsyncSession, events: Sequence[AppealImported]) -> None:
    """Give every past case that is not here yet its assignment, unless its import was taken back."""
    events = await without_undone(session, events)
    fresh = await enter_appeals(session, events)
    cases = sorted(
        (e for e in {e.appeal_id: e for e in events}.values() if e.appeal_id in fresh),
        key=lambda event: (event.region, event.appeal_id),
    )
    if not cases:
        return
    books = await _read_books(session, cases)
    decisions = await _decide_nameless(session, books, cases)
    rows: list[Row] = []
    answers: list[Row] = []
    told: list[Event] = []
    for event in cases:
        book, known = books[event.region], fresh[event.appeal_id]
        born = _row_of(event, book, decisions.get(event.appeal_id))
        told.append(creation_of(born, book, event.taken_over))
        row, acts = _accept(born, event, book)
        told += acts
        if event.taken_over.closed_at is not None:
            row, answered = _answer(row, event, book)
            answers.append(_answer_of(session, row, event, answered))
            told.append(answered)
        elif known.ended_at is not None:
            told.append(end_at_birth(row, known))
        rows.append(row)
    await insert_assignments(session, rows)
    await insert_rows(session, answer, answers)
    await note_births(session, cases, rows)
    await emit(session, *told)


async def _decide_nameless(
    session: AsyncSession, books: dict[str, RegionBook], cases: Sequence[AppealImported]
) -> dict[UUID, Decision]:
    """Open cases of no body find their lead as new appeals do."""
    asked = [e for e in cases if e.taken_over.closed_at is None and e.organisation is None]
    questions = {event.appeal_id: _question_of(event, books[event.region]) for event in asked}
    unsure = [e for e in asked if needs_guess(books[e.region], questions[e.appeal_id].topic)]
    guesses = await guess_topics(session, books, unsure)
    return {
        event.appeal_id: decide(books[event.region], questions[event.appeal_id], guesses.get(event.appeal_id))
        for event in asked
    }


async def _read_books(session: AsyncSession, cases: Sequence[AppealImported]) -> dict[str, RegionBook]:
    """The regions' books, with whatever the cases name and the regions lacked."""
    books = dict(await books_of(session).read(session, (event.region for event in cases)))
    by_region: dict[str, list[AppealImported]] = defaultdict(list)
    for event in cases:
        by_region[event.region].append(event)
    for region in sorted(by_region):
        named = [(e.topic, e.group, e.organisation) for e in by_region[region]]
        if find_missing(books[region], named):
            version = await lock_reference(session, region)
            # Read past the memory: somebody else may have added them, and what this transaction undoes must not stay.
            books[region] = await load_book(session, region, version)
            await _add(session, region, find_missing(books[region], named))
            books[region] = await load_book(session, region, version)
    return books


async def _add(session: AsyncSession, region: str, missing: Missing) -> None:
    if not missing:
        return
    topics = await put_topics(
        session,
        region,
        [GroupRow(code=code, name=name) for code, name in missing.groups.items()],
        [
            TopicRow(code=code, name=name, group=group, active=False)
            for code, (name, group) in missing.topics.items()
        ],
    )
    organisations = await put_organisations(
        session,
        region,
        [
            OrganisationRow(code=code, name=name, kind="regional")
            for code, name in missing.organisations.items()
        ],
        active=False,
    )
    await bump_reference(session, region)
    await emit(session, *topics, *organisations)


def _question_of(event: AppealImported, book: RegionBook) -> Question:
    """A topic that is out of use decides nothing."""
    topic = book.topic_in_use(_topic_of(event, book))
    return Question(event.text, event.address, topic.code if topic else None, event.municipality)


def _topic_of(event: AppealImported, book: RegionBook) -> str | None:
    return book.topic_called(event.topic) if event.topic else None


def _row_of(event: AppealImported, book: RegionBook, decision: Decision | None) -> Row:
    """The assignment as it was born; `decision`: of an open case of no body."""
    appeal: Row = {
        "region": event.region,
        "appeal_id": event.appeal_id,
        "number": event.number,
        "topic": _topic_of(event, book) or (decision.topic if decision else None),
        "regime": event.regime,
        "channel": event.channel,
        "importance": "normal",
        "municipality": locate_question(book, _question_of(event, book)).municipality,
        "text": event.text,
        "address": event.address,
        "complained_about": None,
        "received_at": event.received_at,
    }
    body, reason = _body_of(event, book, decision)
    row = new_row(
        appeal,
        organisation_id=body,
        role="lead",
        explanation={"source": "import"} if decision is None else decision.explanation,
        created_at=event.received_at,
        triage_reason=reason,
    )
    return row | {"accepted_at": None, "answered_at": None}


def _body_of(
    event: AppealImported, book: RegionBook, decision: Decision | None
) -> tuple[UUID | None, str | None]:
    """The body, or why a coordinator has to choose one."""
    if decision is not None:
        return decision.organisation_id, decision.triage_reason
    known = book.body_called(event.organisation or "")
    if event.taken_over.closed_at is not None or book.body_in_use(known):
        return known, None
    return (
        None,
        f"Орган прежней системы «{event.organisation}» не принимает поручений: назначьте исполнителя.",
    )


def _accept(born: Row, event: AppealImported, book: RegionBook) -> tuple[Row, list[Event]]:
    """The assignment that its body had taken to work there, if it had, and the event that would have told of it then."""
    organisation = organisation_named(book, born["organisation_id"])
    if event.accepted_at is None or organisation is None:
        return born, []
    row: Row = {
        **born,
        "status": "accepted",
        "version": born["version"] + 1,
        "accepted_at": event.accepted_at,
    }
    return row, [AssignmentAccepted(**about(row), organisation=organisation, accepted_at=event.accepted_at)]


def _answer(taken: Row, event: AppealImported, book: RegionBook) -> tuple[Row, AssignmentAnswered]:
    """The answered assignment, and the event that would have told of it then."""
    organisation, closed_at = organisation_named(book, taken["organisation_id"]), event.taken_over.closed_at
    assert organisation is not None
    assert closed_at is not None
    # A solution that was put off is still owed: its body has it in the queue until it is done.
    status = "postponed" if event.postponed else "answered"
    row: Row = {**taken, "status": status, "version": taken["version"] + 1, "answered_at": closed_at}
    answered = AssignmentAnswered(
        **about(row),
        answer_id=uuid7(),
        organisation=organisation,
        outcome="postponed" if event.postponed else event.outcome,
        text=event.answer or NO_ANSWER,
        promised_on=event.promised_on,
        answered_at=closed_at,
    )
    return row, answered


def _answer_of(session: AsyncSession, row: Row, event: AppealImported, answered: AssignmentAnswered) -> Row:
    return {
        "region": event.region,
        "id": answered.answer_id,
        "assignment_id": row["id"],
        "appeal_id": event.appeal_id,
        "organisation_id": row["organisation_id"],
        **ANSWER_WORDS.seal(session, answered.answer_id, {"text": answered.text}),
        "outcome": answered.outcome,
        "promised_on": answered.promised_on,
        "client_id": event.client_id,
        "answered_at": answered.answered_at,
    }
