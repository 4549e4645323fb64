"""What a region may set otherwise than it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ReviewMode = Literal["none", "sample", "risk", "all"]
SecondSignature = Literal["none", "statutory", "all"]


@dataclass(frozen=True)
class RegionSettings:
    """`auto_route_threshold`: confidence (0..1) of the topic below which organisation or level have to be sure enough, or a
    person decides. `target_precision`: the model's own thresholds for it replace these. `hop_limit`: how often in a row
    organisations may pass a question on; a region that has stored its settings keeps the limit it stored. Leases in
    seconds. `audit_share`: of the decisions without a person, how many are drawn for audit (0..1). `review_share`: of
    answers that are reviewed in mode `sample` (0..1). `clarification_days`: so long a citizen's reply is waited for."""

    auto_route_threshold: float = 0.30
    organisation_threshold: float = 0.50
    level_threshold: float = 0.60
    target_precision: float | None = None
    hop_limit: int = 2
    lease_seconds: int = 300
    accept_within_minutes: int = 24 * 60
    audit_share: float = 0.015
    review_mode: ReviewMode = "none"
    review_share: float = 0.1
    second_signature: SecondSignature = "none"
    clarification_days: int = 10
