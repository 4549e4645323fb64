"""What a coordinator sees of a region's deadlines at one glance."""

from __future__ import annotations

from pydantic import BaseModel

from services.sla.clocks.schemas import Deadlines, Overview
from services.sla.extensions.schemas import Extensions


class DeadlineSituation(BaseModel):
    """Open clocks in figures, those that end next, and the requests for more days that wait for a decision.

    `due_soon`: running clocks that end within `overview.due_soon_hours`, the next first; `extensions`: the oldest first.
    """

    overview: Overview
    due_soon: Deadlines
    extensions: Extensions
