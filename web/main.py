"""The pages as a process: `python -m web.main`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.logs import configure_logging
from chassis.methods import UNROUTED, answer_unrouted
from chassis.serve import serve
from chassis.spans import export_spans, send_last_spans
from chassis.telemetry import RequestContext
from web import health, static_files
from web.administration import api as administration
from web.centre import api as centre
from web.centre.visits import ChooseRegion, ask_for_region
from web.citizen.api import ROUTERS as CITIZEN
from web.desk import api as workplace
from web.errors import install_error_pages
from web.origins import OwnForms
from web.people import api as people
from web.people import outside
from web.resources import WebResources, give_resources
from web.room import api as room
from web.settings import WebSettings
from web.timing import ServerTiming
from web.visits import Visit, keep_cookie

ROUTERS = (
    health.router,
    static_files.router,
    people.router,
    outside.router,
    workplace.router,
    centre.router,
    room.router,
    administration.router,
    *CITIZEN,
)


class PagesApp(FastAPI):
    """Answers HEAD as it would GET, and OPTIONS with the methods of a path."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] == "http" and scope["method"] in UNROUTED:
            await answer_unrouted(self.routes, super().__call__, scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


class Cookies:
    """ASGI middleware: writes the session's cookie where a request has changed it."""

    def __init__(self, app: ASGIApp, resources: WebResources) -> None:
        self.app = app
        self.resources = resources

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                visit: Visit | None = scope.get("otklik.visit")
                cookie = keep_cookie(self.resources, visit)
                if cookie is not None:
                    message["headers"] = [*message["headers"], (b"set-cookie", cookie.encode())]
            await send(message)

        await self.app(scope, receive, send_with_cookie)


def create(settings: WebSettings) -> FastAPI:
    """The ASGI app of the pages."""
    configure_logging("web", settings.log_level)
    export_spans("web", settings.traces_url)
    resources = WebResources(settings)
    app = PagesApp(
        title="Otklik pages",
        lifespan=_lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
    )
    give_resources(app, resources)
    install_error_pages(app)
    app.add_exception_handler(ChooseRegion, ask_for_region)
    app.add_middleware(OwnForms)
    app.add_middleware(Cookies, resources=resources)
    app.add_middleware(ServerTiming)
    app.add_middleware(RequestContext)
    for router in ROUTERS:
        app.include_router(router)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[Any]:
    yield
    await app.state.resources.close()
    await send_last_spans()


def main() -> None:
    """The process: serves until it is told to end. Its settings are those of the environment."""
    process_settings = WebSettings()
    serve(create(process_settings), process_settings)


if __name__ == "__main__":
    main()
