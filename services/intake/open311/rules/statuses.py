"""What an appeal's status is in the standard, which knows two."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final, Literal

from services.intake.history.rules.statuses import AppealStatus

RequestStatus = Literal["open", "closed"]
# Nobody but its sender and officials learns of these.
HIDDEN: Final[tuple[AppealStatus, ...]] = ("on_moderation", "rejected")
# A postponed solution is one that is still to come.
STATUSES: Final[Mapping[RequestStatus, tuple[AppealStatus, ...]]] = {
    "open": ("registered", "in_work", "reopened", "postponed"),
    "closed": ("answered", "refused", "withdrawn", "closed"),
}


def shown_status(status: AppealStatus) -> RequestStatus:
    """`open` while something is still to come, else `closed`."""
    return "closed" if status in STATUSES["closed"] else "open"


def read_statuses(asked: Collection[str]) -> list[AppealStatus]:
    """The appeals' statuses that a filter means, all public ones without a filter. ValueError for a word that is none."""
    unknown = set(asked) - STATUSES.keys()
    if unknown:
        raise ValueError("status is open or closed")
    wanted = [name for name in STATUSES if name in asked] or list(STATUSES)
    return [status for name in wanted for status in STATUSES[name]]
