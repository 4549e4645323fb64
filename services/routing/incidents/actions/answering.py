"""The organisation that holds the lead answers an incident as a whole: taken down here, given by `replying`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import insert_rows, open_all_rows, scalar
from chassis.principals import Principal
from chassis.problems import NotAllowedNow, NotFound, Problem, Unprocessable
from chassis.wake_ups import wake_after_commit
from services.routing.answers.actions.drafts import action_for
from services.routing.answers.queries.checks import Inspection, inspect
from services.routing.assignments.actions.wording import require_filled
from services.routing.assignments.rules.local_days import local_day
from services.routing.attachments.actions import require_attachments
from services.routing.incidents.actions.gathering import (
    IncidentRequest,
    lock_incident,
    read_answer,
    require_unchanged,
)
from services.routing.incidents.actions.journal import Done, finish_act
from services.routing.incidents.queries.incidents import find_incident
from services.routing.incidents.queries.waiting import count_waiting
from services.routing.incidents.rules.replying import answerable
from services.routing.incidents.schemas.incidents import AnswerProgress, CommonAnswerBody
from services.routing.reference.queries.cache import read_reference
from services.routing.tables.incident_acts import INCIDENT_ANSWER_WORDS, IncidentAnswer, incident_answer
from services.routing.tables.incidents import Incident

REPLYING = "replying"


class AnswerBlocked(Problem):
    status, slug, title = 422, "answer-blocked", "The checks do not let this answer go to many people"


class SignatureNeeded(Problem):
    status, slug, title = 409, "signature-needed", "Answers of this region need a second signature each"


async def answer_incident(
    session: AsyncSession, request: IncidentRequest, body: CommonAnswerBody
) -> AnswerProgress:
    """Take the answer down; from then on it is given to all, whatever happens to this process. The same once more: how far it has
    come; another one: 409."""
    files = await require_attachments(session, request.principal, body.attachments)
    organisation = request.principal.organisation
    found = await find_incident(session, request.principal, request.incident_id)
    if found.organisation_id != organisation:
        raise NotFound
    # It is the lead's to answer, so that all of its appeals are, whoever has them.
    await open_all_rows(session)
    if (given := await read_answer(session, found)) is not None:
        return _progress_of(session, given, body, files)
    await _check(session, found, organisation, body, files)
    incident = await lock_incident(session, found)
    if (given := await read_answer(session, found)) is not None:
        return _progress_of(session, given, body, files)
    await require_unchanged(session, incident, request.expected_version)
    _require_confirmed(incident, organisation)
    return await _take_down(session, request.principal, incident, body, files)


def _progress_of(
    session: AsyncSession, given: IncidentAnswer, body: CommonAnswerBody, files: Sequence[UUID]
) -> AnswerProgress:
    text = INCIDENT_ANSWER_WORDS.open(session, given)["text"]
    named = [str(each) for each in files]
    if (text, given.outcome, given.promised_on, given.attachments) != (
        body.text,
        body.outcome,
        body.promised_on,
        named,
    ):
        raise NotAllowedNow("The incident is being answered, or was, in other words.")
    return AnswerProgress(done=given.done, of=given.expected)


async def _check(
    session: AsyncSession,
    incident: Incident,
    organisation: UUID,
    body: CommonAnswerBody,
    files: Sequence[UUID],
) -> None:
    """Once, as all get the same text; without a question, as each has one of its own. What a person would have to look at first
    does not go to all of them."""
    reference = await read_reference(session, incident.region)
    if reference.settings.second_signature == "all":
        raise SignatureNeeded("Answer the appeals one by one, or in bulk.")
    require_filled(body.text, "/text", later=("number",))
    findings = await inspect(
        session,
        Inspection(
            region=incident.region,
            text=body.text,
            outcome=body.outcome,
            question=None,
            promised_on=body.promised_on,
            organisation_id=organisation,
            attachments=files,
        ),
    )
    blocking = [each for each in findings if each.severity == "block"]
    if blocking:
        errors = [{"pointer": "/text", "message": f"{each.check}: {each.advice}"} for each in blocking]
        raise AnswerBlocked("Nobody was answered. Mend the text and send it again.", errors=errors)


def _unacceptable(pointer: str, message: str) -> Unprocessable:
    return Unprocessable("See errors.", errors=[{"pointer": pointer, "message": message}])


def _require_confirmed(incident: Incident, organisation: UUID) -> None:
    if incident.organisation_id != organisation:
        raise NotFound
    if incident.work_id is not None:
        raise NotAllowedNow("Appeals of a planned work are answered by its notice.")
    if incident.status != "confirmed":
        raise NotAllowedNow("The incident is {status}.", values={"status": incident.status})


async def _take_down(
    session: AsyncSession,
    principal: Principal,
    incident: Incident,
    body: CommonAnswerBody,
    files: Sequence[UUID],
) -> AnswerProgress:
    at = await scalar(session, datetime, "SELECT clock_timestamp()")
    assert at is not None
    assert incident.organisation_id is not None
    if body.outcome == "postponed":
        _require_day_to_come(incident, body.promised_on, at)
    expected = await count_waiting(session, incident, answerable(action_for(body.outcome)))
    given = IncidentAnswer(
        region=incident.region,
        incident_id=incident.id,
        organisation_id=incident.organisation_id,
        outcome=body.outcome,
        promised_on=body.promised_on,
        client_id=principal.client_id,
        person=principal.person,
        given_at=at,
        done=0,
        expected=expected,
        passed_at=None,
        passed_id=None,
        progressed_at=at,
        finished_at=None,
        attachments=[str(each) for each in files],
        **INCIDENT_ANSWER_WORDS.seal(session, incident.id, {"text": body.text}),
    )
    await insert_rows(session, incident_answer, [given])
    await finish_act(session, [Done("answer", incident, incident)], at)
    wake_after_commit(session, REPLYING)
    return AnswerProgress(done=0, of=expected)


def _require_day_to_come(incident: Incident, day: date | None, at: datetime) -> None:
    if day is not None and day <= local_day(at, incident.region, incident.municipality):
        raise _unacceptable("/promised_on", "the promised day must lie in the future")
