"""Who works at the centre, and in which region."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Any, Final

from fastapi import Depends, Request
from fastapi.responses import Response

from contracts.territories import REGIONS
from web.errors import NoSuchPage
from web.partial import ask_for_whole_page
from web.persons import Person
from web.platform.client import Platform
from web.resources import resources_of
from web.visits import SignedInVisit, require_role

REGION_COOKIE: Final = "otklik-centre"


class ChooseRegion(Exception):
    """The person works in several regions and has not chosen one now."""


@dataclass(frozen=True, slots=True)
class CentreVisit:
    """A coordinator at work. `region`: whose lists are shown, or for which the form was shown that is sent."""

    person: Person
    platform: Platform
    region: str

    def within(self, region: str) -> CentreVisit:
        """The same in another region; NoSuchPage where the person does not work there."""
        if region not in regions_of(self.person):
            raise NoSuchPage
        return replace(self, region=region)


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
    meant = await _region_of_form(request)
    if meant:
        return CentreVisit(who.person, who.platform, "").within(meant)
    return CentreVisit(who.person, who.platform, _find_region(request, who.person))


async def _region_of_form(request: Request) -> str:
    """What the form was shown for: another may have been chosen meanwhile in another tab."""
    if request.method in ("GET", "HEAD"):
        return ""
    sent = (await request.form()).get("region", "")
    return sent if isinstance(sent, str) else ""


AtTheCentre = Annotated[CentreVisit, Depends(_enter)]


async def ask_for_region(request: Request, _: Exception) -> Response:
    """In the place of a page that needs a region."""
    stored: Any = request.scope["otklik.visit"].stored
    answer = resources_of(request).pages.page(
        request, "centre/region.html", regions=regions_of(stored.person), wanted=request.url.path
    )
    return ask_for_whole_page(request, answer)
