"""Quantiles of waiting that count those who still wait: the product-limit estimate (Kaplan and Meier 1958) in SQL.

S(t) = Π (1 − dᵢ / nᵢ) over the steps tᵢ ≤ t: of nᵢ who had waited so long, dᵢ waited no longer. Whoever is seen no longer – because
it is now, or was withdrawn – leaves after those of the same step. The quantile p is the first t with S(t) ≤ 1 − p; null
where the curve does not come down to it. Time goes in steps of a minute, after two days of an hour, after sixty of a day: some
thousands of steps, whatever the number of cases, so that it costs one pass over the rows, as an ordinary median does.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

_HOUR, _DAY = 3600, 86_400
_BY_MINUTES: Final = 2 * _DAY  # so far a step is a minute
_BY_HOURS: Final = 60 * _DAY  # and so far an hour, then a day
_FIRST_HOUR: Final = _BY_MINUTES // 60  # the step with which hours begin
_FIRST_DAY: Final = _FIRST_HOUR + (_BY_HOURS - _BY_MINUTES) // _HOUR
_SAME: Final = 1e-9  # logarithms that differ by less are the same number, added up in another order

# How long a case was watched at most: until it ended otherwise, or until the facts are known.
WATCHED: Final = "least(seconds_to_end, greatest(CAST(:as_of AS bigint) - received_epoch, 0))"


def step_columns(seconds: str) -> dict[str, str]:
    """Columns over a source, grouped by all but the last two: the step at which a case was seen last, how many ceased to wait
    at it, how many were seen last. `seconds`: SQL of the time until it ceases to wait, null where it does not."""
    seen = f"least({seconds}, {WATCHED})"
    return {
        "step": f"CAST(CASE WHEN {seen} < {_BY_MINUTES} THEN floor({seen} / 60) "
        f"WHEN {seen} < {_BY_HOURS} THEN floor({seen} / {_HOUR}) + {_FIRST_HOUR - _BY_MINUTES // _HOUR} "
        f"ELSE floor({seen} / {_DAY}) + {_FIRST_DAY - _BY_HOURS // _DAY} END AS integer)",
        "ceased": f"count(*) FILTER (WHERE {seconds} <= {WATCHED})",
        "seen": "count(*)",
    }


def quantile_around(keys: Sequence[str], level: float) -> str:
    """A statement around rows of `keys` and `step_columns`: the quantile in hours as `value`, for each of the keys."""
    columns = "".join(f"{key}, " for key in keys)
    parts = f"PARTITION BY {', '.join(keys)} " if keys else ""
    hours = (
        f"CASE WHEN step < {_FIRST_HOUR} THEN step / 60.0 "
        f"WHEN step < {_FIRST_DAY} THEN step - {_FIRST_HOUR - _BY_MINUTES // _HOUR} "
        f"ELSE (step - {_FIRST_DAY - _BY_HOURS // _DAY}) * 24 END"
    )
    grouped = f" GROUP BY {', '.join(keys)}" if keys else ""
    return f"""
WITH steps AS ({{rows}}), waiting AS (
    SELECT {columns}step, ceased, CAST(sum(seen) OVER ({parts}ORDER BY step DESC) AS double precision) AS at_risk FROM steps
), curve AS (
    SELECT {columns}step, sum(CASE WHEN ceased >= at_risk THEN -1000 ELSE ln(1 - ceased / at_risk) END)
        OVER ({parts}ORDER BY step) AS log_left FROM waiting
)
SELECT {columns}CAST(min({hours}) FILTER (WHERE log_left <= {math.log(1 - level) + _SAME}) AS double precision) AS value
FROM curve{grouped}"""
