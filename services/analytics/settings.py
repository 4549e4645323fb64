"""Settings of the analytics process."""

from __future__ import annotations

from typing import Literal

from chassis.settings import Settings


class AnalyticsSettings(Settings):
    """Figures may be a fifth of a second younger than events: larger batches cost much less.

    `figures_copy`: whether figures are read from a copy of the facts, which a large register needs (ADR 33). Its files lie
    below `figures_folder`; `figures_memory_mb` bounds what it holds in memory. `exports_folder`: this process's own, where files
    that go out are written; the system's folder for temporary files if empty. `problems_pause_seconds`: so long a region is not looked
    through again for problems (ADR 39).
    """

    consumer_linger_seconds: float = 0.2
    figures_copy: Literal["off", "on"] = "off"
    figures_folder: str = ""
    figures_memory_mb: int = 350
    exports_folder: str = ""
    problems_pause_seconds: float = 3600.0
