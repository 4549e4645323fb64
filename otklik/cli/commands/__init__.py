"""The commands: names, options, help. What they do is imported when they are called, so that help is quick."""

from otklik.cli.commands import demo, files, measuring, models, reference, running, statistics
from otklik.cli.commands.options import app

__all__ = ["app", "demo", "files", "measuring", "models", "reference", "running", "statistics"]
