"""Which organisation a request is about."""

from __future__ import annotations

from uuid import UUID

from chassis.principals import Principal
from chassis.problems import Forbidden


def organisation_of(principal: Principal, organisation: UUID | None) -> UUID | None:
    """An agency sees its own organisation's only; 403 when it asks for another."""
    if principal.role != "agency":
        return organisation
    if organisation not in (None, principal.organisation):
        raise Forbidden("These are another organisation's deadlines.")
    return principal.organisation
