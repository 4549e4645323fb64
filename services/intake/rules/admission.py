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
        "/received_at": _misplaced(received_at, received_at, latest, "lies in the future"),
        "/closed_at": _misplaced(closed_at, received_at, latest, "lies in the future"),
        "/accepted_at": _misplaced(
            accepted_at, received_at, closed_at or latest, "lies after closed_at, or in the future"
        ),
    }
    if closed_at is None:
        wrong["/answer"] = None if answer is None else "needs closed_at: when it was given"
    else:
        wrong["/organisation"] = None if organisation else "who answered the closed case?"
    return [{"pointer": pointer, "message": message} for pointer, message in wrong.items() if message]


def _misplaced(moment: datetime | None, earliest: datetime, latest: datetime, too_late: str) -> str | None:
    """What is wrong with a moment, if anything."""
    if moment is None:
        return None
    if moment < earliest:
        return "lies before received_at"
    return too_late if moment > latest else None
