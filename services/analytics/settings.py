"""Settings of the analytics process."""

from __future__ import annotations

from chassis.settings import Settings


class AnalyticsSettings(Settings):
    """Figures may be a fifth of a second younger than events: larger batches cost much less."""

    consumer_linger_seconds: float = 0.2
