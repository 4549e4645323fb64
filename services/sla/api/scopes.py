"""Which regions and which organisation a request is about."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from chassis.problems import Forbidden
from chassis.security import Principal


def regions_of(principal: Principal, region: str | None) -> Sequence[str] | None:
    """The regions to look in; None: all. 403 for one out of reach."""
    if region is not None:
        principal.require_region(region)
        return [region]
    return principal.region_list()


def organisation_of(principal: Principal, organisation: UUID | None) -> UUID | None:
    """An agency sees its own organisation's only; 403 when it asks for another."""
    if principal.role != "agency":
        return organisation
    if organisation not in (None, principal.organisation):
        raise Forbidden("These are another organisation's deadlines.")
    return principal.organisation
