"""What cannot be true of a case that another system kept."""

from __future__ import annotations

from datetime import date, datetime
from typing import Protocol

from services.intake.registration.rules.admission import CLOCK_TOLERANCE


class CaseDates(Protocol):
    """When things happened to a case, and what is known of its end."""

    @property
    def received_at(self) -> datetime: ...
    @property
    def accepted_at(self) -> datetime | None: ...
    @property
    def closed_at(self) -> datetime | None: ...
    @property
    def organisation(self) -> str | None: ...
    @property
    def outcome(self) -> str: ...
    @property
    def promised_on(self) -> date | None: ...
    @property
    def answer(self) -> str | None: ...


def find_contradictions(case: CaseDates, now: datetime) -> list[dict[str, str]]:
    """What cannot be true, as a problem's `errors`: the first of each field."""
    latest = now + CLOCK_TOLERANCE
    closed = case.closed_at is not None
    closed_at = case.closed_at or latest
    accepted_at = case.accepted_at or closed_at
    wrong = (
        ("/received_at", case.received_at > latest, "lies in the future"),
        ("/closed_at", closed and closed_at < case.received_at, "lies before received_at"),
        ("/closed_at", closed_at > latest, "lies in the future"),
        (
            "/accepted_at",
            case.accepted_at is not None and accepted_at < case.received_at,
            "lies before received_at",
        ),
        ("/accepted_at", accepted_at > closed_at, "lies after closed_at, or in the future"),
        ("/organisation", closed and not case.organisation, "who answered the closed case?"),
        ("/answer", case.answer is not None and not closed, "needs closed_at: when it was given"),
        (
            "/promised_on",
            case.promised_on is not None and case.outcome != "postponed",
            "belongs to a postponed answer",
        ),
    )
    first: dict[str, str] = {}
    for pointer, is_wrong, message in wrong:
        if is_wrong:
            first.setdefault(pointer, message)
    return [{"pointer": pointer, "message": message} for pointer, message in first.items()]
