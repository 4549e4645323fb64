"""Who sends a file: a client with a token, or a citizen's browser through the form of a widget."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, Self
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.principals import Principal
from chassis.problems import Forbidden, Unauthorised, Unprocessable
from contracts.territories import REGIONS


@dataclass(frozen=True, slots=True)
class Sender:
    """Whose a file is, and for which regions it may be meant."""

    client_id: str
    organisation_id: UUID | None
    person: UUID | None
    regions: frozenset[str]

    @classmethod
    def of(cls, principal: Principal) -> Self:
        """A client with a token."""
        return cls(
            principal.client_id,
            principal.organisation_id,
            principal.person,
            frozenset(principal.regions_within()),
        )

    def region_of(self, fields: Mapping[str, str]) -> str:
        """The region a file is meant for: the form's field, or the only one the sender has. 403 for one out of reach, 422 where
        there is none or more than one."""
        named = fields.get("region")
        if named is None:
            if len(self.regions) == 1:
                return next(iter(self.regions))
            raise _unacceptable("is missing: name the region that the file is meant for")
        if named not in REGIONS:
            raise _unacceptable("there is no such region")
        if named not in self.regions:
            raise Forbidden("This region is outside your scope.")
        return named


@dataclass(frozen=True, slots=True)
class SentWithForm:
    """What a form sends with a file: its token, and whose address the file counts for."""

    form_token: str
    address: str


class FormSenders(Protocol):
    """Who knows forms on other sites: the widgets, which stand on attachments and not beneath them."""

    async def __call__(self, session: AsyncSession, sent: SentWithForm, now: datetime) -> Sender | None:
        """Who stands behind a form; None for a token that was not given out, or has grown too old. 429 for one file too many
        of its address, or of its widget."""


async def admit_form(
    session: AsyncSession, senders: FormSenders, sent: SentWithForm, now: datetime
) -> Sender:
    """The sender behind the token of a widget's form; 401 for one that does not serve. The token is not spent: a form sends
    several files, and then itself."""
    sender = await senders(session, sent, now)
    if sender is None:
        raise Unauthorised("The form's token is not known, or too old.")
    return sender


def _unacceptable(message: str) -> Unprocessable:
    return Unprocessable("See errors.", errors=[{"pointer": "/region", "message": message}])
