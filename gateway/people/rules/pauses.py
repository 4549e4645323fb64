"""How long whoever signs in wrongly has to wait: some trials are free, then every pause is twice the one before."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

SHORTEST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Allowance:
    """`free`: failures without a pause; `forgotten_after`: so long after the first of them all are forgotten."""

    free: int
    forgotten_after: timedelta


@dataclass(frozen=True, slots=True)
class Attempts:
    """What is remembered of a login or an address: failures since a time, and trials whose outcome is not known yet."""

    failures: int
    since: datetime
    locked_until: datetime


def wait_of(attempts: Attempts, now: datetime) -> float:
    """Seconds until the next trial is let through; 0.0: now."""
    return max(0.0, (attempts.locked_until - now).total_seconds())


def count_trial(attempts: Attempts, allowance: Allowance, now: datetime) -> Attempts:
    """One more trial begins: it counts as failed until it is known to be good, so that trials at once are no way round."""
    begins_anew = not attempts.failures or now - attempts.since > allowance.forgotten_after
    failures = 1 if begins_anew else attempts.failures + 1
    since = now if begins_anew else attempts.since
    return Attempts(failures, since, now + pause_after(failures, allowance.free))


def take_back(attempts: Attempts, now: datetime) -> Attempts:
    """One trial did not fail."""
    return replace(attempts, failures=max(0, attempts.failures - 1), locked_until=now)


def pause_after(failures: int, free: int) -> timedelta:
    """The pause after so many failures in a row."""
    doublings = failures - free
    if doublings < 0:
        return timedelta()
    return min(SHORTEST_PAUSE * (1 << min(doublings, 20)), LONGEST_PAUSE)
