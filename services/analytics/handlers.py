"""What analytics does with the events of all services: it adds them to its facts.

One handler for all of them, so that a batch is one fold and takes its locks in one order; what listeners are told of follows
from it in the same transaction.
"""

from __future__ import annotations

from chassis.handlers import Handlers
from contracts.sla import DeadlineBreached
from services.analytics.announcements.actions import announce_breaches
from services.analytics.facts.actions import project_events
from services.analytics.facts.rules.projections import PROJECTIONS

handlers = Handlers("analytics", are_projections=True)

for event_class in PROJECTIONS:
    handlers.add(event_class, project_events, name="project")
# Handlers of a batch run in the order of their names: breaches are told of when the facts hold them.
handlers.add(DeadlineBreached, announce_breaches, name="tell")
