"""Whose appeals a query reaches: pieces of SQL with their parameters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chassis.security import Principal

# An appeal by its tracking code's hash, locked or not by what the caller adds.
BY_CODE = (
    "SELECT a.*, o.key_id, o.sealed FROM intake.register r "
    "JOIN intake.appeal a ON a.region = r.region AND a.id = r.appeal_id "
    "JOIN intake.original o ON o.region = r.region AND o.appeal_id = r.appeal_id "
    "WHERE r.tracking_hash = :tracking_hash"
)


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
