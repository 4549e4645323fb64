"""Settings of the routing process."""

from __future__ import annotations

from chassis.settings import SealingSettings


class RoutingProcessSettings(SealingSettings):
    """`classifier_model`: file of a trained model; empty: the cold-start model that is shipped."""

    classifier_model: str = ""
