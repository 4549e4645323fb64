"""Time in steps: a quarter of an hour up to two days, an hour up to thirty days, then a day; at most 400 days."""

from __future__ import annotations

from typing import Final

QUARTER, HOUR, DAY = 900, 3600, 86_400
BY_QUARTERS: Final = 2 * DAY
BY_HOURS: Final = 30 * DAY
LONGEST: Final = 400 * DAY
FIRST_HOUR: Final = BY_QUARTERS // QUARTER
FIRST_DAY: Final = FIRST_HOUR + (BY_HOURS - BY_QUARTERS) // HOUR
STEPS: Final = FIRST_DAY + (LONGEST - BY_HOURS) // DAY


def step_at(seconds: float) -> int:
    """The step that a time lies in; the last one beyond all."""
    if seconds < BY_QUARTERS:
        return int(max(seconds, 0) // QUARTER)
    if seconds < BY_HOURS:
        return FIRST_HOUR + int((seconds - BY_QUARTERS) // HOUR)
    return min(FIRST_DAY + int((seconds - BY_HOURS) // DAY), STEPS - 1)


def start_of(step: int) -> int:
    """Seconds with which a step begins."""
    if step < FIRST_HOUR:
        return step * QUARTER
    if step < FIRST_DAY:
        return BY_QUARTERS + (step - FIRST_HOUR) * HOUR
    return BY_HOURS + (step - FIRST_DAY) * DAY


def step_sql(seconds: str) -> str:
    """SQL of the step that a time lies in, the same as `step_at`."""
    return (
        f"CAST(CASE WHEN {seconds} < {BY_QUARTERS} THEN floor({seconds} / {QUARTER}) "
        f"WHEN {seconds} < {BY_HOURS} THEN floor(({seconds} - {BY_QUARTERS}) / {HOUR}) + {FIRST_HOUR} "
        f"ELSE least(floor(({seconds} - {BY_HOURS}) / {DAY}) + {FIRST_DAY}, {STEPS - 1}) END AS integer)"
    )
