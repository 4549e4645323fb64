"""Templates of answers."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel

from chassis.bodies import Body
from chassis.faults import Wording
from chassis.replacing import ReadOnly, Replacement
from contracts.routing import Outcome
from services.routing.assignments.rules.placeholders import PLACEHOLDERS, unknown_places
from services.routing.reference.schemas.types import Code, Name, RegionCode, Words


def _known_places(text: str) -> str:
    if unknown_places(text):
        places = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
        raise ValueError(Wording("only these places are filled: {places}", {"places": places}))
    return text


TemplateText = Annotated[Words, AfterValidator(_known_places)]


class NewTemplate(Body):
    """A template for all organisations of a region, or for one; for any topic and outcome, or for one."""

    region: RegionCode
    organisation: UUID | None = None
    topic: Code | None = None
    outcome: Outcome | None = None
    name: Name
    text: TemplateText


class ChangedTemplate(Replacement):
    """The template as it shall be; `active: false` takes it out of use."""

    topic: Code | None = None
    outcome: Outcome | None = None
    name: Name
    text: TemplateText
    active: bool = True
    id: ReadOnly[UUID] = None
    region: ReadOnly[str] = None
    organisation: ReadOnly[UUID] = None
    version: ReadOnly[int] = None


class TemplateView(BaseModel):
    """A template."""

    id: UUID
    region: str
    organisation: UUID | None
    topic: str | None
    outcome: Outcome | None
    name: str
    text: str
    active: bool
    version: int


class TemplatePage(BaseModel):
    """Part of the list, oldest first."""

    items: list[TemplateView]
    next_cursor: str | None
