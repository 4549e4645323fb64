"""To which appeal a message belongs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from services.intake.history.rules.statuses import AppealStatus

# Until then what a person writes under the same post, or in the same dialog, belongs to the same appeal.
_OPEN: Final[frozenset[AppealStatus]] = frozenset(
    {"registered", "on_moderation", "in_work", "postponed", "reopened"}
)
# A dialog never ends: whoever writes again a day later writes about something else as a rule.
DIALOG_GAP: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Source:
    """The last appeal of a person in a thread. `last_at`: when the person wrote there last, as the network dates it."""

    region: str
    appeal_id: UUID
    status: AppealStatus
    post_url: str | None
    last_at: datetime


def continues(source: Source | None, at: datetime, *, is_dialog: bool) -> bool:
    """Whether a new message clarifies the person's last appeal in the thread; otherwise it is an appeal of its own."""
    if source is None or source.status not in _OPEN:
        return False
    return not is_dialog or abs(at - source.last_at) <= DIALOG_GAP
