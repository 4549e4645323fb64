"""Marking an appeal."""

from __future__ import annotations

from chassis.bodies import Body
from services.sla.calendars.schemas import Code, Text


class MarkBody(Body):
    """A case that gives the appeal terms of its own (see the policies' `case`), or, with `applies` false, does not."""

    case: Code
    applies: bool = True
    reason: Text
