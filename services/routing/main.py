"""The routing service: python -m services.routing.main."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Final

from fastapi import FastAPI

from chassis.app import create_app
from chassis.db import open_work
from chassis.feeds import readable_counts
from chassis.keys import sealing_keys
from chassis.sealed_columns import on_broken_seal, seal_old_for_ever
from chassis.sealing import SealBroken
from chassis.serve import serve
from chassis.tasks import turned
from services.routing.assignments.api import acts, queue, triage
from services.routing.classifier.model import load_model
from services.routing.handlers import handlers
from services.routing.placement import api as placement
from services.routing.placement.actions.undoing import remove_some
from services.routing.reference import api as reference
from services.routing.reference.queries.cache import RoutingContext
from services.routing.settings import RoutingProcessSettings
from services.routing.tables import metadata, tables
from services.routing.tables.assignments import SEALED

_POLL_SECONDS: Final = 1.0
settings = RoutingProcessSettings()


async def prepare(app: FastAPI) -> None:
    """Load the model; give every session its context and the seals."""
    model = await asyncio.to_thread(load_model, settings.classifier_model or None)
    await asyncio.to_thread(
        model.predict, ["Проверка"]
    )  # dictionaries are loaded before the first appeal comes
    app.state.context = RoutingContext(model)
    for sessions in (app.state.sessions, app.state.reading_sessions):
        sessions.configure(info={"routing": app.state.context, "seals": settings.seals()})


async def run_undoing(app: FastAPI) -> None:
    """Imports that are taken back go a chunk a transaction: on where it was after whatever has ended the process."""
    while True:
        async with app.state.sessions.begin() as session:
            await open_work(session)
            removed = await remove_some(session)
        turned()
        await asyncio.sleep(0 if removed else _POLL_SECONDS)


app = create_app(
    settings,
    service="routing",
    routers=[
        queue.router,
        acts.router,
        triage.router,
        acts.answers,
        placement.router,
        reference.router,
        reference.rules,
    ],
    handlers=handlers,
    metadata=metadata,
    tables=tables,
    tasks=[("sealing", partial(seal_old_for_ever, SEALED)), ("undoing", run_undoing)],
    start=prepare,
    keys=partial(sealing_keys, settings),
    counts={
        **readable_counts("routing", "queue_change"),
        "appeals": "SELECT count(routed_at) FROM routing.routed_appeal",
        "assignments": "SELECT count(*) FROM routing.assignment",
        "assigned": "SELECT count(*) FROM routing.assignment WHERE organisation_id IS NOT NULL",
        "triage": "SELECT count(*) FROM routing.assignment WHERE organisation_id IS NULL",
    },
)

app.add_exception_handler(SealBroken, on_broken_seal)

if __name__ == "__main__":
    serve(app, settings)
