"""What automatic checks found, and the text they are tried on."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from pydantic import BaseModel

from chassis.bodies import Body
from chassis.times import Day
from contracts.routing import Outcome
from services.routing.answers.rules.checks.findings import CheckName, Finding, Severity
from services.routing.reference.schemas.types import Attachments, RegionCode, Words


class AnswerCheck(Body):
    """An answer to be checked; nothing is stored. Without `question` and `assignment_id` the checks that need the question
    are left out."""

    text: Words
    outcome: Outcome
    region: RegionCode
    question: Words | None = None
    promised_on: Day | None = None
    assignment_id: UUID | None = None
    attachments: Attachments = None


class CheckFinding(BaseModel):
    """What one check found. `phrase`: the piece that triggered it, empty where there is none."""

    check: CheckName
    severity: Severity
    phrase: str
    advice: str

    @classmethod
    def of(cls, finding: Finding) -> CheckFinding:
        """A finding as it is shown."""
        return cls(
            check=finding.check, severity=finding.severity, phrase=finding.phrase, advice=finding.advice
        )


class CheckedText(BaseModel):
    """What was found, what blocks first."""

    checks: list[CheckFinding]

    @classmethod
    def of(cls, findings: Iterable[Finding]) -> CheckedText:
        """Findings as they are shown, and kept."""
        return cls(checks=[CheckFinding.of(finding) for finding in findings])
