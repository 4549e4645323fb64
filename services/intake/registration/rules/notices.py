"""What a sender is answered at once when the text reports a danger to somebody's life."""

from __future__ import annotations

from typing import Final

from meaning import dangers
from services.intake.history.rules.statuses import AppealStatus

DANGER_NOTICE: Final = (
    "Похоже, что чья-то жизнь в опасности. Немедленно звоните 112: экстренные службы не читают обращений. "
    "Обращение зарегистрировано и передано координатору."
)

_OPEN: Final[frozenset[AppealStatus]] = frozenset({"registered", "on_moderation", "in_work", "reopened"})


def notice_of(text: str) -> str | None:
    """The notice for a text, or None. The same text always has the same one, so that repeats are answered alike."""
    return DANGER_NOTICE if dangers.find(text) else None


def notice_while_open(status: AppealStatus, answers: int, text: str | None) -> str | None:
    """The same for an appeal that was registered before: until it is answered or ends."""
    return notice_of(text) if text is not None and not answers and status in _OPEN else None
