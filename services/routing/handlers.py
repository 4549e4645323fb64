"""What routing does when something happened elsewhere: event → the module's function.

Inboxes know a reaction by its name, so that a name stays whatever the function is called.
"""

from __future__ import annotations

from chassis.handlers import Handlers
from contracts.intake import (
    AnswerMasked,
    AppealClarified,
    AppealImported,
    AppealModerated,
    AppealRated,
    AppealRegistered,
    AppealReopened,
    AppealWithdrawn,
    AttachmentStored,
    AttachmentUsed,
    ImportUndoAsked,
)
from contracts.sla import DeadlineSet
from services.routing.answers.actions import learning
from services.routing.assignments.actions import appeal_changes, deadlines, moderating
from services.routing.attachments import actions as attachments
from services.routing.placement.actions import imports, placing, undoing
from services.routing.works.actions import matching

handlers = Handlers("routing", appeal_changes.lock_batch)

handlers.add(AppealRegistered, placing.route_appeals, name="route_registered_appeals")
handlers.add(AppealImported, imports.place_imported, name="place_imported_appeals")
handlers.add(AppealReopened, appeal_changes.reopen_assignments, name="reopen_after_rating")
handlers.add(AppealClarified, appeal_changes.resume_clarified, name="resume_after_clarification")
handlers.add(AppealWithdrawn, appeal_changes.cancel_withdrawn, name="cancel_withdrawn")
handlers.add(AppealModerated, moderating.apply_decisions, name="cancel_rejected")
handlers.add(AppealWithdrawn, matching.drop_withdrawn, name="drop_notices_of_withdrawn")
handlers.add(AppealModerated, matching.settle_moderated, name="settle_notices_of_moderated")
handlers.add(DeadlineSet, deadlines.set_deadlines, name="show_deadline")
handlers.add(ImportUndoAsked, undoing.decide_undo, name="take_back_import")
handlers.add(AppealRated, learning.keep_ratings, name="keep_ratings")
handlers.add(AppealReopened, learning.keep_reopenings, name="keep_reopenings")
handlers.add(AnswerMasked, learning.keep_cases, name="keep_answered_cases")
handlers.add(AttachmentStored, attachments.keep_stored, name="keep_attachments")
handlers.add(AttachmentUsed, attachments.keep_used, name="keep_attachments_of_appeals")
