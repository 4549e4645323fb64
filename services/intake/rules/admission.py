"""Which appeals may be registered at all, and how."""

from __future__ import annotations

from datetime import datetime, timedelta

CLOCK_TOLERANCE = timedelta(minutes=5)

# 59-ФЗ ст. 7 as amended by 547-ФЗ, in force since 30.03.2025: ЕПГУ, another information system of the body or its
# site with identification, on paper, at a reception. E-mail, social networks, widgets and phone calls are messages.
STATUTORY_CHANNELS = frozenset({"portal", "pos", "paper", "reception"})


def admits(regime: str, channel: str) -> bool:
    """Whether a channel may carry an appeal under a regime."""
    return regime != "statutory" or channel in STATUTORY_CHANNELS


def comes_from_future(submitted_at: datetime | None, now: datetime) -> bool:
    """Whether the sender's time is more than five minutes ahead of ours."""
    return submitted_at is not None and submitted_at > now + CLOCK_TOLERANCE


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
