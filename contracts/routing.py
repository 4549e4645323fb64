"""What routing says: where an appeal went, what the organisation did with it, and the reference data it owns."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from contracts.event import Act, Event, OfficialEvent
from contracts.intake import Regime, TakenOver
from contracts.names import REDIRECT_REASONS as REDIRECT_REASONS
from contracts.names import OrganisationName as OrganisationName
from contracts.names import Outcome as Outcome
from contracts.names import RedirectReason as RedirectReason
from contracts.names import Role as Role
from contracts.names import TopicName as TopicName
from contracts.routing_answers import ANSWER_EVENTS
from contracts.routing_answers import AnswerAttached as AnswerAttached
from contracts.routing_answers import AnswerHeld as AnswerHeld
from contracts.routing_answers import AnswerReturned as AnswerReturned
from contracts.routing_answers import AnswerSigned as AnswerSigned
from contracts.routing_imports import AppealsRemoved as AppealsRemoved
from contracts.routing_imports import ImportUndoRefused as ImportUndoRefused
from contracts.routing_incidents import IncidentChanged as IncidentChanged
from contracts.routing_persons import AssignmentGivenToPerson as AssignmentGivenToPerson
from contracts.routing_places import MunicipalityChanged as MunicipalityChanged
from contracts.routing_questions import ClarificationAsked as ClarificationAsked
from contracts.routing_questions import ClarificationEnded as ClarificationEnded
from contracts.routing_questions import ClarificationReceived as ClarificationReceived


class TopicChanged(Event, subject="routing.topic.changed.v1", aggregate="topic_id"):
    """Full state of a topic; `sequence` is its version."""

    topic_id: UUID
    code: str
    name: str
    group: str
    group_name: str
    active: bool = True


class OrganisationChanged(Event, subject="routing.organisation.changed.v1", aggregate="organisation_id"):
    """Full state of a body; `sequence` is its version."""

    organisation_id: UUID
    code: str
    name: str
    kind: str
    parent_id: UUID | None = None
    municipality: str | None = None
    active: bool = True


class AssignmentCreated(Act, subject="routing.assignment.created.v1", aggregate="assignment_id"):
    """One question of an appeal was given to a body, or to triage when `organisation` is absent.

    `kind`: problem, question, proposal, thanks or nothing; `importance`: normal, high or danger.
    `taken_over`: the body had it in another system already; `created_at` is then the appeal's registration.
    `within_level`: handed down or back up inside one level, so that the predecessor's clock goes on.
    """

    assignment_id: UUID
    appeal_id: UUID
    number: str
    role: Role = "lead"
    regime: Regime
    channel: str
    importance: str = "normal"
    kind: str = "problem"
    municipality: str | None = None
    topic: TopicName | None = None
    organisation: OrganisationName | None = None
    triage_reason: str | None = None
    predecessor_id: UUID | None = None
    received_at: datetime
    created_at: datetime
    taken_over: TakenOver | None = None
    within_level: bool = False


class AssignmentCorrected(
    OfficialEvent,
    Act,
    subject="routing.assignment.corrected.v1",
    aggregate="assignment_id",
    official=("reason",),
):
    """A coordinator changed topic or body, or brought the assignment out of triage, or, naming `previous_organisation_id` alone, back
    to it; `within_level` as in a redirect. `back_to`: it is again what it was at that `sequence`, corrections since are taken back.
    """

    assignment_id: UUID
    appeal_id: UUID
    topic: TopicName | None = None
    organisation: OrganisationName | None = None
    previous_organisation_id: UUID | None = None
    reason: str = ""
    corrected_at: datetime
    within_level: bool = False
    back_to: int | None = None


class AssignmentAccepted(Act, subject="routing.assignment.accepted.v1", aggregate="assignment_id"):
    """The body took the question to work."""

    assignment_id: UUID
    appeal_id: UUID
    organisation: OrganisationName
    accepted_at: datetime


class AssignmentRedirected(
    OfficialEvent,
    Act,
    subject="routing.assignment.redirected.v1",
    aggregate="assignment_id",
    official=("comment",),
):
    """The body said "not ours"; `successor_id` goes on. `within_level`: with a subordinate or a superior of one level."""

    assignment_id: UUID
    appeal_id: UUID
    organisation: OrganisationName
    successor_id: UUID
    reason_code: str
    comment: str = ""
    redirected_at: datetime
    within_level: bool = False


class AssignmentInterimAnswered(
    OfficialEvent,
    Act,
    subject="routing.assignment.interim_answered.v1",
    aggregate="assignment_id",
    official=("text",),
):
    """A plan was given, the question stays open."""

    assignment_id: UUID
    appeal_id: UUID
    answer_id: UUID
    organisation: OrganisationName
    text: str
    promised_on: date | None = None
    answered_at: datetime


class AssignmentAnswered(
    OfficialEvent,
    Act,
    subject="routing.assignment.answered.v1",
    aggregate="assignment_id",
    official=("text",),
):
    """The question was answered. `cycle` counts answers after reopenings, from 1.

    `incident_id`, `work_id`: the answer is a copy of one given to an incident, or of a planned work's notice.
    """

    assignment_id: UUID
    appeal_id: UUID
    answer_id: UUID
    organisation: OrganisationName
    outcome: Outcome
    text: str
    promised_on: date | None = None
    cycle: int = 1
    answered_at: datetime
    incident_id: UUID | None = None
    work_id: UUID | None = None


class AssignmentReopened(Event, subject="routing.assignment.reopened.v1", aggregate="assignment_id"):
    """The citizen was not satisfied; `answer_id` is the answer that did not help."""

    assignment_id: UUID
    appeal_id: UUID
    answer_id: UUID
    organisation: OrganisationName
    cycle: int
    reopened_at: datetime


class ExtensionRequested(
    OfficialEvent,
    Act,
    subject="routing.extension.requested.v1",
    aggregate="assignment_id",
    official=("reason",),
):
    """The body asks for more days; the coordinator decides in the deadline service."""

    assignment_id: UUID
    appeal_id: UUID
    extension_id: UUID
    organisation: OrganisationName
    days: int
    reason: str
    requested_at: datetime


class DocumentsRequested(
    OfficialEvent,
    Act,
    subject="routing.documents.requested.v1",
    aggregate="assignment_id",
    official=("addressee", "what"),
):
    """Another body was asked for documents the answer needs; it has 15 days (59-ФЗ ст. 10 ч. 2)."""

    assignment_id: UUID
    appeal_id: UUID
    request_id: UUID
    organisation: OrganisationName
    addressee: str
    what: str
    requested_at: datetime


class DocumentsReceived(Act, subject="routing.documents.received.v1", aggregate="assignment_id"):
    """The documents of a request came, or are not waited for any more."""

    assignment_id: UUID
    appeal_id: UUID
    request_id: UUID
    organisation: OrganisationName
    received_at: datetime


class AppealForwarded(
    OfficialEvent,
    Act,
    subject="routing.appeal.forwarded.v1",
    aggregate="appeal_id",
    official=("addressee", "reason"),
):
    """The appeal was sent to a body outside the system, and the citizen is told (59-ФЗ ст. 8 ч. 3)."""

    appeal_id: UUID
    addressee: str
    reason: str = ""
    forwarded_at: datetime


class AssignmentCancelled(Event, subject="routing.assignment.cancelled.v1", aggregate="assignment_id"):
    """The question is no longer asked (withdrawn, rejected, merged)."""

    assignment_id: UUID
    appeal_id: UUID
    reason: str
    cancelled_at: datetime


EVENTS: tuple[type[Event], ...] = (
    TopicChanged,
    OrganisationChanged,
    MunicipalityChanged,
    AssignmentCreated,
    AssignmentCorrected,
    AssignmentAccepted,
    AssignmentGivenToPerson,
    AssignmentRedirected,
    AssignmentInterimAnswered,
    AssignmentAnswered,
    *ANSWER_EVENTS,
    AssignmentReopened,
    ClarificationAsked,
    ClarificationReceived,
    ClarificationEnded,
    ExtensionRequested,
    DocumentsRequested,
    DocumentsReceived,
    AppealForwarded,
    AssignmentCancelled,
    ImportUndoRefused,
    AppealsRemoved,
    IncidentChanged,
)
