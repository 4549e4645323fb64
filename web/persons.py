"""People and their sessions, as the platform shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

Role = Literal["agency", "coordinator", "analyst", "federal", "admin"]


class Person(BaseModel):
    """Who is signed in."""

    id: UUID
    login: str
    name: str
    position: str = ""
    role: Role
    regions: list[str]
    municipalities: list[str] = []
    organisation_id: UUID | None = None
    has_code: bool = False

    @property
    def region(self) -> str:
        """The one region of a person of one region; empty for people of several or all."""
        return self.regions[0] if len(self.regions) == 1 and self.regions[0] != "*" else ""


class SignedIn(BaseModel):
    """The answer to signing in and to a refresh."""

    access_token: str
    expires_in: int
    refresh_token: str
    person: Person


class SessionView(BaseModel):
    """One of one's sessions."""

    id: UUID
    started_at: datetime
    used_at: datetime
    ends_at: datetime
    current: bool


class Sessions(BaseModel):
    """All that go on."""

    items: list[SessionView]


class PersonName(BaseModel):
    """How a history names who acted."""

    id: UUID
    name: str
    position: str = ""
