"""Whose appeals a query reaches: pieces of SQL with their parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from chassis.principals import Principal

_HELD = (
    "EXISTS (SELECT FROM intake.appeal_holder h WHERE h.region = a.region "
    "AND h.organisation_id = :own_organisation AND h.appeal_id = a.id AND h.active)"
)


@dataclass(frozen=True, slots=True)
class Condition:
    """SQL over `a` (appeal), and its parameters."""

    sql: str
    parameters: Mapping[str, object] = field(default_factory=dict)


def within_regions(regions: Sequence[str]) -> Condition:
    """One region is an equality: then the index gives the order of a list."""
    if len(regions) == 1:
        return Condition("a.region = :region", {"region": regions[0]})
    return Condition("a.region = ANY(:regions)", {"regions": list(regions)})


def visible_to(principal: Principal) -> Condition:
    """Whose appeals a principal may see inside its regions."""
    match principal.role:
        case "portal":
            return Condition("a.client_id = :own_client", {"own_client": principal.client_id})
        case "agency":
            return Condition(_HELD, {"own_organisation": principal.organisation})
        case _:
            return Condition("true")
