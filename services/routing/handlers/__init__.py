"""What routing does when something happened elsewhere."""

from services.routing.handlers import appeals, deadlines, undoing
from services.routing.handlers.registry import handlers

__all__ = ["appeals", "deadlines", "handlers", "undoing"]
