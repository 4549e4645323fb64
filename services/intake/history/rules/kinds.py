"""Every kind of entry of a history: which event it is of, what is kept of it, what it does to the appeal, who reads what.

A new event takes one line in `_TABLE`: it is then handled, kept, folded and told by it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from operator import attrgetter
from typing import Any, Final

from pydantic import BaseModel

from contracts import intake, routing, sla
from contracts.event import Event
from services.intake.appeal_keys import AppealEvent
from services.intake.history.rules import sentences
from services.intake.history.rules.entries import HistoryEntry
from services.intake.history.rules.statuses import AssignmentStatus
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

    `at`: the field of the event that says when. `keeps`: the fields of the event that the entry keeps; absent ones are
    left out. `after`: how its assignment stands afterwards. `shows`: people see it as a change of the appeal, as they do
    whatever changes an assignment. `by_people`: no other system brings it along (see `migration`).
    `what`: a template of the kept fields, or a function of the entry. `why`: the field that says so, or such a function.
    """

    name: str
    event: type[Event] | None
    at: str
    what: str | Callable[[HistoryEntry], str]
    why: str | Callable[[HistoryEntry], str] = ""
    keeps: tuple[str, ...] = ()
    after: AssignmentStatus | None = None
    shows: bool = False
    is_answer: bool = False
    by_people: bool = False
    audience: Audience = Audience.OFFICIALS

    @property
    def is_visible(self) -> bool:
        """Whether the version of the appeal grows with it."""
        return self.shows or self.after is not None

    def sentence(self, entry: HistoryEntry) -> str:
        """What an entry of this kind says."""
        if isinstance(self.what, str):
            return self.what.format(**{**entry.data, "organisation": entry.organisation})
        return self.what(entry)

    def reason(self, entry: HistoryEntry) -> str | None:
        """Why, if it says so."""
        why = entry.data.get(self.why) if isinstance(self.why, str) else self.why(entry)
        return why or None

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
        keeps=("role", "topic", "organisation", "triage_reason", "predecessor_id"),
        after=AssignmentStatus.NEW, audience=_CITIZENS,
    ),
    EntryKind(
        "corrected", routing.AssignmentCorrected, "corrected_at", sentences.correction, "reason",
        keeps=("topic", "organisation", "previous_organisation_id", "reason"),
        after=AssignmentStatus.NEW, audience=_CITIZENS, by_people=True,
    ),
    EntryKind(
        "accepted", routing.AssignmentAccepted, "accepted_at", "Принято в работу: {organisation}",
        keeps=("organisation",),
        after=AssignmentStatus.ACCEPTED, audience=_CITIZENS,
    ),
    EntryKind(
        "redirected", routing.AssignmentRedirected, "redirected_at", sentences.redirection, "comment",
        keeps=("organisation", "successor_id", "reason_code", "comment"),
        after=AssignmentStatus.REDIRECTED, audience=Audience.CITIZENS_WITHOUT_REASON, by_people=True,
    ),
    EntryKind(
        "interim_answered", routing.AssignmentInterimAnswered, "answered_at",
        "{organisation}: дан промежуточный ответ", sentences.promise,
        keeps=("answer_id", "organisation", "text", "promised_on"),
        after=AssignmentStatus.INTERIM, is_answer=True, audience=_CITIZENS, by_people=True,
    ),
    EntryKind(
        "answered", routing.AssignmentAnswered, "answered_at", sentences.answer, sentences.promise,
        keeps=("answer_id", "organisation", "outcome", "text", "promised_on", "cycle"),
        after=AssignmentStatus.ANSWERED, is_answer=True, audience=_CITIZENS,
    ),
    EntryKind(
        "reopened", routing.AssignmentReopened, "reopened_at", "Вопрос возвращён в работу: {organisation}",
        keeps=("answer_id", "organisation", "cycle"),
        after=AssignmentStatus.REOPENED, audience=_CITIZENS, by_people=True,
    ),
    EntryKind(
        "clarification_asked", routing.ClarificationAsked, "asked_at",
        "{organisation}: запрошено уточнение у заявителя", "question",
        keeps=("organisation", "question"),
        after=AssignmentStatus.CLARIFYING, audience=_CITIZENS, by_people=True,
    ),
    EntryKind(
        "clarification_received", routing.ClarificationReceived, "received_at",
        "Уточнение заявителя передано исполнителю",
        after=AssignmentStatus.ACCEPTED, by_people=True,
    ),
    EntryKind(
        "extension_requested", routing.ExtensionRequested, "requested_at",
        "Исполнитель просит продлить срок на {days} дн.", "reason",
        keeps=("extension_id", "organisation", "days", "reason"), by_people=True,
    ),
    EntryKind(
        "documents_requested", routing.DocumentsRequested, "requested_at",
        "Запрошены документы: {addressee}", "what",
        keeps=("request_id", "organisation", "addressee", "what"), audience=_CITIZENS, by_people=True,
    ),
    EntryKind(
        "documents_received", routing.DocumentsReceived, "received_at", "Запрошенные документы получены",
        keeps=("request_id", "organisation"), audience=_CITIZENS, by_people=True,
    ),
    EntryKind(
        "forwarded", routing.AppealForwarded, "forwarded_at",
        "Направлено по компетенции: {addressee}", "reason",
        keeps=("addressee", "reason"), audience=_CITIZENS, by_people=True,
    ),
    EntryKind(
        "cancelled", routing.AssignmentCancelled, "cancelled_at", "Рассмотрение вопроса прекращено", "reason",
        keeps=("reason",), after=AssignmentStatus.CANCELLED, audience=_CITIZENS,
    ),
    # Sla: what became of deadlines. To citizens the deadline of the appeal is told, not that of each assignment.
    EntryKind(
        "deadline_set", sla.DeadlineSet, "time", sentences.deadline, sentences.deadline_reason,
        keeps=("lead", "clocks"), shows=True,
    ),
    EntryKind(
        "deadline_reminded", sla.DeadlineReminded, "fired_at", "Напоминание о сроке: {whom}",
        keeps=("clock", "cycle", "level", "whom"),
    ),
    EntryKind(
        "deadline_breached", sla.DeadlineBreached, "due_at", "Срок нарушен", sentences.clock_name,
        keeps=("clock", "cycle", "version"), audience=_CITIZENS,
    ),
    EntryKind(
        "deadline_corrected", sla.DeadlineCorrected, "corrected_at",
        "Отметка о нарушении срока снята", "reason",
        keeps=("clock", "cycle", "version", "reason"),
    ),
    EntryKind(
        "deadline_escalated", sla.DeadlineEscalated, "fired_at", "О нарушении срока сообщено: {whom}",
        keeps=("clock", "cycle", "level", "whom"),
    ),
    EntryKind(
        "extension_decided", sla.ExtensionDecided, "decided_at", sentences.extension_decision, "reason",
        keeps=("decision", "days", "reason"), audience=_CITIZENS, by_people=True,
    ),
    EntryKind(
        "case_marked", sla.CaseMarked, "marked_at", sentences.case_mark, "reason",
        keeps=("case", "applies", "reason"), by_people=True,
    ),
    # Intake: what happened here.
    EntryKind(
        "imported", intake.AppealImported, "taken_over.at", "Перенесено из прежней системы", audience=_CITIZENS
    ),
    EntryKind(
        "rated", intake.AppealRated, "rated_at", sentences.rating, "comment",
        keeps=("answer_id", "score", "solved", "reached", "satisfied", "comment"),
        audience=_CITIZENS, by_people=True,
    ),
    EntryKind(
        "appeal_reopened", intake.AppealReopened, "reopened_at",
        "Обращение возвращается в работу по оценке заявителя", "reason",
        keeps=("answer_id", "reason"), shows=True, by_people=True,
    ),
    EntryKind(
        "clarified", intake.AppealClarified, "clarified_at", "Заявитель дал уточнение",
        keeps=("text",), audience=_CITIZENS, by_people=True,
    ),
    EntryKind(
        "withdrawn", intake.AppealWithdrawn, "withdrawn_at", "Заявитель отозвал обращение",
        shows=True, audience=_CITIZENS, by_people=True,
    ),
    EntryKind(
        "moderated", intake.AppealModerated, "moderated_at", sentences.moderation, "reason",
        keeps=("decision", "reason"), shows=True, audience=_CITIZENS, by_people=True,
    ),
    # Not an event, and in no history that is kept: what the log of openings adds to it.
    EntryKind("original_opened", None, "at", sentences.opening, sentences.purpose),
)  # fmt: skip
# Of a later version's event, read by an older one.
_UNKNOWN: Final = EntryKind("unknown", None, "at", "Изменение")
KINDS: Final[Mapping[str, EntryKind]] = {kind.name: kind for kind in _TABLE}
KINDS_OF_EVENTS: Final[Mapping[type, EntryKind]] = {kind.event: kind for kind in _TABLE if kind.event}
# What only people do. An acceptance or an answer may be of the other system: routing can tell them apart.
WORK: Final = tuple(name for name, kind in KINDS.items() if kind.by_people)


def kind_of(entry: HistoryEntry) -> EntryKind:
    """The kind of an entry."""
    return KINDS.get(entry.kind, _UNKNOWN)


def audience_of(kind: str) -> Audience:
    """Who reads entries of a kind."""
    return KINDS.get(kind, _UNKNOWN).audience


def entry_of(event: AppealEvent) -> HistoryEntry:
    """What a history keeps of an event. KeyError for an event that histories know nothing of."""
    return KINDS_OF_EVENTS[type(event)].entry_of(event)
