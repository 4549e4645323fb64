"""What the requests of this service's process share."""

from __future__ import annotations

from chassis.service import ServiceDefinition, ServiceResources
from services.analytics.facts.queries import Freshness
from services.analytics.settings import AnalyticsSettings


class AnalyticsResources(ServiceResources[AnalyticsSettings]):
    """Also how far behind the figures are, read now and then."""

    def __init__(self, settings: AnalyticsSettings, definition: ServiceDefinition) -> None:
        super().__init__(settings, definition)
        self.freshness = Freshness()
