"""Settings of the routing process."""

from __future__ import annotations

from chassis.settings import SealingSettings


class RoutingProcessSettings(SealingSettings):
    """`classifier_model`: file of a trained model; empty: the cold-start model that is shipped. `models_in_memory`: how many
    models of regions a process keeps loaded, some 10 MB each."""

    classifier_model: str = ""
    models_in_memory: int = 6
