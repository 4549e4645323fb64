"""The reactions of intake."""

from chassis.handlers import Handlers
from services.intake.history.actions import hold_appeals

handlers = Handlers("intake", hold_appeals)
