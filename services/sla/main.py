"""The deadline service: python -m services.sla.main."""

from __future__ import annotations

from datetime import date
from functools import partial

from fastapi import FastAPI
from sqlalchemy import event as sqlalchemy_events
from sqlalchemy.orm import Session

from chassis.app import create_app
from chassis.feeds import readable_counts
from chassis.keys import sealing_keys
from chassis.outbox import Wake
from chassis.sealed_columns import on_broken_seal, seal_old_for_ever
from chassis.sealing import SealBroken
from chassis.serve import serve
from services.sla.administration.api import routers as administration_routers
from services.sla.calendars.api import router as calendars_router
from services.sla.cases.api import router as cases_router
from services.sla.clocks.api import router as clocks_router
from services.sla.escalation.api import router as escalation_router
from services.sla.extensions.api import router as extensions_router
from services.sla.handlers import handlers
from services.sla.rules.calendars import open_calendar
from services.sla.settings import SlaSettings
from services.sla.tables import EXTENSION_WORDS, metadata, tables
from services.sla.workers import count_unrouted_for_ever, fire_for_ever, redate_for_ever

settings = SlaSettings()
routers = (
    calendars_router,
    clocks_router,
    cases_router,
    extensions_router,
    escalation_router,
    *administration_routers,
)


async def prepare(app: FastAPI) -> None:
    """Seals for every session; bells between commits of this process and its own tasks; other replicas poll."""
    open_calendar("77").is_working(
        date(2026, 1, 1)
    )  # the tables of holidays are loaded before the first appeal
    for sessions in (app.state.sessions, app.state.reading_sessions):
        sessions.configure(info={"seals": settings.seals()})
    app.state.timer_wake, app.state.redating_wake = Wake(), Wake()

    def ring(session: Session) -> None:
        if session.info.pop("armed", False):
            app.state.timer_wake.ring()
        if session.info.pop("queued", False):
            app.state.redating_wake.ring()

    sqlalchemy_events.listen(app.state.sessions.kw["sync_session_class"], "after_commit", ring)


app = create_app(
    settings,
    service="sla",
    routers=routers,
    handlers=handlers,
    metadata=metadata,
    tables=tables,
    tasks=[
        ("timers", fire_for_ever),
        ("redatings", redate_for_ever),
        ("unrouted", count_unrouted_for_ever),
        ("sealing", partial(seal_old_for_ever, (EXTENSION_WORDS,))),
    ],
    start=prepare,
    keys=partial(sealing_keys, settings),
    counts={
        **readable_counts("sla", "firing", "kind <> 'reminder'"),
        "appeals": "SELECT count(*) FROM sla.appeal WHERE removed_at IS NULL",
        "assignments": "SELECT count(DISTINCT assignment_id) FROM sla.journal WHERE kind = 'AssignmentCreated'",
        "clocks": "SELECT count(*) FROM sla.clock",
        "timers": "SELECT count(*) FROM sla.timer WHERE state = 'armed'",
        "said": "SELECT count(*) FROM sla.firing",
    },
)

app.add_exception_handler(SealBroken, on_broken_seal)

if __name__ == "__main__":
    serve(app, settings)
