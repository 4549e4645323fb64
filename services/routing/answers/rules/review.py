"""Which answers a coordinator sees before the citizen does, and which another person of the organisation signs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from services.routing.answers.rules.checks.findings import Finding
from services.routing.answers.rules.checks.inspection import is_blocked
from services.routing.reference.rules.region_settings import RegionSettings

# What each thing adds to the risk of an answer (0..1); the weights are a choice, not a measurement.
_WARNING: Final = 0.25
_REOPENED: Final = 0.3
_POORLY_RATED: Final = 0.3
_REFUSED: Final = 0.1
RISKY: Final = 0.6
POOR_MEAN: Final = 3.0
ENOUGH_RATINGS: Final = 10
_PARTS: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class AnswerFacts:
    """What is known of an answer besides its text. `mean_score`: of the organisation's last ratings, `ratings` of them."""

    answer_id: UUID
    cycle: int
    is_refusal: bool
    is_statutory: bool
    is_interim: bool
    mean_score: float | None = None
    ratings: int = 0


@dataclass(frozen=True, slots=True)
class ReviewPlan:
    """What happens before an answer goes out. `risk`: 0..1."""

    risk: float
    needs_review: bool
    needs_signature: bool

    @property
    def goes_out(self) -> bool:
        """Nothing: it is the citizen's at once."""
        return not self.needs_review and not self.needs_signature


def plan_review(settings: RegionSettings, findings: Sequence[Finding], facts: AnswerFacts) -> ReviewPlan:
    """What a check blocks is reviewed in every mode; for the rest the region's mode decides.

    A plan is no answer yet, and its organisation has to go on: it waits only where everything is reviewed.
    """
    risk = risk_of(findings, facts)
    if facts.is_interim:
        return ReviewPlan(risk, needs_review=settings.review_mode == "all", needs_signature=False)
    return ReviewPlan(
        risk=risk,
        needs_review=is_blocked(findings) or _is_chosen(settings, risk, facts),
        needs_signature=_is_signed(settings, facts),
    )


def risk_of(findings: Sequence[Finding], facts: AnswerFacts) -> float:
    """1 where a check blocks; else what warnings, an earlier answer that did not help, and poor ratings add up to."""
    if is_blocked(findings):
        return 1.0
    is_poor = facts.ratings >= ENOUGH_RATINGS and (facts.mean_score or POOR_MEAN) < POOR_MEAN
    parts = (
        _WARNING * len(findings),
        _REOPENED * (facts.cycle > 1),
        _POORLY_RATED * is_poor,
        _REFUSED * facts.is_refusal,
    )
    return round(min(sum(parts), 0.99), 2)


def _is_chosen(settings: RegionSettings, risk: float, facts: AnswerFacts) -> bool:
    match settings.review_mode:
        case "all":
            return True
        case "risk":
            return risk >= RISKY
        case "sample":
            # The last bits of a UUIDv7 are random.
            return facts.answer_id.int % _PARTS < settings.review_share * _PARTS
        case _:
            return False


def _is_signed(settings: RegionSettings, facts: AnswerFacts) -> bool:
    wanted = settings.second_signature
    return wanted == "all" or (wanted == "statutory" and facts.is_statutory)
