"""What the processes use: processor time and memory, by part."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psutil

from harness.system import System

NAMES = (
    "services.intake.main work",
    "services.intake.main front",
    "services.routing",
    "services.sla",
    "services.analytics",
    "gateway",
    "nats-server",
)


def sum_by_part(system: System, figure: Callable[[psutil.Process], float]) -> dict[str, float]:
    """A figure of every process, added up by part."""
    by_part: dict[str, float] = {}
    for process in (psutil.Process(system.process.pid), *system.descendants()):
        try:
            line, value = " ".join(process.cmdline()), figure(process)
        except psutil.NoSuchProcess:
            continue
        part = next((name for name in NAMES if name in line), "postgres" if "postgres" in line else "up")
        by_part[part] = by_part.get(part, 0) + value
    return by_part


def cpu_seconds(process: psutil.Process) -> float:
    """Processor time used so far."""
    times = process.cpu_times()
    return float(times.user + times.system)


def measure_memory(system: System) -> dict[str, Any]:
    """Proportional set size of every process, MB; shared pages are counted once."""
    by_part = sum_by_part(system, lambda process: process.memory_full_info().pss / 1e6)
    return {
        "mb": {part: round(size) for part, size in sorted(by_part.items())},
        "total_mb": round(sum(by_part.values())),
        "goal": "<= 1100 MB",
    }
