"""What routing does when something happened elsewhere: event → the module's function."""

from __future__ import annotations

from chassis.handlers import Handlers
from contracts.intake import (
    AppealClarified,
    AppealImported,
    AppealModerated,
    AppealRegistered,
    AppealReopened,
    AppealWithdrawn,
    ImportUndoAsked,
)
from contracts.sla import DeadlineSet
from services.routing.assignments.actions.appeal_changes import (
    cancel_rejected,
    cancel_withdrawn,
    reopen_after_rating,
    resume_after_clarification,
)
from services.routing.assignments.actions.deadlines import show_deadline
from services.routing.assignments.actions.event_locks import hold_appeals
from services.routing.placement.actions.imports import place_imported_appeals
from services.routing.placement.actions.placing import route_registered_appeals
from services.routing.placement.actions.undoing import take_back_import

handlers = Handlers("routing", hold_appeals)

handlers.on(AppealRegistered)(route_registered_appeals)
handlers.on(AppealImported)(place_imported_appeals)
handlers.on(AppealReopened)(reopen_after_rating)
handlers.on(AppealClarified)(resume_after_clarification)
handlers.on(AppealWithdrawn)(cancel_withdrawn)
handlers.on(AppealModerated)(cancel_rejected)
handlers.on(DeadlineSet)(show_deadline)
handlers.on(ImportUndoAsked)(take_back_import)
