"""The reactions of routing."""

from chassis.handlers import Handlers
from services.routing.actions.holding import hold_appeals

handlers = Handlers("routing", hold_appeals)
