"""Asking what a text is about without submitting it."""

from __future__ import annotations

from pydantic import BaseModel

from chassis.bodies import Body, Place
from services.routing.reference.schemas.organisations import OrganisationRef
from services.routing.reference.schemas.types import Municipality, Name, RegionCode, Words


class Classify(Body):
    """A text as a citizen would write it. `location` decides where text, address and ОКТМО name no place."""

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


class Classification(BaseModel):
    """The best guess, the next ones, and the words that decided; where it is, and how that is known."""

    topic: TopicGuess | None
    organisation: OrganisationRef | None
    confidence: float
    alternatives: list[TopicGuess]
    terms: list[str]
    municipality: str | None
    settlement: str | None
    settlement_name: str | None
    explanation: list[str]
