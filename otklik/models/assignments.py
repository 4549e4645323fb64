"""Assignments: one question of an appeal in one organisation's queue."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from otklik.models.base import JsonObject, Received


class OrganisationRef(Received):
    """An organisation by id and name."""

    id: UUID
    name: str


class DocumentRequest(Received):
    """Documents asked of another organisation; `received_at` is None while they are awaited."""

    id: UUID
    addressee: str
    what: str
    requested_at: datetime
    received_at: datetime | None = None


class Assignment(Received):
    """One question of an appeal given to one organisation; `topic` is the region's code.

    Pass it on to `accept`, `answer` and so on: it carries the version you saw and, after `claim`, the lease. One that
    you kept is rebuilt by `Assignment(id=…, version=…, lease_token=…)`.
    """

    id: UUID
    version: int
    appeal_id: UUID | None = None
    number: str | None = None
    region: str | None = None
    status: str | None = None
    role: str | None = None
    organisation: OrganisationRef | None = None
    topic: str | None = None
    topic_name: str | None = None
    municipality: str | None = None
    text: str | None = None
    address: str | None = None
    due_at: datetime | None = None
    due_on: date | None = None
    due_reason: str | None = None
    received_at: datetime | None = None
    lease_token: str | None = None
    lease_expires_at: datetime | None = None
    explanation: JsonObject | None = None
    document_requests: tuple[DocumentRequest, ...] = ()
    predecessor_id: UUID | None = None


class QueueChange(Received):
    """One entry of the queue's delta feed. Keep `cursor` once you have dealt with it."""

    assignment_id: UUID
    change: str
    at: datetime
    cursor: str = ""
