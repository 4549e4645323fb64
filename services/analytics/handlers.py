"""What analytics does with the events of all services: it adds them to its facts.

One handler for all of them, so that a batch is one fold and takes its locks in one order.
"""

from __future__ import annotations

from chassis.handlers import Handlers
from services.analytics.facts.actions import project_events
from services.analytics.facts.rules.projections import PROJECTIONS

handlers = Handlers("analytics", are_projections=True)

for event_class in PROJECTIONS:
    handlers.add(event_class, project_events, name="project")
