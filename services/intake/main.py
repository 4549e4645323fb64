"""The intake service: python -m services.intake.main."""

from __future__ import annotations

from typing import Final

from chassis.app import create_app
from chassis.fast_path import App
from chassis.feeds import readable_counts
from chassis.sealing import SealBroken
from chassis.serve import serve
from chassis.service import Operations, ServiceDefinition, SetAside
from chassis.workers import Worker
from services.intake.actions.keys import intake_keys
from services.intake.actions.masking import COUNT_SET_ASIDE, NEWEST_SET_ASIDE
from services.intake.actions.originals import on_broken_seal
from services.intake.api import (
    appeals,
    batches,
    imports,
    moderation,
    submissions,
    tracking,
)
from services.intake.api import (
    settings as region_settings,
)
from services.intake.handlers import handlers
from services.intake.handlers.forgetting import purge_passing_keys
from services.intake.handlers.masking import (
    mask_some,
    mask_some_old,
    masking_linger,
    retry_set_aside,
    take_interrupted_back,
)
from services.intake.models import metadata, tables
from services.intake.resources import MASKING, IntakeResources
from services.intake.settings import IntakeSettings

INTAKE: Final = ServiceDefinition(
    name="intake",
    routers=[
        submissions.router,
        batches.router,
        imports.router,
        appeals.router,
        tracking.router,
        moderation.router,
        region_settings.router,
    ],
    handlers=handlers,
    metadata=metadata,
    tables=tables,
    workers=[
        Worker("masking", mask_some, wake_up=MASKING, begin=take_interrupted_back, linger=masking_linger),
        Worker("old words", mask_some_old),
        Worker("forgetting", purge_passing_keys),
    ],
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
    fast_paths={("POST", "/api/v1/appeals"): submissions.submit_appeal},
    exception_handlers={SealBroken: on_broken_seal},
)


def create(settings: IntakeSettings) -> App:
    """The service with these settings."""
    return create_app(INTAKE, IntakeResources(settings, INTAKE))


if __name__ == "__main__":
    process_settings = IntakeSettings()
    serve(create(process_settings), process_settings)
