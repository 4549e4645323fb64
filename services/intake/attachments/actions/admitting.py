"""Who sends a file: a client with a token, or a citizen's browser through the form of a widget."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from uuid import UUID

from fastapi import Request

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


async def admit_form(request: Request, form_token: str) -> Sender:
    """The sender behind the token of a widget's form; 401 for one that was not given out. Here widgets are plugged in: as long as
    there are none, no token was."""
    del request, form_token
    raise Unauthorised("The form's token is not known.")


def _unacceptable(message: str) -> Unprocessable:
    return Unprocessable("See errors.", errors=[{"pointer": "/region", "message": message}])
