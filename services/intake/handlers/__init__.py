"""What intake does when something happened elsewhere."""

from services.intake.handlers import deadlines, routing
from services.intake.handlers.registry import handlers

__all__ = ["deadlines", "handlers", "routing"]
