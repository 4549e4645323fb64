"""Settings of the deadline service, from `OTKLIK_*` environment variables."""

from __future__ import annotations

from chassis.settings import SealingSettings


class SlaSettings(SealingSettings):
    """Batches are small because timers share the event loop with the handlers and must not wait for them."""

    consumer_batch: int = 200
    """Events that one transaction handles; few, because timers share the event loop with handlers and must not wait for them."""
    consumer_linger_seconds: float = 0.02
    """How long events wait for company."""
    timer_batch: int = 500
    """Reminders and breaches of one transaction."""
    timer_poll_seconds: float = 0.1
    """How often timers that are due are looked for."""
    redating_batch: int = 100
    """Deadlines that one transaction counts again after a calendar or policy has changed."""
    redating_poll_seconds: float = 2.0
    """How often deadlines to be counted again are looked for."""
