"""What the pages share: made once from the settings."""

from __future__ import annotations

import secrets

from fastapi import FastAPI, Request

from web.cookies import CookieBox
from web.issuer import Issuer
from web.names import KnownNames
from web.pictures.borders import Borders
from web.platform.client import CALLER, Platform, open_connections
from web.rendering import Pages
from web.settings import WebSettings
from web.timing import timing_of


class WebResources:
    """Connections to the gateway, the box of cookies, the templates, borders of maps, names of people."""

    def __init__(self, settings: WebSettings) -> None:
        self.settings = settings
        self.cookies = CookieBox.of(settings.require_key(), settings.pages_over_tls)
        self.connections = open_connections(settings)
        self.pages = Pages(settings)
        self.borders = Borders(settings.borders_folder)
        self.names = KnownNames()
        self.issuer = Issuer(settings) if settings.has_outside_sign_in else None

    def platform_for(self, request: Request, token: str) -> Platform:
        """The platform asked for this request's caller, in the name of whose token it is."""
        caller = request.headers.get(CALLER, "")
        request_id = request.headers.get("x-request-id") or secrets.token_hex(12)
        return Platform(self.connections, token, caller, request_id, timing_of(request))

    async def close(self) -> None:
        """Let the connections go."""
        await self.connections.close()
        if self.issuer is not None:
            await self.issuer.close()


def give_resources(app: FastAPI, resources: WebResources) -> None:
    """To the requests of an application."""
    app.state.resources = resources


def resources_of(request: Request) -> WebResources:
    """Of the application that answers a request."""
    found = request.app.state.resources
    assert isinstance(found, WebResources)
    return found


def site_of(request: Request) -> str:
    """As the visitor's browser calls us, without a slash at the end."""
    settings = resources_of(request).settings
    scheme = "https" if settings.pages_over_tls else "http"
    return settings.public_url.rstrip("/") or f"{scheme}://{request.headers.get('host', '')}"
