"""What is known already, as everybody may read it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from chassis.bodies import Body
from services.routing.known.rules import KnownThing


class KnownItem(BaseModel):
    """An incident or a planned work near by. `title`: of topic and street; `until`, `notice`: of a work, else null."""

    id: UUID
    kind: Literal["incident", "work"]
    title: str
    topic: str | None
    since: datetime
    until: datetime | None
    notice: str | None
    appeals: int

    @classmethod
    def of(cls, thing: KnownThing) -> KnownItem:
        """As everybody sees it."""
        return cls.model_validate({name: getattr(thing, name) for name in cls.model_fields})


class KnownItems(BaseModel):
    """At most ten, the nearest first."""

    items: list[KnownItem]


class Enough(Body):
    """Somebody saw it and does not write; nothing more is said."""


class EnoughCounted(BaseModel):
    """How many citizens did not write because they saw it."""

    id: UUID
    enough: int
