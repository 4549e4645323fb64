"""The child process that judges one decision and ends, so that what numpy needs of memory is given back.

It reads a line that says what to judge and answers one line; it knows no database and no secret.
"""

from __future__ import annotations

import math
import sys

import numpy as np

from chassis.child_processes import give_way
from services.analytics.decisions.rules.effects import (
    ANSWER,
    ASKED,
    Asked,
    Found,
    JudgedWeek,
    OtherRow,
    Reason,
)
from signals.effects import Effect, Judged, estimate_effect
from signals.panels import Panel

SECONDS_AN_HOUR = 3600


def judge(asked: Asked) -> Found | Reason:
    """The effect, or why there is none."""
    panel = Panel(
        "count" if asked.scale == "count" else "mean", np.array(asked.totals), np.array(asked.sizes)
    )
    found = estimate_effect(Judged(panel, asked.row, asked.week, asked.better, frozenset(asked.kept_out)))
    return _found(asked, found) if isinstance(found, Effect) else found


def _found(asked: Asked, effect: Effect) -> Found:
    is_log = asked.scale == "log_mean"

    def change(value: float) -> float:
        return math.expm1(value) if is_log else value

    def level(value: float) -> float:
        return math.exp(value) / SECONDS_AN_HOUR if is_log else value

    return Found(
        change(effect.estimate),
        change(effect.low),
        change(effect.high),
        effect.placebo_rank,
        effect.placebos,
        effect.worked,
        effect.weeks,
        level(effect.observed),
        level(effect.expected),
        [
            JudgedWeek(
                each.number,
                None if each.observed is None else level(each.observed),
                *(level(value) for value in (each.expected, each.low, each.high)),
            )
            for each in effect.series
        ],
        [OtherRow(row, share) for row, share in effect.others],
    )


def main() -> None:
    """Answer what was asked on the standard input."""
    give_way()
    asked = ASKED.validate_json(sys.stdin.buffer.readline())
    sys.stdout.buffer.write(ANSWER.dump_json(judge(asked)) + b"\n")


if __name__ == "__main__":
    main()
