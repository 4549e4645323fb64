"""Settings of the deadline service, from `OTKLIK_*` environment variables."""

from __future__ import annotations

from chassis.settings import SealingSettings


class SlaSettings(SealingSettings):
    """Batches are small because timers share the event loop with the handlers and must not wait for them."""

    consumer_batch: int = 200
    consumer_linger_seconds: float = 0.02
    timer_batch: int = 500
    timer_poll_seconds: float = 0.1
    redating_batch: int = 100
    redating_poll_seconds: float = 2.0
