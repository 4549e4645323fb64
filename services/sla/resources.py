"""What the requests and workers of this service's process share."""

from __future__ import annotations

from datetime import date

from chassis.kept_answers import KeptAnswers
from chassis.service import ServiceDefinition, ServiceResources
from services.sla.calendars.rules.calendars import open_calendar
from services.sla.settings import SlaSettings

MOST_KEPT, KEPT_SECONDS = 512, 10.0


class SlaResources(ServiceResources[SlaSettings]):
    """Also counts of many open clocks, which hold for ten seconds."""

    def __init__(self, settings: SlaSettings, definition: ServiceDefinition) -> None:
        super().__init__(settings, definition)
        self.open_clocks = KeptAnswers(MOST_KEPT, KEPT_SECONDS)

    async def prepare(self) -> None:
        """Load the tables of holidays before the first appeal comes; give every session the seals."""
        open_calendar("77").is_working(date(2026, 1, 1))
        self.carry(seals=self.settings.seals())
