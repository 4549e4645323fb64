"""What intake says: an appeal was registered, rated, reopened, clarified, withdrawn, rejected."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from contracts.event import Event, Part

Regime = Literal["message", "statutory"]


class Location(Part):
    """WGS 84 degrees."""

    lat: float
    lon: float


class AppealRegistered(Event, subject="intake.appeal.registered.v1", aggregate="appeal_id"):
    """An appeal has its number; text and address are already masked."""

    appeal_id: UUID
    number: str
    regime: Regime
    channel: str
    client_id: str
    text: str
    address: str | None = None
    municipality: str | None = None
    location: Location | None = None
    topic: str | None = None
    complained_about: UUID | None = None
    received_at: datetime
    submitted_at: datetime | None = None
    on_moderation: bool = False


class AppealRated(Event, subject="intake.appeal.rated.v1", aggregate="appeal_id"):
    """The citizen judged one answer."""

    appeal_id: UUID
    assignment_id: UUID
    answer_id: UUID
    score: int
    solved: bool
    comment: str | None = None
    rated_at: datetime


class AppealReopened(Event, subject="intake.appeal.reopened.v1", aggregate="appeal_id"):
    """A poor rating inside the region's window reopened one assignment, once per answer."""

    appeal_id: UUID
    assignment_id: UUID
    answer_id: UUID
    reason: str
    reopened_at: datetime


class AppealClarified(Event, subject="intake.appeal.clarified.v1", aggregate="appeal_id"):
    """The citizen answered a body's question; text is masked."""

    appeal_id: UUID
    text: str
    clarified_at: datetime


class AppealWithdrawn(Event, subject="intake.appeal.withdrawn.v1", aggregate="appeal_id"):
    """The citizen asked to stop (59-ФЗ ст. 5 п. 5)."""

    appeal_id: UUID
    withdrawn_at: datetime


class AppealModerated(Event, subject="intake.appeal.moderated.v1", aggregate="appeal_id"):
    """A coordinator accepted, rejected or hid an appeal."""

    appeal_id: UUID
    decision: Literal["accept", "reject", "hide"]
    reason: str
    moderated_at: datetime


EVENTS: tuple[type[Event], ...] = (
    AppealRegistered,
    AppealRated,
    AppealReopened,
    AppealClarified,
    AppealWithdrawn,
    AppealModerated,
)
