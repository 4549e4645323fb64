"""The intake service: python -m services.intake.main."""

from __future__ import annotations

from typing import Final

from chassis.app import create_app
from chassis.fast_path import App
from chassis.feeds import readable_counts
from chassis.sealing import SealBroken
from chassis.serve import serve
from chassis.service import Operations, ServiceDefinition, SetAside
from chassis.webhooks.api import webhook_router
from services.intake.announcement.actions import COUNT_SET_ASIDE, NEWEST_SET_ASIDE
from services.intake.appeals import api as appeals
from services.intake.attachments.api import files, uploads
from services.intake.channels.api import connections as channel_connections
from services.intake.channels.api import webhooks
from services.intake.handlers import handlers
from services.intake.migration import api as migration
from services.intake.moderation import api as moderation
from services.intake.open311.api import definitions, georeport
from services.intake.originals import api as originals
from services.intake.originals.actions.opening import on_broken_seal
from services.intake.proofs import intake_keys
from services.intake.receptions import api as receptions
from services.intake.regions import api as regions
from services.intake.registration.api import batches, submissions
from services.intake.resources import IntakeResources
from services.intake.settings import IntakeSettings
from services.intake.tables import metadata, tables
from services.intake.tracking import api as tracking
from services.intake.webhooks import OFFER
from services.intake.widget.api import forms, widgets
from services.intake.workers import WORKERS, retry_set_aside

INTAKE: Final = ServiceDefinition(
    name="intake",
    routers=[
        submissions.router,
        batches.router,
        migration.router,
        appeals.router,
        originals.router,
        tracking.router,
        moderation.router,
        regions.router,
        definitions.router,
        georeport.router,
        widgets.router,
        forms.router,
        receptions.router,
        uploads.router,
        files.router,
        channel_connections.router,
        webhooks.router,
        webhook_router(OFFER),
    ],
    handlers=handlers,
    metadata=metadata,
    tables=tables,
    workers=WORKERS,
    keys=intake_keys,
    operations=Operations(
        counts={
            **readable_counts("intake", "appeal_change"),
            "appeals": "SELECT count(*) FROM intake.appeal",
            "numbers": "SELECT coalesce(sum(last), 0) FROM intake.counter",
            "annulled": "SELECT coalesce(sum(removed), 0) FROM intake.past_import",
            "unmasked": "SELECT count(*) FROM intake.masking_pending",
        },
        unannounced="SELECT count(*) FROM intake.masking_pending WHERE problem IS NULL",
        set_aside=SetAside(COUNT_SET_ASIDE, NEWEST_SET_ASIDE, retry_set_aside),
    ),
    fast_paths={
        ("POST", "/api/v1/appeals"): submissions.submit_appeal,
        ("POST", "/channels/{network}/{connection_id}"): webhooks.take_delivery,
    },
    exception_handlers={SealBroken: on_broken_seal},
)


def create(settings: IntakeSettings) -> App:
    """The service with these settings."""
    return create_app(INTAKE, IntakeResources(settings, INTAKE))


def main() -> None:
    """The process: serves until it is told to end. Its settings are those of the environment."""
    process_settings = IntakeSettings()
    serve(create(process_settings), process_settings)


if __name__ == "__main__":
    main()
