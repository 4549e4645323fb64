"""What a sender is answered at once when the text reports a danger to somebody's life."""

from __future__ import annotations

from typing import Final

from meaning import dangers
from services.intake.history.rules.statuses import UNANSWERED, AppealStatus

CALL_112: Final = (
    "Похоже, что чья-то жизнь в опасности. Немедленно звоните 112: экстренные службы не читают обращений."
)
DANGER_NOTICE: Final = f"{CALL_112} Обращение зарегистрировано и передано координатору."


def reports_danger(text: str) -> bool:
    """Whether a text, as it was sent, reports a danger: asked once, when it is registered, and kept with the appeal."""
    return dangers.find(text) is not None


def notice_while_open(
    status: AppealStatus, answers: int, danger: bool | None, text: str | None
) -> str | None:
    """What the receipt warned of, for an appeal that was registered before: until it is answered or ends.

    `danger`: as it was kept; None in rows of older versions, of which the masked `text` is asked.
    """
    if answers or status not in UNANSWERED:
        return None
    if danger is None:
        danger = text is not None and reports_danger(text)
    return DANGER_NOTICE if danger else None
