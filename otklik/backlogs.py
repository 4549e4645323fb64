"""What services report of the work that waits in them."""

from __future__ import annotations

from otklik_client.models import Backlog


def steps_left(backlog: Backlog) -> int:
    """What is still to be published, sent and handled."""
    return backlog.unsaid + backlog.outbox_pending + backlog.consumer_lag + backlog.replays
