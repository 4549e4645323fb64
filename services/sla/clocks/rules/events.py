"""Events of intake and routing as facts of the journal. `at` is the true time of the act, never that of delivery."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from contracts import intake, routing
from contracts.event import Event
from services.sla.keys import AppealKey
from services.sla.rules import facts as f

_REGISTERING: Final = (intake.AppealRegistered, intake.AppealImported)
# An official types these in after the paper or the caller arrived; elsewhere arrival is registration.
_ENTERED_BY_HAND: Final = frozenset({"paper", "reception", "phone", "email"})


@dataclass(frozen=True, slots=True)
class Entry:
    """A fact of an appeal; `client_id` and `received_at` where the event says them."""

    region: str
    appeal_id: str
    fact: f.Fact
    client_id: str | None = None
    received_at: datetime | None = None

    @property
    def key(self) -> AppealKey:
        return AppealKey(self.region, self.appeal_id)


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
        arrived_at=event.submitted_at if by_hand else None,
    )


def _imported(event: intake.AppealImported) -> f.Fact:
    """Its topic is what routing makes of the name it came with."""
    return f.AppealRegistered(
        event_id=str(event.id),
        at=event.received_at,
        region=event.region,
        regime=event.regime,
        channel=event.channel,
        municipality=event.municipality,
        past=_past(event.taken_over),
    )


def _past(told: intake.TakenOver) -> f.Past:
    return f.Past(taken_over_at=told.at, due=told.due, due_at=told.due_at, closed_at=told.closed_at)


def _created(event: routing.AssignmentCreated) -> f.Fact:
    return f.AssignmentCreated(
        event_id=str(event.id),
        at=event.created_at,
        sequence=event.sequence or None,
        region=event.region,
        regime=event.regime,
        channel=event.channel,
        importance=event.importance,
        group=event.topic.group if event.topic else None,
        topic=event.topic.code if event.topic else None,
        municipality=event.municipality,
        assignment_id=str(event.assignment_id),
        received_at=event.received_at,
        organisation_id=str(event.organisation.id) if event.organisation else None,
        role=event.role,
        predecessor_id=str(event.predecessor_id) if event.predecessor_id else None,
        past=_past(event.taken_over) if event.taken_over else None,
    )


def _corrected(event: routing.AssignmentCorrected) -> f.Fact:
    return f.AssignmentCorrected(
        **_about(event, event.corrected_at),
        topic=event.topic.code if event.topic else None,
        group=event.topic.group if event.topic else None,
        organisation_id=str(event.organisation.id) if event.organisation else None,
    )


def _about(event: Any, at: datetime) -> dict[str, Any]:
    return {
        "event_id": str(event.id),
        "at": at,
        "assignment_id": str(event.assignment_id),
        "sequence": event.sequence or None,
    }


def _moderated(event: intake.AppealModerated) -> f.Fact | None:
    if event.decision != "reject":
        return None
    return f.AppealRejected(event_id=str(event.id), at=event.moderated_at)


def _answered(event: routing.AssignmentAnswered) -> f.Fact:
    return f.AssignmentAnswered(
        **_about(event, event.answered_at), outcome=event.outcome, promised_on=event.promised_on
    )


def _extended(event: routing.ExtensionRequested) -> f.Fact:
    return f.ExtensionRequested(
        **_about(event, event.requested_at), extension_id=str(event.extension_id), days=event.days
    )


READERS: Final[Mapping[type[Event], Callable[[Any], f.Fact | None]]] = {
    intake.AppealRegistered: _registered,
    intake.AppealImported: _imported,
    intake.AppealWithdrawn: lambda event: f.AppealWithdrawn(event_id=str(event.id), at=event.withdrawn_at),
    intake.AppealModerated: _moderated,
    routing.AssignmentCreated: _created,
    routing.AssignmentCorrected: _corrected,
    routing.AssignmentAccepted: lambda event: f.AssignmentAccepted(**_about(event, event.accepted_at)),
    routing.AssignmentRedirected: lambda event: f.AssignmentRedirected(
        **_about(event, event.redirected_at), successor_id=str(event.successor_id)
    ),
    routing.AssignmentInterimAnswered: lambda event: f.InterimAnswered(
        **_about(event, event.answered_at), promised_on=event.promised_on
    ),
    routing.AssignmentAnswered: _answered,
    routing.AssignmentReopened: lambda event: f.AssignmentReopened(
        **_about(event, event.reopened_at), cycle=event.cycle
    ),
    routing.ClarificationAsked: lambda event: f.ClarificationAsked(**_about(event, event.asked_at)),
    routing.ClarificationReceived: lambda event: f.ClarificationGiven(**_about(event, event.received_at)),
    routing.ExtensionRequested: _extended,
    routing.DocumentsRequested: lambda event: f.DocumentsRequested(
        **_about(event, event.requested_at), request_id=str(event.request_id)
    ),
    routing.DocumentsReceived: lambda event: f.DocumentsReceived(
        **_about(event, event.received_at), request_id=str(event.request_id)
    ),
    routing.AppealForwarded: lambda event: f.AppealForwarded(event_id=str(event.id), at=event.forwarded_at),
    routing.AssignmentCancelled: lambda event: f.AssignmentCancelled(**_about(event, event.cancelled_at)),
}


def read_entry(event: Event) -> Entry | None:
    """The fact of an event with its appeal; None when the event does not concern deadlines."""
    fact = READERS[type(event)](event)
    if fact is None:
        return None
    return Entry(
        region=event.region,
        appeal_id=str(event.appeal_id),  # type: ignore[attr-defined]
        fact=fact,
        client_id=event.client_id if isinstance(event, _REGISTERING) else None,
        received_at=event.received_at
        if isinstance(event, (*_REGISTERING, routing.AssignmentCreated))
        else None,
    )
