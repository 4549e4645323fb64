"""What a digest answers."""

from __future__ import annotations

import datetime as dates
from typing import Annotated, Literal

from fastapi import Query
from pydantic import BaseModel

from services.analytics.digest.rules.days import Level
from services.analytics.figures.schemas import WithDefinitions

Format = Annotated[Literal["json", "html", "md"], Query(description="As data, a page, or text with marks.")]


class MovedTopic(BaseModel):
    """A topic of which the week up to the day brought more, or less, than the week before, beyond chance."""

    topic: str | None
    name: str
    received: int
    previous: int
    direction: Literal["up", "down"]


class DueDays(BaseModel):
    """What was due. `breached`: due on the day, and its end has passed without an answer; `due_today`, `due_tomorrow`: due on the two days after
    it and still waiting."""

    breached: int
    due_today: int
    due_tomorrow: int


class Saved(BaseModel):
    """What went by itself on the day. `answered_by_works`: by the notice of planned works."""

    routed: int
    answered_by_works: int
    minutes: int


class Digest(WithDefinitions):
    """A day. `level` is null where too few like days are known, and of a day that is not over unless it is tenser already; `promises_due`: those whose day is the one after it."""

    region: str | None
    subject: str
    date: dates.date
    received: int
    level: Level | None
    expected: float | None
    low: float | None
    high: float | None
    changed: list[MovedTopic]
    overdue: DueDays
    promises_due: int
    saved: Saved
