"""Why an assignment left its organisation's queue, as those read it who follow the queue: nothing personal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from contracts.routing import REDIRECT_REASONS, RedirectReason
from services.routing.assignments.rules.statuses import Action

# Actions that take an assignment out of a queue; who knows better says it (see `transitions`).
LEFT_BY: Final[Mapping[Action, str]] = {
    Action.ANSWER: "Дан ответ.",
    # After review, or after the second signature.
    Action.APPROVE: "Дан ответ.",
    Action.CORRECT: "Исполнителя изменил координатор.",
    Action.CANCEL: "Рассмотрение вопроса прекращено.",
    Action.REDIRECT: "Вопрос перенаправлен.",
}
IMPORT_UNDONE: Final = "Загрузка отменена."


def redirected_because(reason_code: RedirectReason) -> str:
    """The public text of a reason, as a sentence."""
    words = REDIRECT_REASONS[reason_code]
    return f"{words[:1].upper()}{words[1:]}."
