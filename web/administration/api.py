"""HTTP of all settings."""

from __future__ import annotations

from fastapi import APIRouter

from web.administration import clients, deadlines, operations, people, reference, templates

router = APIRouter()
for part in (operations, people, clients, reference, deadlines, templates):
    router.include_router(part.router)
