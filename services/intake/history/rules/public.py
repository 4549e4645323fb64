"""What of a history everybody may read: of appeals that came over Open311, and of them what follows here (ADR 42)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from services.intake.history.rules.entries import HistoryEntry

PUBLIC_CHANNEL: Final = "open311"
# Closed by default: a new kind of entry is not public before somebody puts it here.
PUBLIC_KINDS: Final = frozenset(
    (
        "created",
        "corrected",
        "accepted",
        "redirected",
        "interim_answered",
        "answered",
        "reopened",
        "clarification_asked",
        "forwarded",
        "cancelled",
        "withdrawn",
    )
)


def is_public(history: Sequence[HistoryEntry], *, held: bool) -> bool:
    """Whether moderation lets everybody read an appeal. `held`: it was registered with a hold of moderation.

    What was held is public once a person has accepted it; what nobody held until a person rejects or hides it. The last
    decision counts. `history`: in order.
    """
    decisions = [entry.data["decision"] for entry in history if entry.kind == "moderated"]
    return decisions[-1] == "accept" if decisions else not held
