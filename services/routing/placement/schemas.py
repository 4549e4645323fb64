"""Asking what a text is about without submitting it."""

from __future__ import annotations

from pydantic import BaseModel

from chassis.bodies import Body, Place
from meaning import Importance, Kind
from services.routing.reference.schemas.organisations import OrganisationRef
from services.routing.reference.schemas.types import Municipality, Name, RegionCode, ShortWords, Words


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


class GroupGuess(BaseModel):
    """The group of the likeliest topic."""

    code: str
    name: str


class JudgedKind(BaseModel):
    """What an appeal is, and how sure that is, 0..1."""

    value: Kind
    confidence: float


class JudgedImportance(BaseModel):
    """How urgent an appeal is, and how sure that is, 0..1."""

    value: Importance
    confidence: float


class Draft(Body):
    """What a citizen has written so far; its beginning is enough."""

    region: RegionCode
    text: ShortWords


class DraftTopic(BaseModel):
    """A topic to choose."""

    code: str
    name: str


class DraftTopics(BaseModel):
    """What a draft may be about, the likeliest first, at most three; none where it is no Russian. `danger`: somebody's life seems
    to be in danger, and 112 is the number to call before anything is sent."""

    items: list[DraftTopic]
    danger: bool


class Classification(BaseModel):
    """The best guess, the next ones (at most five), the words that decided, who would get it, and every step of it in a
    sentence; kind, importance and language. `organisation` is null where a coordinator would decide; what is unknown is
    null. What is not Russian has no topic and no organisation: it is not guessed."""

    topic: TopicGuess | None
    group: GroupGuess | None
    organisation: OrganisationRef | None
    confidence: float
    alternatives: list[TopicGuess]
    terms: list[str]
    kind: JudgedKind
    importance: JudgedImportance
    language: str
    municipality: str | None
    settlement: str | None
    settlement_name: str | None
    explanation: list[str]
