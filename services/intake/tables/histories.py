"""What happened to appeals, and what citizens and officials did with them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import Index, text

from chassis.tables import NOW, SMALL, FeedPosition, Key, Xid, default, define_table
from services.intake.tables.base import BY_MONTH, client_hash, metadata


@dataclass(frozen=True, slots=True)
class AppealHistory:
    """An entry of an appeal's history. `data`: what is else `packed`, in clear, in rows of older versions."""

    region: Key[str]
    appeal_id: Key[UUID]
    event_id: Key[UUID]
    kind: str
    at: datetime
    sequence: int
    assignment_id: UUID | None
    packed: bytes | None
    data: dict[str, Any] | None = None


appeal_history = define_table(metadata, "appeal_history", AppealHistory, partition=BY_MONTH)


@dataclass(frozen=True, slots=True)
class AppealHolder:
    """An organisation that may read an appeal; `active` while an assignment of its goes on.

    `status` is the appeal's: an organisation's list is read status by status, as a portal's is (see `chassis.pages`).
    """

    region: Key[str]
    organisation_id: Key[UUID]
    appeal_id: Key[UUID]
    active: bool
    status: Annotated[str, default("'registered'")]


appeal_holder = define_table(
    metadata,
    "appeal_holder",
    AppealHolder,
    Index(
        "appeal_holder_list_ix",
        "region",
        "organisation_id",
        "status",
        "appeal_id",
        postgresql_where=text("active"),
    ),
    partition=BY_MONTH,
)


@dataclass(frozen=True, slots=True)
class NewAppealChange:
    """A visible change of an appeal, for the feed of the client that sent it."""

    client_id: str
    region: str
    appeal_id: UUID
    change: str
    status: str
    version: int


@dataclass(frozen=True, slots=True)
class AppealChange(NewAppealChange):
    """The same as it is kept, with its place in the feed."""

    at: Annotated[datetime, NOW]
    xid: Xid
    position: FeedPosition


appeal_change = define_table(
    metadata,
    "appeal_change",
    AppealChange,
    client_hash(),
    Index("appeal_change_feed_ix", "client_hash", "xid", "position"),
    partition=BY_MONTH,
)


@dataclass(frozen=True, slots=True)
class Rating:
    """A citizen's judgement of one answer."""

    region: Key[str]
    appeal_id: Key[UUID]
    answer_id: Key[UUID]
    score: Annotated[int, SMALL]
    solved: bool
    reopened: bool
    body_hash: bytes
    rated_at: datetime


rating = define_table(metadata, "rating", Rating)


@dataclass(frozen=True, slots=True)
class Clarification:
    """What the citizen answered to an organisation's questions, unmasked and sealed."""

    region: Key[str]
    appeal_id: Key[UUID]
    id: Key[UUID]
    key_id: Annotated[int, SMALL]
    sealed: bytes
    body_hash: bytes
    clarified_at: datetime


clarification = define_table(metadata, "clarification", Clarification)


@dataclass(frozen=True, slots=True)
class NewOriginalAccess:
    """Who opened an original, or one of its files (`attachment_id`), and what for. `person`: behind the client, where it says so."""

    region: Key[str]
    appeal_id: Key[UUID]
    id: Key[UUID]
    client_id: str
    role: str
    organisation_id: UUID | None
    person: UUID | None
    purpose: str
    attachment_id: UUID | None


@dataclass(frozen=True, slots=True)
class OriginalAccess(NewOriginalAccess):
    """The same as it is kept."""

    at: Annotated[datetime, NOW]


original_access = define_table(metadata, "original_access", OriginalAccess)


@dataclass(frozen=True, slots=True)
class WordsToMask:
    """An entry of a history, or an opening of an original (`is_access`), written before officials' words came sealed."""

    region: Key[str]
    appeal_id: Key[UUID]
    id: Key[UUID]
    is_access: bool


words_to_mask = define_table(metadata, "words_to_mask", WordsToMask)
