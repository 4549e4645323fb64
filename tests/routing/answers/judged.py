"""Labelled answers, and how well the checks find what is wrong with them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from contracts.routing import Outcome
from services.routing.answers.rules.alike import are_alike
from services.routing.answers.rules.checks.findings import CheckedAnswer, Finding
from services.routing.answers.rules.checks.inspection import inspect_answer
from services.routing.answers.rules.passages import read_passage

FOLDER = Path(__file__).parent
BLOCKING = ("personal_data", "rude", "refusal_without_ground", "template_only", "off_point")


@dataclass(frozen=True)
class Labelled:
    """An answer and what people say is wrong with it."""

    id: int
    question: str
    text: str
    outcome: Outcome
    promised_on: str | None
    attachments: int
    defects: list[str]
    earlier: str | None = None

    def findings(self) -> list[Finding]:
        """What the checks say."""
        promised = date.fromisoformat(self.promised_on) if self.promised_on else None
        return inspect_answer(
            CheckedAnswer(
                read_passage(self.text),
                self.outcome,
                read_passage(self.question),
                promised,
                self.attachments,
                self.earlier is not None and are_alike(self.text, self.earlier),
            )
        )


def read_set(name: str) -> list[Labelled]:
    """One of the sets beside this file."""
    lines = (FOLDER / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [Labelled(**json.loads(line)) for line in lines]


@dataclass
class Figures:
    """Counts over a set: by check what was found rightly, wrongly, and not at all; how many good answers were stopped."""

    right: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    blocked_right: int = 0
    blocked_wrong: int = 0
    good: int = 0
    good_stopped: int = 0

    def add(self, row: Labelled) -> None:
        """Judge one answer."""
        findings, wanted = row.findings(), set(row.defects)
        found = {finding.check for finding in findings}
        self.right.update(found & wanted)
        self.wrong.update(found - wanted)
        self.missed.update(wanted - found)
        blocks = [finding.check for finding in findings if finding.severity == "block"]
        self.blocked_right += sum(check in wanted for check in blocks)
        self.blocked_wrong += sum(check not in wanted for check in blocks)
        self.good += not wanted
        self.good_stopped += not wanted and bool(blocks)

    @property
    def recall(self) -> float:
        """Of all defects."""
        return self.right.total() / (self.right.total() + self.missed.total())

    @property
    def blocking_precision(self) -> float:
        """Of findings that stop an answer."""
        return self.blocked_right / max(1, self.blocked_right + self.blocked_wrong)

    @property
    def stopped_share(self) -> float:
        """Of good answers."""
        return self.good_stopped / self.good

    def by_check(self) -> dict[str, tuple[float, float]]:
        """Precision and recall of each check."""
        names = sorted({*self.right, *self.wrong, *self.missed})
        return {
            name: (
                round(self.right[name] / max(1, self.right[name] + self.wrong[name]), 3),
                round(self.right[name] / max(1, self.right[name] + self.missed[name]), 3),
            )
            for name in names
        }


def judge(rows: Iterable[Labelled]) -> Figures:
    """Figures of a set."""
    figures = Figures()
    for row in rows:
        figures.add(row)
    return figures
