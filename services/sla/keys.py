"""By which keys appeals and clocks are known in every table of this service."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

NIL: Final = "00000000-0000-0000-0000-000000000000"
"""`assignment_id` of the appeal's own clocks: a key column cannot be null."""


class AppealKey(NamedTuple):
    """An appeal of a region."""

    region: str
    appeal_id: str


class ClockKey(NamedTuple):
    """A clock of an assignment, or of the appeal itself (`NIL`): its kind, and which of that kind."""

    region: str
    appeal_id: str
    assignment_id: str
    clock: str
    cycle: int

    @property
    def appeal(self) -> AppealKey:
        """The appeal whose clock it is."""
        return AppealKey(self.region, self.appeal_id)

    @property
    def holder(self) -> str | None:
        """The assignment; None: the appeal itself."""
        return None if self.assignment_id == NIL else self.assignment_id


CLOCK_KEY: Final = ClockKey._fields
"""The columns of a `ClockKey`."""


def arrays_of(keys: Iterable[AppealKey]) -> dict[str, list[str]]:
    """`regions` and `ids` of appeals as two sorted arrays, for `= ANY`."""
    known = sorted(keys)
    return {"regions": sorted({key.region for key in known}), "ids": [key.appeal_id for key in known]}
