"""Settings of the analytics process."""

from __future__ import annotations

from typing import Literal

from chassis.settings import Settings


class AnalyticsSettings(Settings):
    """Figures may be a fifth of a second younger than events: larger batches cost much less."""

    consumer_linger_seconds: float = 0.2
    """How long events wait for company: figures may be a fifth of a second younger than events, larger batches cost much less."""
    figures_copy: Literal["off", "on"] = "off"
    """Whether figures are read from a copy of the facts, which a large register needs (ADR 33)."""
    figures_folder: str = ""
    """Where the copy lies."""
    figures_memory_mb: int = 350
    """What the copy holds in memory at most."""
    exports_folder: str = ""
    """This process's own, where files that go out are written; the system's folder for temporary files if empty."""
    problems_pause_seconds: float = 3600.0
    """So long a region is not looked through again for problems (ADR 39)."""
