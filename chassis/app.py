"""Puts a service together: routes, handlers, relay, consumers, health, metrics."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import Any

from chassis.background import background_tasks
from chassis.causes import know_disk
from chassis.fast_path import App
from chassis.health import technical_router
from chassis.keys import KeyProof, working_when_proven
from chassis.logs import configure_logging
from chassis.operations import operations_router
from chassis.problems import install_problem_handlers
from chassis.resources import give_resources
from chassis.security import show_roles
from chassis.service import ServiceDefinition, ServiceResources
from chassis.spans import export_spans, send_last_spans
from chassis.telemetry import RequestContext


def create_app(definition: ServiceDefinition, resources: ServiceResources[Any]) -> App:
    """The ASGI app of one service with everything that runs beside it."""
    settings = resources.settings
    configure_logging(definition.name, settings.log_level)
    export_spans(definition.name, settings.traces_url)
    app = App(
        fast_paths=definition.fast_paths,
        proof=KeyProof(definition.name, partial(definition.keys, settings)),
        most_bytes=settings.max_body_bytes,
        title=f"Otklik {definition.name}",
        version="1",
        lifespan=_lifespan(definition, resources),
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # a redirect would be built from whatever the caller calls our host
        max_body_size=settings.max_body_bytes,
        generate_unique_id_function=lambda route: f"{definition.name}_{route.name}",
        separate_input_output_schemas=False,
    )
    give_resources(app, resources)
    install_problem_handlers(app)
    for kind, handler in definition.exception_handlers.items():
        app.add_exception_handler(kind, handler)
    app.add_middleware(RequestContext)
    operations = operations_router(definition.name, definition.operations)
    for router in (*definition.routers, operations, technical_router(app.proof, resources)):
        app.include_router(router)
    show_roles(app)
    return app


def _lifespan(
    definition: ServiceDefinition, resources: ServiceResources[Any]
) -> Callable[[App], AbstractAsyncContextManager[None]]:
    settings = resources.settings

    @asynccontextmanager
    async def lifespan(app: App) -> AsyncIterator[None]:
        settings.require_keys()
        know_disk(settings.database_folder)
        await resources.prepare()
        if settings.role == "front":
            for name, wake_up in resources.wake_ups.items():
                wake_up.pass_on = partial(resources.broker.send_wake_up, name)
        resources.tasks = background_tasks(definition, resources)
        begun = resources.tasks if settings.background_tasks else ()
        async with working_when_proven(app.proof, resources.sessions, begun):
            yield
        await resources.close()
        await send_last_spans()

    return lifespan
