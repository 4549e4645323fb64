"""The gateway as a process: `python -m gateway.main`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from chassis.causes import know_disk
from chassis.keys import working_when_proven
from chassis.logs import configure_logging
from chassis.methods import UNROUTED, answer_unrouted
from chassis.problems import install_problem_handlers
from chassis.resources import give_resources
from chassis.security import show_roles
from chassis.serve import serve
from chassis.spans import export_spans, send_last_spans
from chassis.telemetry import RequestContext
from chassis.unpacking import unmarked
from gateway import health, metrics, pages
from gateway.clients import api as clients_api
from gateway.operations import api as operations_api
from gateway.people.api import ROUTERS as PEOPLE_ROUTERS
from gateway.resources import GatewayResources
from gateway.settings import GatewaySettings
from gateway.tokens import api as tokens_api
from gateway.workers import prepare_if_possible, tasks_of

ROUTERS = (
    tokens_api.router,
    tokens_api.keys_router,
    clients_api.router,
    *PEOPLE_ROUTERS,
    operations_api.router,
    health.router,
    metrics.router,
    pages.router,
)


class Gateway(FastAPI):
    """The gateway's own routes; every request comes in by the frontend, and most leave it for a service."""

    def __init__(self, settings: GatewaySettings) -> None:
        super().__init__(
            title="Otklik gateway",
            version="1",
            lifespan=_lifespan,
            docs_url=None,
            redoc_url=None,
            redirect_slashes=False,
            openapi_url=None,
            max_body_size=settings.max_body_bytes,
            generate_unique_id_function=lambda route: f"gateway_{route.name}",
            separate_input_output_schemas=False,
        )
        self.resources = GatewayResources(settings, lambda: self.openapi())
        self.resources.tasks = tasks_of(self.resources)
        self.proof = self.resources.proof

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
        elif self.proof.refuses(scope):
            await self.proof.refuse(scope, receive, send)
        else:
            await self.resources.frontend.serve(scope, receive, send, self._answer)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] in UNROUTED:
            await answer_unrouted(self.routes, super().__call__, scope, receive, send)
        else:
            await super().__call__(scope, unmarked(scope, receive), send)


def create(settings: GatewaySettings) -> Gateway:
    """The ASGI app with everything that runs beside it."""
    configure_logging("gateway", settings.log_level)
    export_spans("gateway", settings.traces_url)
    app = Gateway(settings)
    give_resources(app, app.resources)
    install_problem_handlers(app)
    app.add_middleware(RequestContext)
    for router in ROUTERS:
        app.include_router(router)
    show_roles(app)
    return app


@asynccontextmanager
async def _lifespan(app: Gateway) -> AsyncIterator[None]:
    resources = app.resources
    settings = resources.settings
    settings.require_keys()
    know_disk(settings.database_folder)
    begun = resources.tasks if settings.background_tasks else ()
    prepare = partial(prepare_if_possible, resources)
    async with working_when_proven(resources.proof, resources.sessions, begun, prepare):
        yield
    await resources.close()
    await send_last_spans()


def main() -> None:
    """The process: serves until it is told to end. Its settings are those of the environment."""
    process_settings = GatewaySettings()
    gateway = create(process_settings)
    more = (process_settings.internal_listen, process_settings.metrics_listen)
    serve(gateway, process_settings, *more, limits=process_settings.limits)


if __name__ == "__main__":
    main()
