"""What the deadline service does when something happened elsewhere, when a timer is due, when a rule has changed."""

from services.sla.handlers.events import handlers

__all__ = ["handlers"]
