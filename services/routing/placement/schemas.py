"""Asking what a text is about without submitting it."""

from __future__ import annotations

from pydantic import BaseModel

from chassis.bodies import Body, Place
from services.routing.reference.schemas.organisations import OrganisationRef
from services.routing.reference.schemas.types import Municipality, Name, RegionCode, Words


class Classify(Body):
    """A text as a citizen would write it. `location` decides nothing yet: places are found by their names and ОКТМО."""

    text: Words
    region: RegionCode
    address: Name | None = None
    municipality: Municipality | None = None
    location: Place | None = None


class TopicGuess(BaseModel):
    """A topic of the region and how sure the classifier is, 0..1."""

    code: str
    name: str
    confidence: float


class GroupGuess(BaseModel):
    """The group of the likeliest topic."""

    code: str
    name: str


class Classification(BaseModel):
    """The best guess, the next ones (at most five), the words that decided, who would get it, and every step of it in a
    sentence. `organisation` is null where a coordinator would decide; what is unknown is null."""

    topic: TopicGuess | None
    group: GroupGuess | None
    organisation: OrganisationRef | None
    confidence: float
    alternatives: list[TopicGuess]
    terms: list[str]
    municipality: str | None
    explanation: list[str]
