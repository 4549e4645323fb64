"""The reactions of intake."""

from chassis.handlers import Handlers

handlers = Handlers("intake")
