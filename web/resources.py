"""What the pages share: made once from the settings."""

from __future__ import annotations

import secrets

import httpx2
from fastapi import FastAPI, Request

from web.cookies import CookieBox
from web.platform.client import CALLER, Platform, open_connections
from web.rendering import Pages
from web.settings import WebSettings


class WebResources:
    """Connections to the gateway, the box of cookies, the templates."""

    def __init__(self, settings: WebSettings) -> None:
        self.settings = settings
        self.cookies = CookieBox.of(settings.require_key(), settings.pages_over_tls)
        self.connections: httpx2.AsyncClient = open_connections(settings)
        self.pages = Pages(settings)

    def platform_for(self, request: Request, token: str) -> Platform:
        """The platform asked for this request's caller, in the name of whose token it is."""
        caller = request.headers.get(CALLER, "")
        request_id = request.headers.get("x-request-id") or secrets.token_hex(12)
        return Platform(self.connections, token, caller, request_id)

    async def close(self) -> None:
        """Let the connections go."""
        await self.connections.aclose()


def give_resources(app: FastAPI, resources: WebResources) -> None:
    """To the requests of an application."""
    app.state.resources = resources


def resources_of(request: Request) -> WebResources:
    """Of the application that answers a request."""
    found = request.app.state.resources
    assert isinstance(found, WebResources)
    return found
