"""What organisations and coordinators send to act on an assignment."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from chassis.bodies import Body
from chassis.times import Day
from contracts.routing import Outcome
from services.routing.reference.schemas.types import (
    Attachments,
    Code,
    ExternalRef,
    LeaseSeconds,
    Name,
    Note,
    ReasonCode,
    ShortWords,
    Token,
    Words,
)


class Claim(Body):
    """How many to lease, and for how long."""

    limit: Annotated[int, Field(ge=1, le=1000)] = 10
    lease_seconds: LeaseSeconds | None = None


class Leased(Body):
    """Base of what an organisation does: the lease's token while the assignment is leased."""

    lease_token: Token | None = None


class Accept(Leased):
    """Taking it to work, with its number in the organisation's own system where there is one."""

    external_ref: ExternalRef | None = None


class OwnNumber(Leased):
    """Its number in the organisation's own system; null takes it away."""

    external_ref: ExternalRef | None


class GiveToPerson(Leased):
    """Who works on it; null: nobody in particular."""

    person: UUID | None


class HandOver(Body):
    """Whose assignments go to whom; until which day (the last one of an absence), or for good."""

    from_: Annotated[UUID, Field(alias="from")]
    to: UUID
    until: Day | None = None

    @model_validator(mode="after")
    def _another(self) -> HandOver:
        if self.from_ == self.to:
            raise ValueError("hand over to somebody else")
        return self


class HandOverResult(BaseModel):
    """How many assignments were handed over."""

    handed_over: int


class Extend(Leased):
    """A longer lease, counted from now."""

    lease_seconds: LeaseSeconds | None = None


class Redirect(Leased):
    """ "Not ours", and whose it may be."""

    reason_code: ReasonCode
    comment: Note = ""
    suggested_organisation: UUID | None = None


class Interim(Leased):
    """A plan."""

    text: Words
    promised_on: Day | None = None
    attachments: Attachments = None


class NewAnswer(Leased):
    """The answer; `postponed` promises a day in the future."""

    text: Words
    outcome: Outcome
    promised_on: Day | None = None
    attachments: Attachments = None

    @model_validator(mode="after")
    def _promise(self) -> NewAnswer:
        if self.outcome == "postponed" and self.promised_on is None:
            raise ValueError("a postponed solution needs promised_on")
        return self


class Clarify(Leased):
    """A question to the citizen."""

    question: ShortWords


class RequestExtension(Leased):
    """More days, with the reason."""

    days: Annotated[int, Field(ge=1, le=30)]
    reason: ShortWords


class RequestDocuments(Leased):
    """Documents another organisation has to give, and which one."""

    addressee: Name
    what: ShortWords


class ReceiveDocuments(Leased):
    """The request that is answered, or not waited for any more."""

    request_id: UUID


class Forward(Body):
    """The organisation outside the system that the appeal goes to."""

    addressee: Name
    reason: Note = ""


class Forwarded(BaseModel):
    """Where the appeal went, and what ended with it."""

    appeal_id: UUID
    addressee: str
    forwarded_at: datetime
    cancelled: list[UUID]


class StopCorrespondence(Body):
    """The head of the organisation has decided it, which the law asks for (59-ФЗ ст. 11 ч. 5)."""

    decided_by_head: Literal[True]


class CorrespondenceStopped(BaseModel):
    """When, and which assignments ended with it."""

    appeal_id: UUID
    stopped_at: datetime
    cancelled: list[UUID]


class Correction(Leased):
    """What a coordinator sets; with a topic alone the rules choose the organisation. Whoever holds a lease, its token is ignored."""

    topic: Code | None = None
    organisation: UUID | None = None
    reason: Note = ""

    @model_validator(mode="after")
    def _something(self) -> Correction:
        if self.topic is None and self.organisation is None:
            raise ValueError("name a topic, an organisation or both")
        return self


class NewCoExecutor(Body):
    """Another organisation that has to help."""

    organisation: UUID
    topic: Code | None = None
