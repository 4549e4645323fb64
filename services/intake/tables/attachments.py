"""Files of appeals and of answers. What they hold lies outside of the database, sealed (see `chassis.blobs`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from sqlalchemy import Index, text

from chassis.tables import SMALL, Key, define_table
from services.intake.tables.base import metadata


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that was taken.

    Its blob has its id and is sealed with the key `key_id`. `size`, `sha256`: of what is kept, in bytes; `is_scanned`: whether an
    antivirus has seen it. `evidence`: when and where a photo was taken, sealed with the same key. `appeal_id`: of the appeal it
    was sent with; `used_at`: since when it belongs to an appeal or an answer.
    """

    region: Key[str]
    id: Key[UUID]
    client_id: str
    organisation_id: UUID | None
    person: UUID | None
    media_type: str
    size: int
    sha256: bytes
    is_scanned: bool
    key_id: Annotated[int, SMALL]
    evidence: bytes | None
    appeal_id: UUID | None
    used_at: datetime | None


attachment = define_table(
    metadata,
    "attachment",
    Attachment,
    Index("attachment_appeal_ix", "region", "appeal_id", postgresql_where=text("appeal_id IS NOT NULL")),
    Index("attachment_unused_ix", "id", postgresql_where=text("used_at IS NULL")),
)


@dataclass(frozen=True, slots=True)
class AnswerAttachment:
    """A file that an organisation gave with an answer; with an answer to many appeals, it is there for each."""

    region: Key[str]
    appeal_id: Key[UUID]
    answer_id: Key[UUID]
    attachment_id: Key[UUID]
    organisation_id: UUID


answer_attachment = define_table(
    metadata,
    "answer_attachment",
    AnswerAttachment,
    Index("answer_attachment_attachment_ix", "region", "attachment_id"),
)


@dataclass(frozen=True, slots=True)
class BlobRemoval:
    """A blob that is to be deleted once `due_at` has come: of a row that is gone, or of an upload that may never get one."""

    region: Key[str]
    id: Key[UUID]
    due_at: datetime


blob_removal = define_table(metadata, "blob_removal", BlobRemoval, Index(None, "due_at"))
