"""The reactions of routing."""

from chassis.handlers import Handlers

handlers = Handlers("routing")
