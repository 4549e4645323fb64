"""The deadline service: python -m services.sla.main."""

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
from services.sla.api import routers
from services.sla.handlers import handlers
from services.sla.handlers.redatings import redate_some
from services.sla.handlers.timers import fire_timers
from services.sla.handlers.unrouted import UnroutedWatch
from services.sla.models import metadata, tables
from services.sla.models.tables import EXTENSION_WORDS
from services.sla.resources import SlaResources
from services.sla.rules.waking import REDATINGS, TIMERS
from services.sla.settings import SlaSettings

SLA: Final = ServiceDefinition(
    name="sla",
    routers=routers,
    handlers=handlers,
    metadata=metadata,
    tables=tables,
    workers=[
        Worker("timers", fire_timers, wake_up=TIMERS),
        Worker("redatings", redate_some, wake_up=REDATINGS),
        Worker("unrouted", UnroutedWatch().step),
        sealing(EXTENSION_WORDS),
    ],
    keys=sealing_keys,
    operations=Operations(
        counts={
            **readable_counts("sla", "firing", "kind <> 'reminder'"),
            "appeals": "SELECT count(*) FROM sla.appeal WHERE removed_at IS NULL",
            "assignments": "SELECT count(DISTINCT assignment_id) FROM sla.journal WHERE kind = 'AssignmentCreated'",
            "clocks": "SELECT count(*) FROM sla.clock",
            "timers": "SELECT count(*) FROM sla.timer WHERE state = 'armed'",
            "said": "SELECT count(*) FROM sla.firing",
        }
    ),
    exception_handlers={SealBroken: on_broken_seal},
)


def create(settings: SlaSettings) -> App:
    """The service with these settings."""
    return create_app(SLA, SlaResources(settings, SLA))


if __name__ == "__main__":
    process_settings = SlaSettings()
    serve(create(process_settings), process_settings)
