"""What became of letters: who took them when, how they were answered, late by some, and what citizens say of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Final

from otklik.demo_data.answers import Subject, write_answer, write_poor_answer
from otklik.demo_data.calendar import ZONE, end_of, in_office
from otklik.demo_data.cases import Answer, Case, Letter, Verdict
from otklik.demo_data.region import Region
from otklik.demo_data.story import Outcome, Story

STATUTORY_DAYS: Final = 30  # 59-ФЗ ст. 12 ч. 1
OTHER_DAYS: Final = 10
_BUSY: Final = 15  # letters, from which on a body may be known as slow
_STILL_OWED: Final = timedelta(days=45)  # an older postponement is over
_SCORES: Final = {  # weights of 1..5
    "good": (3, 4, 10, 33, 50),
    "no": (16, 20, 28, 24, 12),
    "poor": (44, 28, 16, 8, 4),
}


@dataclass(frozen=True)
class Paces:
    """Which bodies are slow."""

    slow: frozenset[str]

    @classmethod
    def draw(cls, random: Random, letters: Sequence[Letter], share: float) -> Paces:
        """Some of the busier ones, one of the three busiest for certain."""
        counts = Counter(letter.organisation for letter in letters if letter.organisation)
        busy = [
            code
            for code, count in sorted(counts.items(), key=lambda each: (-each[1], each[0]))
            if count >= _BUSY
        ]
        if not busy:
            return cls(frozenset())
        first = random.choice(busy[:3])
        others = [code for code in busy if code != first]
        return cls(frozenset({first, *random.sample(others, round(len(others) * share))}))


@dataclass
class CaseWriter:
    """Turns letters into cases as they stand at `now`."""

    story: Story
    region: Region
    now: datetime
    random: Random

    def cases(self, letters: Sequence[Letter]) -> list[Case]:
        """One for each letter, in order."""
        paces = Paces.draw(self.random, letters, self.story.volume.work.slow)
        return [self._case(letter, paces) for letter in letters]

    def _case(self, letter: Letter, paces: Paces) -> Case:
        work = self.story.volume.work
        days = _days_of(letter)
        due_at = end_of(letter.received_at.date() + timedelta(days=days))
        slow = letter.organisation in paces.slow
        hours = self.random.lognormvariate(0, 0.8) * work.accept_hours * (2.5 if slow else 1)
        accepted_at = in_office(self.random, letter.received_at + timedelta(hours=hours))
        late = self.random.random() < (work.late_when_slow if slow else work.late)
        answered_at = max(self._answered_at(letter, days, due_at, late), accepted_at + timedelta(minutes=25))
        if letter.organisation is None or answered_at > self.now:
            return self._open(letter, due_at, accepted_at)
        answer, is_poor = self._answer(letter, answered_at)
        verdict = self._verdict(answer, is_poor or late) if self.random.random() < work.rated else None
        return Case(letter, due_at, accepted_at, answer, verdict)

    def _open(self, letter: Letter, due_at: datetime, accepted_at: datetime) -> Case:
        nobody = self.random.random() < self.story.volume.work.without_executor
        letter = replace_organisation(letter, None) if nobody else letter
        taken = accepted_at if accepted_at <= self.now and letter.organisation else None
        return Case(letter, due_at, taken, None, None)

    def _answered_at(self, letter: Letter, days: int, due_at: datetime, late: bool) -> datetime:
        if late:
            at = due_at + timedelta(days=self.random.lognormvariate(1.1, 0.8), hours=10)
            return in_office(self.random, at)
        share = self.random.betavariate(2.2, 2.4)
        at = in_office(self.random, letter.received_at + timedelta(days=days * share))
        return at if at <= due_at else max(due_at - timedelta(hours=8), letter.received_at)

    def _answer(self, letter: Letter, at: datetime) -> tuple[Answer, bool]:
        """The answer, and whether it says nothing."""
        work, on = self.story.volume.work, at.astimezone(ZONE).date()
        (outcome,) = self.random.choices(list(work.outcomes), list(work.outcomes.values()))
        if outcome == "postponed" and self.now - at > _STILL_OWED:
            outcome = "explained"
        promised_on = on + timedelta(days=self.random.randrange(14, 75)) if outcome == "postponed" else None
        if self.random.random() < work.poor:
            return Answer(at, outcome, write_poor_answer(self.random, self.story.wording), promised_on), True
        return Answer(at, outcome, self._words(letter, outcome, on, promised_on), promised_on), False

    def _words(self, letter: Letter, outcome: Outcome, on: date, promised_on: date | None) -> str:
        theme, wording = letter.theme, self.story.wording
        subject = Subject(
            theme.fixes if theme else wording.any_fixes,
            theme.reasons if theme else wording.any_reasons,
            self.region.topics[letter.topic].name.strip(),
            letter.place,
        )
        return write_answer(self.random, wording, subject, outcome, on, promised_on)

    def _verdict(self, answer: Answer, disappoints: bool) -> Verdict:
        mood = "poor" if disappoints else "good" if answer.outcome == "solved" else "no"
        (score,) = self.random.choices(range(1, 6), _SCORES[mood])
        return Verdict(
            score,
            solved=score >= 3 and (answer.outcome == "solved" or self.random.random() < 0.5),
            reached=self.random.random() < (0.5 if disappoints else 0.85),
            satisfied=score >= 4,
        )


def replace_organisation(letter: Letter, organisation: str | None) -> Letter:
    """The letter as if it had gone to another body, or to none."""
    return Letter(**{**vars(letter), "organisation": organisation})


def _days_of(letter: Letter) -> int:
    if letter.regime == "statutory":
        return STATUTORY_DAYS
    return letter.theme.days if letter.theme else OTHER_DAYS
