"""What cannot be true of a case that another system kept."""

from __future__ import annotations

from datetime import datetime

from services.intake.registration.rules.admission import CLOCK_TOLERANCE


def find_contradictions(
    received_at: datetime,
    accepted_at: datetime | None,
    closed_at: datetime | None,
    now: datetime,
    organisation: str | None,
    answer: str | None,
) -> list[dict[str, str]]:
    """What cannot be true of a past case, as a problem's `errors`."""
    latest = now + CLOCK_TOLERANCE
    wrong = {
        "/received_at": received_at > latest and "lies in the future",
        "/closed_at": closed_at is not None
        and (
            (closed_at < received_at and "lies before received_at")
            or (closed_at > latest and "lies in the future")
        ),
        "/accepted_at": accepted_at is not None
        and (
            (accepted_at < received_at and "lies before received_at")
            or (accepted_at > (closed_at or latest) and "lies after closed_at, or in the future")
        ),
        "/organisation": closed_at is not None and not organisation and "who answered the closed case?",
        "/answer": answer is not None and closed_at is None and "needs closed_at: when it was given",
    }
    return [{"pointer": pointer, "message": message} for pointer, message in wrong.items() if message]
