"""All checks of one answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from services.routing.answers.rules.checks.contacts import find_missing_contact
from services.routing.answers.rules.checks.evidence import find_missing_evidence
from services.routing.answers.rules.checks.findings import CheckedAnswer, Finding
from services.routing.answers.rules.checks.personal_data import find_personal_data
from services.routing.answers.rules.checks.point import find_off_point
from services.routing.answers.rules.checks.promises import find_open_promise
from services.routing.answers.rules.checks.questions import find_unanswered
from services.routing.answers.rules.checks.refusals import find_bare_refusal
from services.routing.answers.rules.checks.repetition import find_repeated_photo, find_repetition
from services.routing.answers.rules.checks.rudeness import find_rudeness
from services.routing.answers.rules.checks.template import find_template

Check = Callable[[CheckedAnswer], Finding | None]
_CHECKS: Final[tuple[Check, ...]] = (
    find_personal_data,
    find_rudeness,
    find_bare_refusal,
    find_template,
    find_off_point,
    find_unanswered,
    find_open_promise,
    find_missing_evidence,
    find_missing_contact,
    find_repetition,
    find_repeated_photo,
)


def inspect_answer(answer: CheckedAnswer) -> list[Finding]:
    """What is wrong with an answer, what blocks first; the same for the same answer."""
    found = [finding for check in _CHECKS if (finding := check(answer)) is not None]
    return sorted(found, key=lambda finding: finding.severity != "block")


def is_blocked(findings: Iterable[Finding]) -> bool:
    """Whether a person has to look at the answer first."""
    return any(finding.severity == "block" for finding in findings)
