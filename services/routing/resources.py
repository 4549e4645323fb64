"""What the requests and workers of this service's process share."""

from __future__ import annotations

import asyncio

from chassis.webhooks.offer import WebhookResources
from services.routing.classifier.model import load_model
from services.routing.reference.queries.cache import RoutingContext
from services.routing.reference.queries.models import ModelCache
from services.routing.settings import RoutingProcessSettings
from services.routing.webhooks import OFFER


class RoutingResources(WebhookResources[RoutingProcessSettings]):
    """Also the context of sessions: the classifier and the regions' reference data."""

    context: RoutingContext

    async def prepare(self) -> None:
        """Load the model; give every session the context and the seals."""
        model = await asyncio.to_thread(load_model, self.settings.classifier_model or None)
        # Dictionaries are loaded before the first appeal comes.
        await asyncio.to_thread(model.predict, ["Проверка"])
        self.context = RoutingContext(
            model,
            models=ModelCache(self.settings.models_in_memory),
            audit_key=self.settings.hash_key.get_secret_value().encode(),
        )
        seals = self.settings.seals()
        self.open_webhooks(OFFER, seals.own)
        self.carry(routing=self.context, seals=seals)

    def notes(self) -> dict[str, str]:
        """Regions that go on with the model they had, because their new one cannot be loaded."""
        return self.context.models.trouble()
