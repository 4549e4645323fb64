"""The intake service: python -m services.intake.main."""

from __future__ import annotations

from functools import partial

from fastapi import FastAPI

from chassis.app import create_app
from chassis.db import create_engine, create_sessions
from chassis.feeds import readable_counts
from chassis.operations import Asides
from chassis.outbox import Wake
from chassis.sealing import SealBroken
from chassis.serve import serve
from services.intake.announcement.actions import COUNT_SET_ASIDE, NEWEST_SET_ASIDE
from services.intake.announcement.worker import mask_for_ever, mask_old_for_ever, retry_set_aside
from services.intake.appeals import api as appeals
from services.intake.handlers import handlers
from services.intake.keys import intake_keys
from services.intake.migration import api as migration
from services.intake.moderation import api as moderation
from services.intake.originals import api as originals
from services.intake.originals.actions.official_words import Opener
from services.intake.originals.actions.opening import on_broken_seal
from services.intake.originals.rules import Secrets
from services.intake.regions import api as regions
from services.intake.registration.api import batches, submissions
from services.intake.registration.api.group_commit import GroupCommit
from services.intake.registration.worker import purge_for_ever
from services.intake.settings import IntakeSettings
from services.intake.tables import metadata, tables
from services.intake.tracking import api as tracking

settings = IntakeSettings()


async def prepare(app: FastAPI) -> None:
    """Keys and the group commit; refuses to start without an encryption key."""
    app.state.secrets = Secrets(settings.keyring(), app.state.hash_key)
    app.state.sessions.configure(info={"opener": Opener(settings.keyring(), settings.private_key())})
    app.state.wakes["masking"] = app.state.masking_wake = Wake()
    # Registering is the service's own act, checked before, for many callers at once and in one statement: no room to
    # say in each transaction whose rows it is about. Its connections are for nothing else.
    engine = create_engine(settings.database_url, settings.pool_size, "intake", all_rows=True)
    app.state.engines.append(engine)
    app.state.groups = GroupCommit(
        create_sessions(engine),
        create_sessions(engine.execution_options(isolation_level="AUTOCOMMIT")),
        app.state.secrets,
        app.state.masking_wake.ring,
    )


app = create_app(
    settings,
    service="intake",
    routers=[
        submissions.router,
        batches.router,
        migration.router,
        appeals.router,
        originals.router,
        tracking.router,
        moderation.router,
        regions.router,
    ],
    handlers=handlers,
    metadata=metadata,
    tables=tables,
    tasks=[
        ("masking", mask_for_ever),
        ("old words", mask_old_for_ever),
        ("forgetting", purge_for_ever),
    ],
    start=prepare,
    fast_paths={("POST", "/api/v1/appeals"): submissions.submit_appeal},
    counts={
        **readable_counts("intake", "appeal_change"),
        "appeals": "SELECT count(*) FROM intake.appeal",
        "numbers": "SELECT coalesce(sum(last), 0) FROM intake.counter",
        "annulled": "SELECT coalesce(sum(removed), 0) FROM intake.past_import",
        "unmasked": "SELECT count(*) FROM intake.masking_pending",
    },
    unsaid="SELECT count(*) FROM intake.masking_pending WHERE problem IS NULL",
    keys=partial(intake_keys, settings),
    asides=Asides(COUNT_SET_ASIDE, NEWEST_SET_ASIDE, retry_set_aside),
)
app.add_exception_handler(SealBroken, on_broken_seal)

if __name__ == "__main__":
    serve(app, settings)
