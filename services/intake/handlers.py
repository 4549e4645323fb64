"""What intake does when something happened elsewhere: event → the module's function, under the name inboxes know it by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.handlers import Handlers
from contracts import routing, sla
from contracts.event import Event
from services.intake.attachments.actions.linking import link_answers
from services.intake.history.actions import lock_appeals, record_published
from services.intake.keys import AppealKey
from services.intake.migration.actions.undoing import note_refusals, purge_appeals
from services.intake.topics.actions import record_topics

# What becomes an entry of a history (see `history.rules.kinds`): all of them by one function, in one call a batch.
_RECORDED: Final[Mapping[type[Any], str]] = {
    routing.AssignmentCreated: "record_creation",
    routing.AssignmentCorrected: "record_correction",
    routing.AssignmentAccepted: "record_acceptance",
    routing.AssignmentGivenToPerson: "record_person",
    routing.AssignmentRedirected: "record_redirection",
    routing.AssignmentInterimAnswered: "record_interim_answer",
    routing.AssignmentAnswered: "record_answer",
    routing.AnswerHeld: "record_held_answer",
    routing.AnswerSigned: "record_signature",
    routing.AnswerReturned: "record_returned_answer",
    routing.AssignmentReopened: "record_reopening",
    routing.ClarificationAsked: "record_question",
    routing.ClarificationReceived: "record_clarification",
    routing.ClarificationEnded: "record_ended_question",
    routing.ExtensionRequested: "record_extension_request",
    routing.DocumentsRequested: "record_document_request",
    routing.DocumentsReceived: "record_documents",
    routing.AppealForwarded: "record_forwarding",
    routing.AssignmentCancelled: "record_cancellation",
    sla.DeadlineSet: "record_deadline",
    sla.DeadlineReminded: "record_reminder",
    sla.DeadlineBreached: "record_breach",
    sla.DeadlineCorrected: "record_withdrawn_breach",
    sla.DeadlineEscalated: "record_escalation",
    sla.ExtensionDecided: "record_extension_decision",
    sla.CaseMarked: "record_mark",
}


async def lock(session: AsyncSession, events: Sequence[Event]) -> None:
    """All appeals that a batch is about, in one order."""
    await lock_appeals(session, {key for event in events for key in _keys_of(event)})


def _keys_of(event: Event) -> Iterator[AppealKey]:
    ids = (
        event.appeal_ids if isinstance(event, routing.AppealsRemoved) else [getattr(event, "appeal_id", None)]
    )
    return (AppealKey(event.region, appeal_id) for appeal_id in ids if appeal_id)


handlers = Handlers("intake", lock)
for _event, _name in _RECORDED.items():
    handlers.add(_event, record_published, name=_name)
handlers.add(routing.AppealsRemoved, purge_appeals, name="forget_removed")
handlers.add(routing.AnswerAttached, link_answers, name="link_answer_attachments")
handlers.add(routing.ImportUndoRefused, note_refusals, name="record_undo_refusal")
handlers.add(routing.TopicChanged, record_topics, name="record_topics")
