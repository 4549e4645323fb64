"""What helps with an answer: cases like it that were answered well, templates."""

from __future__ import annotations

from uuid import UUID

from pydantic import BaseModel

from contracts.routing import Outcome


class SimilarCase(BaseModel):
    """A question of the region that was solved or explained well. `text`, `answer`: masked; `score`: the citizen's rating,
    null where there is none; `similarity`: 0..1."""

    appeal_id: UUID
    number: str
    topic: str | None
    text: str
    answer: str
    outcome: Outcome
    score: int | None
    similarity: float


class FilledTemplate(BaseModel):
    """A template, its places filled with what is known of the assignment."""

    id: UUID
    name: str
    text: str


class Similar(BaseModel):
    """The most similar cases first; templates of the topic first."""

    items: list[SimilarCase]
    templates: list[FilledTemplate]
