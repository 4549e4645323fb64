"""Events of intake and routing as facts of the journal. `at` is the true time of the act, never that of delivery."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from contracts import intake, routing
from contracts.event import Event, Part
from contracts.territories import find_zone
from services.sla.clocks.rules import facts as f
from services.sla.keys import AppealKey

Reader = Callable[[Any], f.Fact | None]
_NAMING_REGISTRATION: Final = (intake.AppealRegistered, intake.AppealImported, routing.AssignmentCreated)
# An official types these in after the paper or the caller arrived; elsewhere arrival is registration.
_ENTERED_BY_HAND: Final = frozenset({"paper", "reception", "phone", "email"})


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """A fact of an appeal; `client_id`, `received_at` and `municipality` of the appeal where they are known with it."""

    region: str
    appeal_id: str
    fact: f.Fact
    client_id: str | None = None
    received_at: datetime | None = None
    municipality: str | None = None

    @property
    def key(self) -> AppealKey:
        """The appeal."""
        return AppealKey(self.region, self.appeal_id)


def read_entry(event: Event) -> JournalEntry | None:
    """The fact of an event with its appeal; None when the event does not concern deadlines."""
    fact = READERS[type(event)](event)
    if fact is None:
        return None
    return JournalEntry(
        region=event.region,
        appeal_id=_plain(getattr(event, "appeal_id", None)),
        fact=fact,
        client_id=getattr(event, "client_id", None),
        received_at=event.received_at if isinstance(event, _NAMING_REGISTRATION) else None,
        municipality=fact.municipality if isinstance(fact, f.Described) else None,
    )


def _registered(event: intake.AppealRegistered) -> f.Fact:
    by_hand = event.channel in _ENTERED_BY_HAND
    return f.AppealRegistered(
        event_id=str(event.id),
        at=event.received_at,
        region=event.region,
        regime=event.regime,
        channel=event.channel,
        topic=event.topic,
        municipality=event.municipality,
        arrived_at=_day_begins(event) or (event.submitted_at if by_hand else None),
    )


def _day_begins(event: intake.AppealRegistered) -> datetime | None:
    """The legal day of receipt, from its first moment on the calendar of the place (59-ФЗ ст. 8 ч. 2: three days from
    receipt)."""
    if event.received_on is None:
        return None
    return datetime.combine(event.received_on, time(), ZoneInfo(find_zone(event.region, event.municipality)))


def _imported(event: intake.AppealImported) -> f.Fact:
    """Its topic is what routing makes of the name it came with."""
    return f.AppealRegistered(
        event_id=str(event.id),
        at=event.received_at,
        region=event.region,
        regime=event.regime,
        channel=event.channel,
        municipality=event.municipality,
        legacy=_legacy(event.taken_over),
    )


def _legacy(case: intake.TakenOver | None) -> f.LegacyDates | None:
    if case is None:
        return None
    return f.LegacyDates(taken_over_at=case.at, due=case.due, due_at=case.due_at, closed_at=case.closed_at)


def _created(event: routing.AssignmentCreated) -> f.Fact:
    return f.AssignmentCreated(
        **_of_its_assignment(event, event.created_at),
        topic=_attribute(event.topic, "code"),
        group=_attribute(event.topic, "group"),
        organisation_id=_attribute(event.organisation, "id"),
        region=event.region,
        regime=event.regime,
        channel=event.channel,
        importance=event.importance,
        appeal_kind=event.kind,
        municipality=event.municipality,
        received_at=event.received_at,
        role=event.role,
        predecessor_id=_plain(event.predecessor_id),
        within_level=event.within_level or None,
        legacy=_legacy(event.taken_over),
    )


def _corrected(event: routing.AssignmentCorrected) -> f.Fact:
    return f.AssignmentCorrected(
        **_of_its_assignment(event, event.corrected_at),
        topic=_attribute(event.topic, "code"),
        group=_attribute(event.topic, "group"),
        organisation_id=_attribute(event.organisation, "id"),
        within_level=event.within_level or None,
        back_to=event.back_to,
        to_triage=(event.organisation is None and event.previous_organisation_id is not None) or None,
    )


def _moderated(event: intake.AppealModerated) -> f.Fact:
    kind = f.AppealRejected if event.decision == "reject" else f.AppealAdmitted
    return kind(event_id=str(event.id), at=event.moderated_at)


def _of_its_assignment(event: Any, at: datetime) -> dict[str, Any]:
    return {
        "event_id": str(event.id),
        "at": at,
        "assignment_id": str(event.assignment_id),
        "sequence": event.sequence or None,
    }


def _attribute(part: Part | None, name: str) -> Any:
    """Of a part that an event may be without."""
    return _plain(getattr(part, name)) if part else None


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, UUID) else value


def _of_assignment(kind: type[f.AssignmentFact], moment: str, *copied: str) -> Reader:
    """The event's fields `copied` as they are; `moment`: its field with the time of the act."""
    return lambda event: kind(
        **_of_its_assignment(event, getattr(event, moment)),
        **{name: _plain(getattr(event, name)) for name in copied},
    )


def _of_appeal(kind: type[f.Fact], moment: str) -> Reader:
    return lambda event: kind(event_id=str(event.id), at=getattr(event, moment))


READERS: Final[Mapping[type[Event], Reader]] = {
    intake.AppealRegistered: _registered,
    intake.AppealImported: _imported,
    intake.AppealWithdrawn: _of_appeal(f.AppealWithdrawn, "withdrawn_at"),
    intake.AppealModerated: _moderated,
    routing.AssignmentCreated: _created,
    routing.AssignmentCorrected: _corrected,
    routing.AssignmentAccepted: _of_assignment(f.AssignmentAccepted, "accepted_at"),
    routing.AssignmentRedirected: _of_assignment(f.AssignmentRedirected, "redirected_at", "successor_id"),
    routing.AssignmentInterimAnswered: _of_assignment(f.InterimAnswered, "answered_at", "promised_on"),
    routing.AssignmentAnswered: _of_assignment(f.AssignmentAnswered, "answered_at", "outcome", "promised_on"),
    routing.AssignmentReopened: _of_assignment(f.AssignmentReopened, "reopened_at", "cycle"),
    routing.ClarificationAsked: _of_assignment(f.ClarificationAsked, "asked_at"),
    routing.ClarificationReceived: _of_assignment(f.ClarificationGiven, "received_at"),
    routing.ClarificationEnded: _of_assignment(f.ClarificationGiven, "ended_at"),
    routing.ExtensionRequested: _of_assignment(f.ExtensionRequested, "requested_at", "extension_id", "days"),
    routing.DocumentsRequested: _of_assignment(f.DocumentsRequested, "requested_at", "request_id"),
    routing.DocumentsReceived: _of_assignment(f.DocumentsReceived, "received_at", "request_id"),
    routing.AppealForwarded: _of_appeal(f.AppealForwarded, "forwarded_at"),
    routing.AssignmentCancelled: _of_assignment(f.AssignmentCancelled, "cancelled_at"),
}
