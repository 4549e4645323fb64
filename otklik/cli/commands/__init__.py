"""The commands: names, options, help. What they do is imported when they are called, so that help is quick."""

from otklik.cli.commands import (
    clients,
    demo,
    files,
    machine,
    measuring,
    models,
    reference,
    running,
    statistics,
)
from otklik.cli.commands.options import app

__all__ = [
    "app",
    "clients",
    "demo",
    "files",
    "machine",
    "measuring",
    "models",
    "reference",
    "running",
    "statistics",
]
