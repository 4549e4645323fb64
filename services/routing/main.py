"""The routing service: python -m services.routing.main."""

from __future__ import annotations

import asyncio
from functools import partial

from fastapi import FastAPI

from chassis.app import create_app
from chassis.feeds import readable_counts
from chassis.keys import sealing_keys
from chassis.sealed_columns import on_broken_seal, seal_old_for_ever
from chassis.sealing import SealBroken
from chassis.serve import serve
from services.routing.api import answers, assignments, classification, queue, reference, rules, triage
from services.routing.classifier.model import load_model
from services.routing.handlers import handlers
from services.routing.handlers.undoing import remove_for_ever
from services.routing.tables import metadata, tables
from services.routing.reference.queries.cache import Desk
from services.routing.tables import SEALED
from services.routing.settings import RoutingProcessSettings

settings = RoutingProcessSettings()


async def prepare(app: FastAPI) -> None:
    """Load the model; give every session the desk and the seals."""
    model = await asyncio.to_thread(load_model, settings.classifier_model or None)
    await asyncio.to_thread(
        model.predict, ["Проверка"]
    )  # dictionaries are loaded before the first appeal comes
    app.state.desk = Desk(model)
    for sessions in (app.state.sessions, app.state.reading_sessions):
        sessions.configure(info={"desk": app.state.desk, "seals": settings.seals()})


app = create_app(
    settings,
    service="routing",
    routers=[
        queue.router,
        assignments.router,
        triage.router,
        answers.router,
        classification.router,
        reference.router,
        rules.router,
    ],
    handlers=handlers,
    metadata=metadata,
    tables=tables,
    tasks=[("sealing", partial(seal_old_for_ever, SEALED)), ("undoing", remove_for_ever)],
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
