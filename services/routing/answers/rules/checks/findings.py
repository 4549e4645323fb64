"""What a check is given and what it gives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from contracts.routing import Outcome
from services.routing.answers.rules.passages import Passage

CheckName = Literal[
    "off_point",
    "question_unanswered",
    "template_only",
    "promise_without_date",
    "refusal_without_ground",
    "no_contact",
    "personal_data",
    "evidence_missing",
    "repeated",
    "repeated_photo",
    "rude",
]
Severity = Literal["block", "warn"]
MAY_BLOCK: Final[frozenset[CheckName]] = frozenset(
    {"personal_data", "rude", "refusal_without_ground", "template_only", "off_point"}
)


@dataclass(frozen=True, slots=True)
class CheckedAnswer:
    """An answer before it goes out. `outcome` is null for an interim one; without `question` the checks that need it are
    left out; `is_repeated`: the organisation gave the same answer to another appeal; `has_repeated_photo`: one of
    its photos stands under another answer of the organisation, or came from the citizen."""

    text: Passage
    outcome: Outcome | None
    question: Passage | None = None
    promised_on: date | None = None
    attachments: int = 0
    is_repeated: bool = False
    has_repeated_photo: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """`phrase`: the piece that triggered it, empty where there is none; `advice`: what to do, in Russian."""

    check: CheckName
    phrase: str
    advice: str
    severity: Severity = "warn"


def blocking(check: CheckName, phrase: str, advice: str) -> Finding:
    """A finding that stops the answer until a person has looked at it."""
    assert check in MAY_BLOCK
    return Finding(check, phrase, advice, "block")
