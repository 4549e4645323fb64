"""What a call that was answered, or was not, means for the event and for its webhook."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

PATIENCE: Final = timedelta(days=3)
FIRST_WAIT: Final = timedelta(seconds=5)
LONGEST_WAIT: Final = timedelta(hours=6)
_FACTOR: Final = 4
_MOST_RAISED: Final = 10  # beyond it the longest wait was reached long ago
GONE: Final = 410

DeliveryState = Literal["waiting", "delivered", "failed"]
WebhookState = Literal["active", "paused"]
PauseReason = Literal["gone", "undeliverable", "access_revoked"]
CallProblem = Literal[
    "status",
    "redirect",
    "timeout",
    "no_connection",
    "tls",
    "no_address",
    "address_refused",
    "secret_unreadable",
]


@dataclass(frozen=True, slots=True)
class CallResult:
    """What came of one call: the status it was answered with, if any, and what was wrong, if anything."""

    status: int | None = None
    problem: CallProblem | None = None


@dataclass(frozen=True, slots=True)
class Tried:
    """A call before its result counts. `attempts`, `failures`: in a row, of the event and of its webhook, before this one;
    `first_tried_at`, `failing_since`: since when. `is_test`: asked for by the owner, once."""

    is_test: bool
    attempts: int
    first_tried_at: datetime | None
    failures: int
    failing_since: datetime | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What follows from a call. `next_at`, `rests_until`: when the event, and when anything else, is tried again."""

    state: DeliveryState
    next_at: datetime
    rests_until: datetime | None = None
    paused_because: PauseReason | None = None


def judge_status(status: int) -> CallResult:
    """What a status means: 2xx is success, redirects are not followed."""
    if 200 <= status < 300:
        return CallResult(status)
    return CallResult(status, "redirect" if 300 <= status < 400 else "status")


def judge(tried: Tried, result: CallResult, now: datetime, jitter: float) -> Verdict:
    """What to do after a call. An event is tried for three days, then its webhook is paused and the event waits with it;
    so is a webhook that has reached nobody for three days, and at once one whose receiver says it is gone. `jitter`: 0 to 1."""
    if result.problem is None:
        return Verdict("delivered", now)
    if tried.is_test:
        return Verdict("failed", now)
    if result.status == GONE:
        return Verdict("waiting", now, paused_because="gone")
    since = min(filter(None, (tried.first_tried_at, tried.failing_since, now)))
    return Verdict(
        "waiting",
        next_at=now + wait_after(tried.attempts + 1, jitter),
        rests_until=now + wait_after(tried.failures + 1, jitter),
        paused_because="undeliverable" if now - since >= PATIENCE else None,
    )


def wait_after(failures: int, jitter: float) -> timedelta:
    """How long to wait after so many failures in a row: four times as long each time up to six hours, a fifth more or less."""
    factor: int = _FACTOR ** min(failures - 1, _MOST_RAISED)
    wait = min(FIRST_WAIT * factor, LONGEST_WAIT)
    return wait * (0.8 + 0.4 * jitter)
