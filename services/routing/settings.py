"""Settings of the routing process."""

from __future__ import annotations

from chassis.settings import WebhookSettings


class RoutingProcessSettings(WebhookSettings):
    """Of the process; what regions set for themselves is data."""

    consumer_lanes: int = 2
    """Transactions in which new appeals are placed at a time: while one waits for the database another one decides."""
    classifier_model: str = ""
    """File of a trained model; empty: the cold-start model that is shipped."""
    models_in_memory: int = 6
    """How many models of regions a process keeps loaded, some 10 MB each."""
