"""What moderation keeps: texts that came lately, and what citizens object."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from sqlalchemy import Index, text

from chassis.tables import SMALL, Key, define_table
from services.intake.tables.base import metadata


@dataclass(frozen=True, slots=True)
class TextRepeat:
    """An appeal of the last day or two, by a hash of its masked text: the same text is told however often it comes."""

    region: Key[str]
    text_hash: Key[bytes]
    appeal_id: Key[UUID]


text_repeat = define_table(metadata, "text_repeat", TextRepeat)


@dataclass(frozen=True, slots=True)
class NewObjection:
    """What a citizen says against a decision to reject or to hide an appeal: sealed as it was sent, and masked."""

    region: Key[str]
    appeal_id: Key[UUID]
    id: Key[UUID]
    key_id: Annotated[int, SMALL]
    sealed: bytes
    body_hash: bytes
    masked: str
    objected_at: datetime


@dataclass(frozen=True, slots=True)
class Objection(NewObjection):
    """The same as it is kept; `decided_at`: when a moderator decided anew."""

    decided_at: datetime | None = None


objection = define_table(
    metadata,
    "objection",
    Objection,
    Index("objection_waiting_ix", "region", "id", postgresql_where=text("decided_at IS NULL")),
)
