"""What a rule of law proposes to the coordinator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from contracts.intake import Regime
from services.routing.assignments.rules.explanations import ExplainedProposal

RuleName = Literal["R1", "R2", "R3", "R5", "R6", "R7", "R8", "R9", "R11", "R12"]
Outcome = Literal[
    "superior",  # to whoever stands above the organisation complained about
    "returned",  # back to the applicant, with an explanation
    "forward",  # to a competent organisation outside the system
    "migration",  # to the territorial organ of the interior and the head of the region
    "no_answer",
    "law_enforcement",
    "unclear",  # the applicant is notified that the essence cannot be determined
    "secret",  # the applicant is notified that the essence may not be disclosed
    "oral_answer",
]


@dataclass(frozen=True, slots=True)
class Proposal:
    """`reason`: a Russian sentence for the coordinator; `basis`: article and part; `days`: calendar days from
    registration in which the law wants it done, None where it sets none. `holds`: a person decides before anybody gets
    the appeal."""

    rule: RuleName
    outcome: Outcome
    reason: str
    basis: str
    days: int | None = None
    holds: bool = True


def days_of_law(regime: Regime, days: int) -> int | None:
    """The law's term; messages have no statutory one (59-ФЗ is not applied to them)."""
    return days if regime == "statutory" else None


def explain_proposal(proposal: Proposal) -> ExplainedProposal:
    """As it is stored with the assignment."""
    return {
        "rule": proposal.rule,
        "outcome": proposal.outcome,
        "reason": proposal.reason,
        "basis": proposal.basis,
        "days": proposal.days,
        "holds": proposal.holds,
    }
