"""How long an assignment may wait until its organisation accepts it."""

from __future__ import annotations

from datetime import datetime, timedelta

from services.routing.assignments.rules.statuses import CLAIMABLE, Status
from services.routing.reference.rules.region_settings import RegionSettings


def unaccepted_since(
    status: Status, offered_at: datetime | None, settings: RegionSettings, now: datetime
) -> datetime | None:
    """Since when it waits, once that is longer than the region lets it wait; None before, and for what is accepted."""
    if offered_at is None or status not in CLAIMABLE:
        return None
    return offered_at if offered_at <= too_late_before(settings, now) else None


def too_late_before(settings: RegionSettings, now: datetime) -> datetime:
    """What was offered until then has waited too long."""
    return now - timedelta(minutes=settings.accept_within_minutes)
