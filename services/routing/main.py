"""The routing service: python -m services.routing.main."""

from __future__ import annotations

from typing import Final

from chassis.app import create_app
from chassis.fast_path import App
from chassis.feeds import readable_counts
from chassis.keys import sealing_keys
from chassis.sealed_columns import on_broken_seal, sealing
from chassis.sealing import SealBroken
from chassis.serve import serve
from chassis.service import Operations, ServiceDefinition
from chassis.workers import Worker
from services.routing.api import answers, assignments, classification, queue, reference, rules, triage
from services.routing.handlers import handlers
from services.routing.handlers.undoing import remove_imports
from services.routing.models import metadata, tables
from services.routing.models.tables import SEALED
from services.routing.resources import RoutingResources
from services.routing.settings import RoutingProcessSettings

ROUTING: Final = ServiceDefinition(
    name="routing",
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
    workers=[sealing(*SEALED), Worker("undoing", remove_imports)],
    keys=sealing_keys,
    operations=Operations(
        counts={
            **readable_counts("routing", "queue_change"),
            "appeals": "SELECT count(routed_at) FROM routing.routed_appeal",
            "assignments": "SELECT count(*) FROM routing.assignment",
            "assigned": "SELECT count(*) FROM routing.assignment WHERE organisation_id IS NOT NULL",
            "triage": "SELECT count(*) FROM routing.assignment WHERE organisation_id IS NULL",
        }
    ),
    exception_handlers={SealBroken: on_broken_seal},
)


def create(settings: RoutingProcessSettings) -> App:
    """The service with these settings."""
    return create_app(ROUTING, RoutingResources(settings, ROUTING))


if __name__ == "__main__":
    process_settings = RoutingProcessSettings()
    serve(create(process_settings), process_settings)
