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
    """What cannot be true, as a problem's `errors`."""
    latest, begin, closed = now + CLOCK_TOLERANCE, case.received_at, case.closed_at is not None
    moments = (
        ("/received_at", case.received_at, latest, "lies in the future"),
        ("/closed_at", case.closed_at, latest, "lies in the future"),
        (
            "/accepted_at",
            case.accepted_at,
            case.closed_at or latest,
            "lies after closed_at, or in the future",
        ),
    )
    claims = (
        ("/organisation", closed and not case.organisation, "who answered the closed case?"),
        ("/answer", case.answer is not None and not closed, "needs closed_at: when it was given"),
        ("/promised_on", case.promised_on and case.outcome != "postponed", "belongs to a postponed answer"),
    )
    wrong = [
        *((pointer, _misplaced(moment, begin, end, too_late)) for pointer, moment, end, too_late in moments),
        *((pointer, message) for pointer, is_wrong, message in claims if is_wrong),
    ]
    return [{"pointer": pointer, "message": message} for pointer, message in wrong if message]


def _misplaced(moment: datetime | None, earliest: datetime, latest: datetime, too_late: str) -> str | None:
    """What is wrong with a moment, if anything."""
    if moment is None:
        return None
    if moment < earliest:
        return "lies before received_at"
    return too_late if moment > latest else None
