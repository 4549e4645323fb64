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
from services.sla.administration.api import routers as administration_routers
from services.sla.calendars.api import router as calendars_router
from services.sla.cases.api import router as cases_router
from services.sla.clocks.actions.recalculations import RECALCULATIONS
from services.sla.clocks.api import router as clocks_router
from services.sla.escalation.actions.states import TIMERS
from services.sla.escalation.api import router as escalation_router
from services.sla.extensions.api import router as extensions_router
from services.sla.handlers import handlers
from services.sla.resources import SlaResources
from services.sla.settings import SlaSettings
from services.sla.situation.api import router as situation_router
from services.sla.tables import EXTENSION_WORDS, metadata, tables
from services.sla.workers import UnroutedWatch, fire_timers, recalculate_some

SLA: Final = ServiceDefinition(
    name="sla",
    routers=(
        calendars_router,
        clocks_router,
        situation_router,
        cases_router,
        extensions_router,
        escalation_router,
        *administration_routers,
    ),
    handlers=handlers,
    metadata=metadata,
    tables=tables,
    workers=[
        Worker("timers", fire_timers, wake_up=TIMERS),
        Worker("recalculations", recalculate_some, wake_up=RECALCULATIONS),
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


def main() -> None:
    """The process: serves until it is told to end. Its settings are those of the environment."""
    process_settings = SlaSettings()
    serve(create(process_settings), process_settings)


if __name__ == "__main__":
    main()
