"""Files that came in, as far as answers need to know of them, and where they were used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from sqlalchemy import Index, text

from chassis.tables import Key, default, define_table
from services.routing.tables.base import metadata

BY_CITIZEN = UUID(int=0)  # stands for the answer where a file came with the appeal itself


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that intake took. `organisation_id`: of the organisation that sent it, none for citizens' clients; `signs`: of a
    photo, hexadecimal; `is_used`: it belongs to an appeal or an answer, and is kept."""

    region: Key[str]
    id: Key[UUID]
    organisation_id: UUID | None
    signs: list[str]
    is_used: Annotated[bool, default("false")]


@dataclass(frozen=True, slots=True)
class AttachmentUse:
    """A file belongs to an appeal (`answer_id` is `BY_CITIZEN`) or to an answer to it."""

    region: Key[str]
    appeal_id: Key[UUID]
    answer_id: Key[UUID]
    attachment_id: Key[UUID]
    organisation_id: UUID | None


@dataclass(frozen=True, slots=True)
class PhotoBand:
    """A part of a sign of an organisation's photo."""

    region: Key[str]
    organisation_id: Key[UUID]
    band: Key[int]
    attachment_id: Key[UUID]


attachment = define_table(
    metadata,
    "attachment",
    Attachment,
    Index("attachment_unused_ix", "id", postgresql_where=text("NOT is_used")),
)
attachment_use = define_table(
    metadata,
    "attachment_use",
    AttachmentUse,
    Index("attachment_use_attachment_ix", "region", "attachment_id"),
    Index("attachment_use_answer_ix", "region", "answer_id"),
)
photo_band = define_table(metadata, "photo_band", PhotoBand)
