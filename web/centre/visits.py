"""Who works at the centre, and in which region."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import Depends, Request
from fastapi.responses import Response

from contracts.territories import REGIONS
from web.persons import Person
from web.platform.client import Platform
from web.resources import resources_of
from web.visits import SignedInVisit, require_role

REGION_COOKIE: Final = "otklik-centre"


class ChooseRegion(Exception):
    """The person works in several regions and has not chosen one now."""


@dataclass(frozen=True, slots=True)
class CentreVisit:
    """A coordinator at work. `region`: whose lists are shown."""

    person: Person
    platform: Platform
    region: str


def regions_of(person: Person) -> dict[str, str]:
    """Regions the person may work in, code and name."""
    every = "*" in person.regions
    return {code: region.name for code, region in REGIONS.items() if every or code in person.regions}


def _find_region(request: Request, person: Person) -> str:
    if person.region:
        return person.region
    chosen = request.cookies.get(REGION_COOKIE, "")
    if chosen not in regions_of(person):
        raise ChooseRegion
    return chosen


async def _enter(
    request: Request, who: Annotated[SignedInVisit, require_role("coordinator", "admin")]
) -> CentreVisit:
    return CentreVisit(who.person, who.platform, _find_region(request, who.person))


AtTheCentre = Annotated[CentreVisit, Depends(_enter)]


async def ask_for_region(request: Request, _: Exception) -> Response:
    """In the place of a page that needs a region."""
    stored: Any = request.scope["otklik.visit"].stored
    return resources_of(request).pages.page(
        request, "centre/region.html", regions=regions_of(stored.person), wanted=request.url.path
    )
