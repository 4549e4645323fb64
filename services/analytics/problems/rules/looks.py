"""When a region is looked through: every night, and by day as often as that is cheap (ADR 39)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Protocol

NIGHT_HOUR: Final = 3  # of the region's clock
PAST: Final = timedelta(days=400)  # what is compared with: a year and the weeks before it
SHARE: Final = 20.0  # a look by day may take one part in so many of the time
RECENT: Final = timedelta(days=6)  # days whose appeals may come late
CHANGED: Final = 0.02  # so much more, or less, of the past is another past: an import, or one taken back
CHANGED_ROWS: Final = 50
FOLLOWED: Final = timedelta(days=35)  # so long what was raised is looked after
_DAY: Final = timedelta(days=1)


class Run(Protocol):
    """How far a region has been looked through; see `tables`."""

    @property
    def analysed_to(self) -> date | None: ...
    @property
    def counted(self) -> int: ...
    @property
    def seconds(self) -> float: ...
    @property
    def attempted_at(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Look:
    """`end`: the day after the last that is looked at; `whole`: it is a night's look, at whole days."""

    end: date
    whole: bool

    @property
    def start(self) -> date:
        """The first day that is compared with."""
        return self.end - PAST


def due_look(run: Run | None, now: datetime, local: datetime, pause_seconds: float) -> Look | None:
    """What is to be done now; None while it is not time. `local`: now by the region's clock; `pause_seconds` lie between two
    looks at least."""
    if run is not None and (now - run.attempted_at).total_seconds() < max(pause_seconds, SHARE * run.seconds):
        return None
    end = (local - timedelta(hours=NIGHT_HOUR)).date()
    if run is None or run.analysed_to is None or run.analysed_to < end - _DAY:
        return Look(end, True)
    return Look(local.date() + _DAY, False)


def settle(run: Run | None, look: Look, counted_then: int) -> tuple[Look, date]:
    """What is looked at after all, and from which day on what is found is news. `counted_then`: appeals up to the day that was
    the last when the region was looked at before; if that is another number than then, the past is another one: all of it is
    news, and whole days are looked at again."""
    if run is None or run.analysed_to is None:
        return look, look.start
    if abs(counted_then - run.counted) <= max(CHANGED_ROWS, CHANGED * run.counted):
        return look, run.analysed_to - RECENT
    again = look if look.whole else Look(run.analysed_to + _DAY, True)
    return again, again.start
