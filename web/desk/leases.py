"""The proof that an assignment is reserved, kept by the browser for the pages of that assignment alone."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from web.resources import resources_of

_NAME: Final = "lease"


def path_of(assignment_id: UUID) -> str:
    """Of an assignment's page."""
    return f"/desk/a/{assignment_id}"


def lease_of(request: Request) -> dict[str, str]:
    """What an act on the assignment is sent with; nothing where nothing is reserved."""
    token = request.cookies.get(_NAME, "")
    return {"lease_token": token} if token else {}


def keep_lease(
    request: Request, answer: Response, assignment_id: UUID, token: str, until: datetime | None, now: datetime
) -> None:
    """Until it runs out: from then on acts are sent without it, which is good as long as nobody else has reserved it."""
    answer.set_cookie(
        _NAME,
        token,
        max_age=max(1, int((until - now).total_seconds())) if until else None,
        path=path_of(assignment_id),
        secure=resources_of(request).settings.pages_over_tls,
        httponly=True,
        samesite="strict",
    )


def drop_lease(request: Request, answer: Response, assignment_id: UUID) -> None:
    """It is over."""
    if _NAME in request.cookies:
        answer.delete_cookie(_NAME, path=path_of(assignment_id))
