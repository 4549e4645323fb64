"""What bodies answer: to the point, and, from some, nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from random import Random

from otklik.demo_data.places import Place
from otklik.demo_data.story import Outcome, Wording


@dataclass(frozen=True)
class Subject:
    """What an answer is about: what can be reported as done, what as the reason why not, where."""

    fixes: Sequence[str]
    reasons: Sequence[str]
    topic: str
    place: Place


def write_answer(
    random: Random, wording: Wording, subject: Subject, outcome: Outcome, on: date, promised_on: date | None
) -> str:
    """An answer to the point, with where and when somebody looked and whom to call."""
    words = wording.answer
    visit = random.choice(words.visits).format(
        place=subject.place.address, street=subject.place.short_street, day=f"{on:%d.%m.%Y}"
    )
    contact = random.choice(words.contacts).format(digits=_digits(random))
    middle = _middle(random, wording, subject, outcome, promised_on)
    return f"{random.choice(words.openings)}{visit[:1].upper()}{visit[1:]}{middle} {contact}"


def write_poor_answer(random: Random, wording: Wording) -> str:
    """Words that answer nothing."""
    return random.choice(wording.answer.poor)


def _middle(
    random: Random, wording: Wording, subject: Subject, outcome: Outcome, promised_on: date | None
) -> str:
    pieces = subject.fixes if outcome == "solved" else subject.reasons
    matter = random.choice(pieces).format(topic=subject.topic, warm=random.randrange(20, 24))
    if outcome == "refused":
        return random.choice(wording.answer.refusals).format(reason=matter)
    if outcome == "postponed":
        promised = f"{promised_on:%d.%m.%Y}" if promised_on else ""
        return random.choice(wording.answer.postponements).format(promised=promised, reason=matter)
    return matter


def _digits(random: Random) -> str:
    return f"{random.randrange(50, 75)}-{random.randrange(10, 99)}-{random.randrange(10, 99)}"
