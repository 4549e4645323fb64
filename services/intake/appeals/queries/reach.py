"""Whose appeals a query reaches: pieces of SQL with their parameters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chassis.security import Principal


def within_regions(regions: Sequence[str]) -> tuple[str, dict[str, Any]]:
    """SQL over `a` (appeal), and its parameters. One region is an equality: then the index gives the order of a list."""
    if len(regions) == 1:
        return "a.region = :region", {"region": regions[0]}
    return "a.region = ANY(:regions)", {"regions": list(regions)}


def visible_to(principal: Principal) -> tuple[str, dict[str, Any]]:
    """SQL over `a` (appeal), and its parameters: whose appeals a principal may see inside its regions."""
    if principal.role == "portal":
        return "a.client_id = :own_client", {"own_client": principal.client_id}
    if principal.role == "agency":
        held = (
            "EXISTS (SELECT FROM intake.appeal_holder h WHERE h.region = a.region "
            "AND h.organisation_id = :own_organisation AND h.appeal_id = a.id AND h.active)"
        )
        return held, {"own_organisation": principal.organisation}
    return "true", {}
