"""What a history shows of an answer."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel


class Answer(BaseModel):
    """What an organisation answered; the text is masked. `attachments`: files that were given with it."""

    id: UUID
    assignment_id: UUID | None
    text: str
    outcome: Literal["solved", "explained", "refused", "postponed"] | None
    interim: bool
    organisation: str | None
    answered_at: datetime
    promised_on: date | None
    attachments: list[UUID] = []
