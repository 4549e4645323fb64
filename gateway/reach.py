"""What an admin may manage: clients and people of regions that are the admin's own."""

from __future__ import annotations

from collections.abc import Iterable

from chassis.principals import Principal
from chassis.problems import Forbidden


def has_reach(principal: Principal, regions: Iterable[str]) -> bool:
    """Whether all regions are the admin's own. `*` is within the reach of an admin of all only."""
    return principal.is_everywhere or set(regions) <= set(principal.regions_within())


def require_reach(principal: Principal, regions: Iterable[str]) -> None:
    """403 unless all regions are the admin's own: nobody grants or takes what they do not have."""
    if not has_reach(principal, regions):
        raise Forbidden("You may manage those of your own regions only.")
