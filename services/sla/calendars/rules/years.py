"""The years that deadlines are computed in."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from chassis.faults import Wording

FIRST_YEAR: Final = 1993  # the labour code's list of holidays is comparable from here on
LAST_YEAR: Final = 2199


def check_instant(moment: datetime) -> None:
    """Raise ValueError without an offset or outside 1993–2199, where arithmetic could leave the calendar."""
    if moment.tzinfo is None:
        raise ValueError("an instant needs an offset")
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        years = {"first": FIRST_YEAR, "last": LAST_YEAR}
        raise ValueError(Wording("instants lie between {first} and {last}", years))
