"""Which region settings are about: the one that was chosen, or the only one the administrator has."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from contracts.territories import REGIONS
from web.visits import SignedInVisit, require_role

Admin = Annotated[SignedInVisit, require_role("admin")]


def chosen_region(request: Request, who: Admin) -> str:
    """Two digits; empty where several are possible and none is chosen yet."""
    asked = request.query_params.get("region", "")
    if asked in REGIONS:
        return asked
    return who.person.region


def regions_of(who: SignedInVisit) -> list[tuple[str, str]]:
    """Code and name of every region this administrator may set, by name."""
    wanted = REGIONS.keys() if "*" in who.person.regions else who.person.regions
    return sorted(
        ((code, REGIONS[code].name) for code in wanted if code in REGIONS), key=lambda pair: pair[1]
    )


Region = Annotated[str, Depends(chosen_region)]
