"""HTTP of the centre's pages, by what is worked on."""

from __future__ import annotations

from fastapi import APIRouter

from web.centre.api import (
    appeals,
    assignments,
    audits,
    deadlines,
    entering,
    incidents,
    moderation,
    overview,
    reviews,
    searching,
    works,
)

router = APIRouter()
for _part in (
    overview,
    assignments,
    appeals,
    reviews,
    moderation,
    incidents,
    works,
    deadlines,
    audits,
    searching,
    entering,
):
    router.include_router(_part.router)
