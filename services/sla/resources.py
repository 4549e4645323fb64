"""What the requests and workers of this service's process share."""

from __future__ import annotations

from datetime import date

from chassis.service import ServiceResources
from services.sla.calendars.rules.calendars import open_calendar
from services.sla.settings import SlaSettings


class SlaResources(ServiceResources[SlaSettings]):
    """Nothing beyond what every service has."""

    async def prepare(self) -> None:
        """Load the tables of holidays before the first appeal comes; give every session the seals."""
        open_calendar("77").is_working(date(2026, 1, 1))
        self.carry(seals=self.settings.seals())
