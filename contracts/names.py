"""Words and names that several of routing's events use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal
from uuid import UUID

from contracts.event import Part

AppealKind = Literal["problem", "question", "proposal", "thanks", "nothing"]
Importance = Literal["normal", "high", "danger"]
Role = Literal["lead", "co_executor"]
Outcome = Literal["solved", "explained", "refused", "postponed"]
RedirectReason = Literal["not_competent", "other_territory", "other_topic", "duplicate", "other"]
# What everybody, citizens included, is told of a redirection.
REDIRECT_REASONS: Mapping[str, str] = {
    "not_competent": "вопрос не относится к компетенции органа",
    "other_territory": "вопрос относится к другой территории",
    "other_topic": "вопрос относится к другой теме",
    "duplicate": "по этому вопросу уже есть обращение",
    "other": "вопрос передан по иной причине",
}


class TopicName(Part):
    """A topic as the reader of an event needs it."""

    code: str
    name: str
    group: str
    group_name: str


class OrganisationName(Part):
    """A body as the reader of an event needs it."""

    id: UUID
    name: str
