"""What helps while somebody writes, asked by the page's script; the form works without it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request, UploadFile
from fastapi.responses import JSONResponse, Response

from web.citizen.api.reporting import upload
from web.citizen.rules.forms import announced, faults_of, place_in
from web.citizen.views import DraftTopics, KnownThings
from web.platform.client import Platform
from web.platform.problems import PlatformProblem
from web.resources import resources_of
from web.visits import Anybody

router = APIRouter(prefix="/report")
_FEWEST_LETTERS = 10
_MOST_LETTERS = 2000
Field = Annotated[str, Form()]


@dataclass(frozen=True, slots=True)
class _Near:
    """Where somebody writes from, and what about. `topic`: chosen, or the likeliest; empty where nothing is known of it."""

    region: str
    address: str
    point: Mapping[str, float]
    topic: str


@router.post("/hints")
async def show_hints(
    request: Request,
    platform: Anybody,
    region: Field = "",
    text: Field = "",
    address: Field = "",
    lat: Field = "",
    lon: Field = "",
    topic: Field = "",
) -> Response:
    """A piece of page: a danger, topics to choose from, what is known already near by."""
    topics = await _find_topics(platform, region, text.strip())
    guessed = topics.items[0].code if topics.items else ""
    near = _Near(region, address.strip()[:500], place_in({"lat": lat, "lon": lon}) or {}, topic or guessed)
    known = await _find_known(platform, near)
    return resources_of(request).pages.page(
        request,
        "citizen/hints.html",
        topics=topics.items,
        danger=topics.danger,
        chosen=topic,
        known=[(each, announced(each.notice)) for each in known.items[:3]],
        region=region,
    )


async def _find_topics(platform: Platform, region: str, text: str) -> DraftTopics:
    """None for a draft that says nothing yet; a help that is not there is missed by nobody."""
    if len(text) < _FEWEST_LETTERS:
        return DraftTopics(items=[], danger=False)
    try:
        return await platform.send(
            DraftTopics, "/known/topics", {"region": region, "text": text[:_MOST_LETTERS]}
        )
    except PlatformProblem:
        return DraftTopics(items=[], danger=False)


async def _find_known(platform: Platform, near: _Near) -> KnownThings:
    """Only near a place: what is known elsewhere in a region helps nobody."""
    if not near.address and not near.point:
        return KnownThings(items=[])
    query: dict[str, str | float] = {"region": near.region, "address": near.address, "topic": near.topic}
    try:
        return await platform.read(KnownThings, "/known", {**query, **near.point})
    except PlatformProblem:
        return KnownThings(items=[])


@router.post("/enough/{known_id}")
async def count_enough(platform: Anybody, known_id: UUID) -> Response:
    """Somebody saw what is known and does not write."""
    await platform.do(f"/known/{known_id}/enough", {})
    return Response(status_code=204)


@router.post("/files")
async def take_file(platform: Anybody, photo: UploadFile, form_token: Field = "") -> Response:
    """One file as soon as it is chosen; its id, or what is wrong with it."""
    try:
        stored = await upload(platform, form_token, photo)
    except PlatformProblem as problem:
        words = next(iter(faults_of(problem).values()))
        return JSONResponse({"fault": words}, problem.status)
    return JSONResponse({"id": str(stored)}, 201)
