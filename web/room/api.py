"""HTTP: the routes of the room, the fixed paths before those with an id."""

from __future__ import annotations

from fastapi import APIRouter

from web.room import acting, appeals, living, screens

router = APIRouter()
for part in (living.router, screens.router, appeals.router, acting.router):
    router.include_router(part)
