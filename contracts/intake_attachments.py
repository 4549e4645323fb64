"""What intake publishes of files: nothing of what they show, and nothing of what their cameras noted."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from contracts.event import Act, Event


class AttachmentStored(Act, subject="intake.attachment.stored.v1", aggregate="attachment_id"):
    """A file was taken, and may be used for a day.

    `organisation_id`: of the organisation that sent it, absent where a citizen's client did. `signs`: by which a photo is known
    again, 64 bits each, hexadecimal; none of what is no photo.
    """

    attachment_id: UUID
    client_id: str
    organisation_id: UUID | None = None
    media_type: str
    signs: tuple[str, ...] = ()
    stored_at: datetime


class AttachmentUsed(Event, subject="intake.attachment.used.v1", aggregate="attachment_id"):
    """A file was sent with an appeal."""

    attachment_id: UUID
    appeal_id: UUID
    used_at: datetime


ATTACHMENT_EVENTS: tuple[type[Event], ...] = (AttachmentStored, AttachmentUsed)
