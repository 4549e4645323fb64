"""Times of several clocks put in line: machines differ and clocks step back, what follows never came first."""

from __future__ import annotations

from datetime import UTC, datetime


def not_before(moment: datetime, *causes: datetime | None) -> datetime:
    """`moment`, or the latest of the times it follows from, where a clock says it came before them.

    So no duration between two acts is ever negative, and an act stays after what it answers.
    """
    return max(moment, *filter(None, causes), moment)


def utc_now() -> datetime:
    """The edge's clock; rules get `now` as a parameter."""
    return datetime.now(UTC)
