"""What settings show, as the platform gives it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from web.reference import OrganisationName


class PersonRow(BaseModel):
    """An account."""

    id: UUID
    login: str
    name: str
    position: str
    email: str | None
    role: str
    regions: list[str]
    municipalities: list[str]
    organisation_id: UUID | None
    active: bool
    version: int
    has_password: bool
    has_code: bool


class PeoplePage(BaseModel):
    """Part of the accounts."""

    items: list[PersonRow]
    next_cursor: str | None


class Link(BaseModel):
    """What sets a password once; the platform shows it once."""

    token: str
    expires_at: datetime


class ClientRow(BaseModel):
    """A system with credentials of its own."""

    id: str
    name: str
    role: str
    regions: list[str]
    organisation_id: UUID | None
    requests_per_minute: int
    created_at: datetime
    revoked_at: datetime | None


class ClientsPage(BaseModel):
    """Part of the clients."""

    items: list[ClientRow]
    next_cursor: str | None


class ClientSecret(BaseModel):
    """Credentials; the secret is shown once."""

    client_id: str
    client_secret: str


class Organisation(BaseModel):
    """Who answers appeals."""

    id: UUID
    region: str
    code: str
    name: str
    kind: str
    parent_id: UUID | None
    municipality: str | None
    active: bool
    version: int


class Organisations(BaseModel):
    """Part of the organisations."""

    items: list[Organisation]
    next_cursor: str | None


class Rule(BaseModel):
    """Who is competent: `sentence` says it as people do."""

    id: UUID
    topic: str | None
    group: str | None
    municipality: str | None
    organisation: OrganisationName
    role: str
    comment: str
    position: int | None
    valid_from: date | None
    valid_to: date | None
    season_from: str | None
    season_to: str | None
    service: str | None
    sentence: str
    active: bool
    version: int

    def switched_off(self) -> str:
        """The rule as it is sent to be in force no more."""
        return self.model_copy(update={"active": False}).model_dump_json(exclude={"sentence", "version"})


class Rules(BaseModel):
    """Part of the rules."""

    items: list[Rule]
    next_cursor: str | None


class Flow(BaseModel):
    """How many would go from one organisation to another; None is triage."""

    now: OrganisationName | None
    then: OrganisationName | None
    assignments: int


class RuleTrial(BaseModel):
    """What a rule would have done in the last days."""

    days: int
    examined: int
    would_move: int
    would_go_to_triage: int
    flows: list[Flow]


class DeadLetter(BaseModel):
    """An event that was given up on."""

    event_id: UUID
    handler: str
    subject: str
    error: str
    attempts: int
    created_at: datetime


class DeadLetters(BaseModel):
    """The newest, and how many there are."""

    items: list[DeadLetter]
    total: int


class Backlog(BaseModel):
    """Work that waits in a service."""

    outbox_pending: int
    consumer_lag: int
    dead_letters: int


class ServiceBacklog(BaseModel):
    """What waits in one service; None where it does not answer."""

    service: str
    backlog: Backlog | None


class Backlogs(BaseModel):
    """Of every service."""

    items: list[ServiceBacklog]


class Readiness(BaseModel):
    """How the parts are."""

    status: str
    parts: dict[str, str]
    problems: dict[str, dict[str, Any]] = {}
