"""HTTP: all pages of an organisation's workplace."""

from __future__ import annotations

from fastapi import APIRouter

from web.desk import acts, appeal, incidents, queue, team, works

router = APIRouter()
for part in (queue, appeal, acts, team, incidents, works):
    router.include_router(part.router)
