"""What intake does when something happened elsewhere."""

from services.intake.handlers import deadlines, imports, routing
from services.intake.handlers.registry import handlers

__all__ = ["deadlines", "handlers", "imports", "routing"]
