"""HTTP: what is looked at in the room."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import RedirectResponse, Response
from markupsafe import Markup

from chassis.moments import utc_now
from contracts.territories import REGIONS
from web.errors import NoSuchPage
from web.names import name_people
from web.pictures.cells import draw_cells
from web.pictures.funnels import draw_interval
from web.pictures.lines import draw_lines
from web.pictures.tiles import Tile, draw_tiles
from web.resources import resources_of
from web.room import words
from web.room.asking import Screen, ask_appeals, ask_country, ask_screen, region_for
from web.room.places import Place, outlines_of, places_of, spots_of
from web.room.rules import (
    PERIODS,
    Subject,
    headlines,
    points_ahead,
    points_of_decision,
    points_of_problem,
    show_hours,
    warnings,
)
from web.room.views.appeals import CountedPage
from web.room.views.decisions import DecisionDetail
from web.room.views.problems import ProblemDetails
from web.room.views.situation import Late
from web.room.visitors import DECIDE, RoomVisit
from web.words import number, share

router = APIRouter()
MEASURES: Final = {
    "received": "Поступило",
    "backlog": "Ещё в работе",
    "breached_open": "Просрочено и ещё в работе",
    "in_time_share": "Ответ в срок",
    "median_hours_to_answer": "Половина ответов за",
    "satisfaction": "Оценка граждан",
}


def read_subject(
    who: RoomVisit,
    region: Annotated[str, Query(max_length=2)] = "",
    municipality: Annotated[str, Query(pattern=r"^([0-9]{8}([0-9]{3})?)?$")] = "",
    organisation: UUID | None = None,
    topic: Annotated[str, Query(max_length=100)] = "",
    days: int = 30,
) -> Subject:
    """What a screen is about; a region that is not the person's is a page that there is not."""
    period = days if days in PERIODS else 30
    found = region_for(who.person, region)
    return Subject(found, municipality, str(organisation) if organisation else "", topic, period)


Asked = Annotated[Subject, Depends(read_subject)]


@router.get("/room")
async def open_room(request: Request, who: RoomVisit, subject: Asked) -> Response:
    """A region, a municipality or an organisation at one glance; who has all regions begins with the country."""
    if not subject.region:
        return RedirectResponse("/room/country", 303)
    screen = await ask_screen(who.platform, subject)
    return _show(request, "room/region.html", screen)


@router.get("/room/live")
async def refresh_room(request: Request, who: RoomVisit, subject: Asked) -> Response:
    """The same without its frame, for a page that is open."""
    if not subject.region:
        raise NoSuchPage
    return _show(request, "room/live.html", await ask_screen(who.platform, subject))


@router.get("/room/wall")
async def open_wall(request: Request, who: RoomVisit, subject: Asked) -> Response:
    """For a screen on the wall: dark, large, without a menu."""
    if not subject.region:
        return RedirectResponse("/room/country", 303)
    return _show(request, "room/wall.html", await ask_screen(who.platform, subject))


def _show(request: Request, template: str, screen: Screen) -> Response:
    situation, subject = screen.situation, screen.subject
    ahead = points_ahead(situation)
    places = places_of(screen.heatmap, screen.settlements, subject)
    return resources_of(request).pages.page(
        request,
        template,
        subject=subject,
        situation=situation,
        screen=screen,
        periods=PERIODS,
        region_name=REGIONS[subject.region].name,
        headlines=headlines(situation),
        ahead=ahead,
        ahead_picture=draw_lines(ahead, "Поступление обращений по дням и прогноз на неделю"),
        warnings=warnings(situation),
        map_picture=_draw_map(request, screen, places),
        map_credit=resources_of(request).settings.tile_credit,
        places=places,
        interval=_interval,
        words=words.PHRASES,
        key=secrets.token_urlsafe(12),
    )


def _draw_map(request: Request, screen: Screen, places: Sequence[Place]) -> Markup:
    resources = resources_of(request)
    outlines = outlines_of(resources.borders.of(screen.subject.region), screen.subject)
    cells = [each.cell for each in places]
    spots = spots_of(screen.settlements)
    return draw_cells(cells, "Карта обращений", spots, outlines, resources.settings.tile_url)


def _interval(late: Late) -> object:
    if late.in_time_share is None or late.expected is None or late.low is None or late.high is None:
        return ""
    return draw_interval(late.in_time_share, late.expected, late.low, late.high, "Ответ в срок")


@router.get("/room/country")
async def open_country(
    request: Request, who: RoomVisit, metric: str = "received", days: int = 30
) -> Response:
    """All subjects as equal tiles by one measure."""
    metric = metric if metric in MEASURES else "received"
    days = days if days in PERIODS else 30
    if "*" not in who.person.regions and len(who.person.regions) == 1:
        return RedirectResponse("/room", 303)
    country = await ask_country(who.platform, metric, days)
    tiles = [
        Tile(
            each.key, each.value, _shown(metric, each.value), f"/room?{Subject(each.key, days=days).query()}"
        )
        for each in country.regions.items
        if each.key is not None and each.key in REGIONS and each.value is not None
    ]
    return resources_of(request).pages.page(
        request,
        "room/country.html",
        metric=metric,
        measures=MEASURES,
        days=days,
        periods=PERIODS,
        regions=REGIONS,
        country=country,
        tiles=tiles,
        picture=draw_tiles(tiles, MEASURES[metric]),
        shown=lambda value: _shown(metric, value),
        words=words.PHRASES,
    )


def _shown(metric: str, value: float | None) -> str:
    if metric.endswith("_share"):
        return share(value)
    if metric.startswith("median_hours"):
        return show_hours(value)
    return number(value, 1 if metric == "satisfaction" else 0)


@router.get("/room/appeals")
async def list_appeals(
    request: Request,
    who: RoomVisit,
    subject: Asked,
    metric: str = "received",
    cell: Annotated[str, Query(pattern=r"^([0-9a-f]{15})?$")] = "",
    cursor: Annotated[str, Query(max_length=2000)] = "",
) -> Response:
    """The appeals behind a figure, as many as it says, or behind a cell of the map."""
    metric = metric if metric in MEASURES else "received"
    page = await ask_appeals(who.platform, subject, metric, cell, cursor)
    return resources_of(request).pages.page(
        request,
        "room/appeals.html",
        subject=subject,
        metric=metric,
        cell=cell,
        title=f"{MEASURES[metric]} – место на карте" if cell else MEASURES[metric],
        page=page,
        page_now=utc_now(),
        region_name=REGIONS[subject.region].name if subject.region else "Все регионы",
    )


@router.get("/room/problems/{problem_id}")
async def open_problem(request: Request, who: RoomVisit, problem_id: UUID) -> Response:
    """One problem: why it is one, its days, its appeals, and what can be done."""
    return await show_problem(request, who, problem_id)


async def show_problem(
    request: Request, who: RoomVisit, problem_id: UUID, fault: str = "", status: int = 200, reason: str = ""
) -> Response:
    """Its page; `fault`: why the last act was not done, `reason`: what had been written for it."""
    path = f"/analytics/problems/{problem_id}"
    problem, appeals = await asyncio.gather(
        who.platform.read(ProblemDetails, path),
        who.platform.read(CountedPage, f"{path}/appeals", {"limit": 50}),
    )
    people = await name_people(
        resources_of(request).names, who.platform, who.person, (each.person for each in problem.history)
    )
    points = points_of_problem(problem)
    return resources_of(request).pages.page(
        request,
        "room/problem.html",
        status,
        problem=problem,
        appeals=appeals,
        page_now=utc_now(),
        people=people,
        points=points,
        picture=draw_lines(points, words.name_problem(problem)) if points else "",
        may_act=may_act(who),
        words=words.PHRASES,
        fault=fault,
        reason=reason,
        key=secrets.token_urlsafe(12),
        region_name=REGIONS[problem.region].name,
    )


@router.get("/room/decisions/{decision_id}")
async def open_decision(request: Request, who: RoomVisit, decision_id: UUID) -> Response:
    """One decision and what it changed."""
    return await show_decision(request, who, decision_id)


async def show_decision(
    request: Request, who: RoomVisit, decision_id: UUID, fault: str = "", status: int = 200
) -> Response:
    """Its page; `fault`: why the last act was not done."""
    decision = await who.platform.read(DecisionDetail, f"/analytics/decisions/{decision_id}")
    points = points_of_decision(decision)
    return resources_of(request).pages.page(
        request,
        "room/decision.html",
        status,
        decision=decision,
        points=points,
        picture=draw_lines(points, "По неделям: что было и чего ожидали без решения") if points else "",
        may_act=may_act(who),
        words=words.PHRASES,
        fault=fault,
        measure=MEASURES.get(decision.metric, decision.metric),
        region_name=REGIONS[decision.region].name,
    )


def may_act(who: RoomVisit) -> bool:
    """Whether this person decides about problems."""
    return who.person.role in DECIDE
