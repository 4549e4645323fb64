"""Every kind of entry of a history: which event it is of, what is kept of it, what it does to the appeal, who reads what.

A new event takes one line in `_TABLE`: it is then handled, kept, folded and narrated by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from operator import attrgetter
from typing import Any, Final

from pydantic import BaseModel

from contracts import intake, routing, sla
from contracts.event import Event
from services.intake.history.rules import sentences
from services.intake.history.rules.entries import HistoryEntry
from services.intake.history.rules.sentences import NOTHING, Sentence, addressed, field, template
from services.intake.history.rules.statuses import AssignmentStatus
from services.intake.keys import AppealEvent
from services.intake.local_time import local_day

_OF_EVERY_ACT: Final = ("person",)


class Audience(Enum):
    """Who reads an entry: officials only, or citizens as well, with its reason or without."""

    OFFICIALS = auto()
    CITIZENS = auto()
    CITIZENS_WITHOUT_REASON = auto()


@dataclass(frozen=True, slots=True)
class EntryKind:
    """One kind of entry.

    `at`: the field of the event that says when. `what`, `why`: the sentence, and its reason. `keeps`: the fields of the
    event that the entry keeps; absent ones are left out. `after`: how its assignment stands afterwards. `shows`: people
    see it as a change of the appeal, as they do whatever changes an assignment. `by_people`: no other system brings it
    along (see `migration`).
    """

    name: str
    event: type[Event] | None
    at: str
    what: Sentence
    why: Sentence = NOTHING
    keeps: tuple[str, ...] = ()
    after: AssignmentStatus | None = None
    shows: bool = False
    is_answer: bool = False
    by_people: bool = False
    audience: Audience = Audience.OFFICIALS

    def entry_of(self, event: AppealEvent) -> HistoryEntry:
        """What a history keeps of an event of this kind."""
        given = {name: getattr(event, name, None) for name in (*self.keeps, *_OF_EVERY_ACT)}
        data = {name: _plain(event.region, value) for name, value in given.items() if value is not None}
        moment: datetime = attrgetter(self.at)(event)
        return HistoryEntry(
            event.id, self.name, moment, event.sequence, getattr(event, "assignment_id", None), data
        )


def _plain(region: str, value: Any) -> Any:
    match value:
        case sla.ClockReading():
            day = value.due_on or (value.due_at and local_day(region, value.due_at))
            return {
                "clock": value.clock,
                "cycle": value.cycle,
                "state": value.state,
                "due_on": day and day.isoformat(),
                "reason": value.reason,
            }
        case tuple():
            return [_plain(region, each) for each in value]
        case BaseModel():
            return value.model_dump(mode="json")
        case bool() | int():
            return value
        case _:
            return str(value)


_CITIZENS: Final = Audience.CITIZENS
_TABLE: Final = (
    # Routing: what organisations and coordinators did.
    EntryKind(
        "created", routing.AssignmentCreated, "created_at", sentences.creation, sentences.creation_reason,
        keeps=("role", "topic", "organisation", "municipality", "triage_reason", "predecessor_id"),
        after=AssignmentStatus.NEW, audience=_CITIZENS,
    ),
    EntryKind(
        "corrected", routing.AssignmentCorrected, "corrected_at", sentences.correction, field("reason"),
        keeps=("topic", "organisation", "previous_organisation_id", "reason"),
        after=AssignmentStatus.NEW, audience=_CITIZENS, by_people=True,
    ),
    EntryKind(
        "accepted", routing.AssignmentAccepted, "accepted_at", template("Принято в работу: {organisation}"),
        keeps=("organisation",),
        after=AssignmentStatus.ACCEPTED, audience=_CITIZENS,
    ),
    EntryKind(
        "given_to_person", routing.AssignmentGivenToPerson, "given_at", sentences.handing, sentences.absence,
        keeps=("organisation", "given_to", "taken_from", "returns_at"), by_people=True,
    ),
    EntryKind(
        "redirected", routing.AssignmentRedirected, "redirected_at", sentences.redirection, field("comment"),
        keeps=("organisation", "successor_id", "reason_code", "comment"),
        after=AssignmentStatus.REDIRECTED, audience=Audience.CITIZENS_WITHOUT_REASON, by_people=True,
    ),
    EntryKind(
        "interim_answered", routing.AssignmentInterimAnswered, "answered_at",
        template("{organisation}: дан промежуточный ответ"), sentences.promise,
        keeps=("answer_id", "organisation", "text", "promised_on"),
        after=AssignmentStatus.INTERIM, is_answer=True, audience=_CITIZENS, by_people=True,
    ),
    EntryKind(
        "answered", routing.AssignmentAnswered, "answered_at", sentences.answer, sentences.promise,
        keeps=("answer_id", "organisation", "outcome", "text", "promised_on", "cycle"),
        after=AssignmentStatus.ANSWERED, is_answer=True, audience=_CITIZENS,
    ),
    # Of these three the citizen learns nothing: such an answer is not the citizen's yet.
    EntryKind(
        "answer_held", routing.AnswerHeld, "held_at", template("{organisation}: ответ проверяется перед отправкой"),
        keeps=("answer_id", "organisation", "checks"), by_people=True,
    ),
    EntryKind(
        "answer_signed", routing.AnswerSigned, "signed_at", template("{organisation}: ответ подписан вторым сотрудником"),
        keeps=("answer_id", "organisation"), by_people=True,
    ),
    EntryKind(
        "answer_returned", routing.AnswerReturned, "returned_at",
        template("{organisation}: ответ возвращён на доработку"), field("reasons"),
        keeps=("answer_id", "organisation", "checks", "reasons"), by_people=True,
    ),
    EntryKind(
        "reopened", routing.AssignmentReopened, "reopened_at", template("Вопрос возвращён в работу: {organisation}"),
        keeps=("answer_id", "organisation", "cycle"),
        after=AssignmentStatus.REOPENED, audience=_CITIZENS, by_people=True,
    ),
    EntryKind(
        "clarification_asked", routing.ClarificationAsked, "asked_at",
        template("{organisation}: запрошено уточнение у заявителя"), field("question"),
        keeps=("organisation", "question"),
        after=AssignmentStatus.CLARIFYING, audience=_CITIZENS, by_people=True,
    ),
    EntryKind(
        "clarification_received", routing.ClarificationReceived, "received_at",
        template("Уточнение заявителя передано исполнителю"),
        after=AssignmentStatus.ACCEPTED, by_people=True,
    ),
    EntryKind(
        "clarification_ended", routing.ClarificationEnded, "ended_at",
        template("Рассмотрение продолжено без ответа на уточнение: {organisation}"),
        keeps=("organisation",),
        after=AssignmentStatus.ACCEPTED, audience=_CITIZENS, by_people=True,
    ),
    EntryKind(
        "extension_requested", routing.ExtensionRequested, "requested_at",
        template("Исполнитель просит продлить срок на {days} дн."), field("reason"),
        keeps=("extension_id", "organisation", "days", "reason"), by_people=True,
    ),
    EntryKind(
        "documents_requested", routing.DocumentsRequested, "requested_at",
        template("Запрошены документы: {addressee}"), field("what"),
        keeps=("request_id", "organisation", "addressee", "what"), audience=_CITIZENS, by_people=True,
    ),
    EntryKind(
        "documents_received", routing.DocumentsReceived, "received_at", template("Запрошенные документы получены"),
        keeps=("request_id", "organisation"), audience=_CITIZENS, by_people=True,
    ),
    EntryKind(
        "forwarded", routing.AppealForwarded, "forwarded_at",
        template("Направлено по компетенции: {addressee}"), field("reason"),
        keeps=("addressee", "reason"), audience=_CITIZENS, by_people=True,
    ),
    EntryKind(
        "cancelled", routing.AssignmentCancelled, "cancelled_at", template("Рассмотрение вопроса прекращено"), field("reason"),
        keeps=("reason",), after=AssignmentStatus.CANCELLED, audience=_CITIZENS,
    ),
    # Sla: what became of deadlines. Citizens are shown the deadline of the appeal, not that of each assignment.
    EntryKind(
        "deadline_set", sla.DeadlineSet, "time", sentences.deadline, sentences.deadline_reason,
        keeps=("lead", "clocks"), shows=True,
    ),
    EntryKind(
        "deadline_reminded", sla.DeadlineReminded, "fired_at", addressed("Напоминание о сроке: {whom}"),
        keeps=("clock", "cycle", "level", "whom"),
    ),
    EntryKind(
        "deadline_breached", sla.DeadlineBreached, "due_at", template("Срок нарушен"), sentences.clock_name,
        keeps=("clock", "cycle", "version"), audience=_CITIZENS,
    ),
    EntryKind(
        "deadline_corrected", sla.DeadlineCorrected, "corrected_at",
        template("Отметка о нарушении срока снята"), field("reason"),
        keeps=("clock", "cycle", "version", "reason"),
    ),
    EntryKind(
        "deadline_escalated", sla.DeadlineEscalated, "fired_at", addressed("О нарушении срока сообщено: {whom}"),
        keeps=("clock", "cycle", "level", "whom"),
    ),
    EntryKind(
        "extension_decided", sla.ExtensionDecided, "decided_at", sentences.extension_decision, field("reason"),
        keeps=("decision", "days", "reason"), audience=_CITIZENS, by_people=True,
    ),
    EntryKind(
        "case_marked", sla.CaseMarked, "marked_at", sentences.case_mark, field("reason"),
        keeps=("case", "applies", "reason"), by_people=True,
    ),
    # Intake: what happened here.
    EntryKind(
        "imported", intake.AppealImported, "taken_over.at", template("Перенесено из прежней системы"), audience=_CITIZENS
    ),
    EntryKind(
        "rated", intake.AppealRated, "rated_at", sentences.rating, field("comment"),
        keeps=("answer_id", "score", "solved", "reached", "satisfied", "comment"),
        audience=_CITIZENS, by_people=True,
    ),
    EntryKind(
        "appeal_reopened", intake.AppealReopened, "reopened_at",
        template("Обращение возвращается в работу по оценке заявителя"), field("reason"),
        keeps=("answer_id", "reason"), shows=True, by_people=True,
    ),
    EntryKind(
        "clarified", intake.AppealClarified, "clarified_at", template("Заявитель дал уточнение"),
        keeps=("text",), audience=_CITIZENS, by_people=True,
    ),
    EntryKind(
        "source_changed", intake.AppealSourceChanged, "changed_at", sentences.source_change, field("text"),
        keeps=("change", "text"), audience=_CITIZENS, by_people=True,
    ),
    EntryKind(
        "withdrawn", intake.AppealWithdrawn, "withdrawn_at", template("Заявитель отозвал обращение"),
        shows=True, audience=_CITIZENS, by_people=True,
    ),
    EntryKind(
        "moderated", intake.AppealModerated, "moderated_at", sentences.moderation, field("reason"),
        keeps=("decision", "reason"), shows=True, audience=_CITIZENS, by_people=True,
    ),
    EntryKind(
        "objected", intake.AppealObjected, "objected_at", template("Заявитель возразил против решения модератора"),
        keeps=("text",), shows=True, audience=_CITIZENS, by_people=True,
    ),
    # Not an event, and in no history that is kept: what the log of openings adds to it.
    EntryKind("original_opened", None, "at", sentences.opening, sentences.purpose),
)  # fmt: skip
# Of a later version's event, read by an older one.
_UNKNOWN: Final = EntryKind("unknown", None, "at", template("Изменение"))
KINDS: Final[Mapping[str, EntryKind]] = {kind.name: kind for kind in _TABLE}
KINDS_OF_EVENTS: Final[Mapping[type, EntryKind]] = {kind.event: kind for kind in _TABLE if kind.event}
# The table by what is asked of it, kind by kind.
AFTER: Final[Mapping[str, AssignmentStatus]] = {kind.name: kind.after for kind in _TABLE if kind.after}
ANSWERS: Final = frozenset(kind.name for kind in _TABLE if kind.is_answer)
VISIBLE: Final = frozenset(kind.name for kind in _TABLE if kind.shows or kind.after)
FOR_CITIZENS: Final = frozenset(kind.name for kind in _TABLE if kind.audience is not Audience.OFFICIALS)
WITHOUT_REASON: Final = frozenset(
    kind.name for kind in _TABLE if kind.audience is Audience.CITIZENS_WITHOUT_REASON
)
# What only people do. An acceptance or an answer may be of the other system: routing can keep them apart.
WORK: Final = tuple(kind.name for kind in _TABLE if kind.by_people)


def kind_of(entry: HistoryEntry) -> EntryKind:
    """The kind of an entry."""
    return KINDS.get(entry.kind, _UNKNOWN)


def entry_of(event: AppealEvent) -> HistoryEntry:
    """What a history keeps of an event. KeyError for an event that histories know nothing of."""
    return KINDS_OF_EVENTS[type(event)].entry_of(event)
