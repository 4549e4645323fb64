"""Which appeals may be registered at all, and how."""

from __future__ import annotations

from datetime import datetime, timedelta

CLOCK_TOLERANCE = timedelta(minutes=5)

# 59-ФЗ ст. 7 as amended by 547-ФЗ, in force since 30.03.2025: ЕПГУ, another information system of the organisation or its
# site with identification, on paper, at a reception. E-mail, social networks, widgets and phone calls are messages.
STATUTORY_CHANNELS = frozenset({"portal", "pos", "paper", "reception"})


def admits(regime: str, channel: str) -> bool:
    """Whether a channel may carry an appeal under a regime."""
    return regime != "statutory" or channel in STATUTORY_CHANNELS


def comes_from_future(submitted_at: datetime | None, now: datetime) -> bool:
    """Whether the sender's time is more than five minutes ahead of ours."""
    return submitted_at is not None and submitted_at > now + CLOCK_TOLERANCE
