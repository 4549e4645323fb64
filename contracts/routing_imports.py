"""What routing publishes of imports that are taken back."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from contracts.event import Event


class ImportUndoRefused(Event, subject="routing.import.undo_refused.v1", aggregate="import_id"):
    """An import cannot be taken back: `worked_on` of its appeals are worked on, of which `numbers` are the first."""

    import_id: UUID
    regions: tuple[str, ...]
    worked_on: int
    numbers: tuple[str, ...] = ()
    refused_at: datetime


class AppealsRemoved(Event, subject="routing.appeals.removed.v1", aggregate="import_id"):
    """Appeals of an import were taken back: everybody forgets them. `kept`: somebody had begun to work on these at the very
    moment, so that they stay."""

    import_id: UUID
    appeal_ids: tuple[UUID, ...]
    kept: tuple[UUID, ...] = ()
    removed_at: datetime
