"""What waits, service by service."""

from __future__ import annotations

from pydantic import BaseModel

from chassis.operations import Backlog
from contracts.parts import Service


class ServiceBacklog(BaseModel):
    """What waits in one service; null where it does not answer."""

    service: Service
    backlog: Backlog | None


class Backlogs(BaseModel):
    """What waits in every service."""

    items: list[ServiceBacklog]
