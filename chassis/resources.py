"""What the requests of one process need of it; the one thing that stands in an application's state."""

from __future__ import annotations

from typing import TypeVar

from fastapi import FastAPI, Request
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from chassis.cursors import Cursors
from chassis.tokens import TokenVerifier

Sessions = async_sessionmaker[AsyncSession]


class Resources:
    """Of every process that answers requests. `has_row_security`: whether its database wants to be told whose rows a
    request may see; `only_warns`: unknown fields and parameters are reported instead of refused."""

    def __init__(
        self,
        service: str,
        *,
        verifier: TokenVerifier,
        cursors: Cursors,
        hash_key: str,
        sessions: Sessions,
        reading_sessions: Sessions,
        has_row_security: bool = True,
        only_warns: bool = False,
    ) -> None:
        self.service = service
        self.verifier = verifier
        self.cursors = cursors
        self.hash_key = hash_key
        self.sessions = sessions
        self.reading_sessions = reading_sessions
        self.has_row_security = has_row_security
        self.only_warns = only_warns


R = TypeVar("R", bound=Resources)


def give_resources(app: FastAPI, resources: Resources) -> None:
    """To the requests of an application."""
    app.state.resources = resources


def resources_of(request: Request) -> Resources:
    """Of the application that answers a request."""
    return resources_in(request.app, Resources)


def resources_in(app: FastAPI, kind: type[R]) -> R:
    """The resources of an application, as the kind that its service has."""
    found = app.state.resources
    assert isinstance(found, kind)
    return found
