"""The routing service: python -m services.routing.main."""

from __future__ import annotations

from typing import Final

from chassis.app import create_app
from chassis.fast_path import App
from chassis.feeds import readable_counts
from chassis.keys import sealing_keys
from chassis.sealed_columns import on_broken_seal
from chassis.sealing import SealBroken
from chassis.serve import serve
from chassis.service import Operations, ServiceDefinition
from chassis.webhooks.api import webhook_router
from services.routing.answers.api import answering, bulk, reviews, templates
from services.routing.assignments.api import acts, queue, triage
from services.routing.handlers import handlers
from services.routing.incidents import api as incidents
from services.routing.known import api as known
from services.routing.learning import api as learning
from services.routing.placement import api as placement
from services.routing.reference.api import reference, rules, service_areas
from services.routing.resources import RoutingResources
from services.routing.settings import RoutingProcessSettings
from services.routing.tables import metadata, tables
from services.routing.webhooks import OFFER
from services.routing.workers import WORKERS
from services.routing.works import api as works

ROUTING: Final = ServiceDefinition(
    name="routing",
    routers=[
        queue.router,
        bulk.router,
        acts.router,
        triage.router,
        answering.router,
        reviews.router,
        reviews.reviews_router,
        templates.router,
        incidents.router,
        known.router,
        placement.router,
        learning.router,
        reference.router,
        rules.router,
        service_areas.router,
        works.router,
        webhook_router(OFFER),
    ],
    handlers=handlers,
    metadata=metadata,
    tables=tables,
    workers=WORKERS,
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


def main() -> None:
    """The process: serves until it is told to end. Its settings are those of the environment."""
    process_settings = RoutingProcessSettings()
    serve(create(process_settings), process_settings)


if __name__ == "__main__":
    main()
