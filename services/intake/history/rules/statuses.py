"""Where an appeal stands, and where an assignment of it does."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Final, Literal

AppealStatus = Literal[
    "registered",
    "on_moderation",
    "rejected",
    "in_work",
    "answered",
    "postponed",
    "refused",
    "reopened",
    "withdrawn",
    "closed",
]
STATUS_NAMES: Final[Mapping[str, str]] = {
    "registered": "Зарегистрировано",
    "on_moderation": "На модерации",
    "rejected": "Отклонено",
    "in_work": "В работе",
    "answered": "Дан ответ",
    "postponed": "Решение отложено",
    "refused": "В решении отказано",
    "reopened": "Возвращено в работу",
    "withdrawn": "Отозвано заявителем",
    "closed": "Закрыто",
}
# Nobody has answered yet, or what was answered did not do.
UNANSWERED: Final[frozenset[AppealStatus]] = frozenset({"registered", "on_moderation", "in_work", "reopened"})
# Where several leading assignments stand differently, the least advanced one speaks for the appeal.
# What a portal's feed calls a change; `changed`: something else that is shown.
ChangeKind = Literal[
    "registered", "status", "answer", "organisation", "topic", "deadline", "promise", "changed"
]
LEAST_ADVANCED_FIRST: Final[tuple[AppealStatus, ...]] = (
    "reopened",
    "in_work",
    "registered",
    "postponed",
    "refused",
    "answered",
)


class AssignmentStatus(Enum):
    """Where an assignment stands.

    `appeal`: the status of an appeal that this assignment speaks for. `is_final`: it has been answered for good.
    `has_ended`: whoever had it has nothing to do with it any more.
    """

    TRIAGE = ("triage", "registered")
    NEW = ("new", "in_work")
    ACCEPTED = ("accepted", "in_work")
    CLARIFYING = ("clarifying", "in_work")
    INTERIM = ("interim", "in_work")
    ANSWERED = ("answered", "answered")
    POSTPONED = ("postponed", "postponed")
    REFUSED = ("refused", "refused")
    REOPENED = ("reopened", "reopened")
    REDIRECTED = ("redirected", "in_work")
    CANCELLED = ("cancelled", "in_work")

    def __init__(self, label: str, appeal: AppealStatus) -> None:
        self.appeal = appeal
        self.is_final = appeal in ("answered", "postponed", "refused")
        self.has_ended = label in ("redirected", "cancelled")
