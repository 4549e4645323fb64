"""A case of the past: a letter, what became of it, and how the citizen judged that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from otklik.demo_data.letters import Person
from otklik.demo_data.places import Place
from otklik.demo_data.story import Outcome, Theme


@dataclass(frozen=True)
class Letter:
    """What came in. `organisation`: the code of the body it went to, None where nobody was named."""

    external_id: str
    received_at: datetime
    text: str
    theme: Theme | None
    topic: str
    place: Place
    channel: str
    regime: str
    organisation: str | None
    person: Person | None

    def as_json(self, region: str) -> dict[str, object]:
        """The fields that past and new appeals share."""
        place, person = self.place, self.person
        optional: dict[str, object] = {}
        if place.lat is not None:
            optional["location"] = {"lat": place.lat, "lon": place.lon}
        if person is not None:
            optional["applicant"] = {"name": person.name, "email": person.email, "phone": person.phone}
        return {
            "external_id": self.external_id,
            "region": region,
            "text": self.text,
            "channel": self.channel,
            "regime": self.regime,
            "municipality": place.oktmo,
            "address": place.address,
            **optional,
        }


@dataclass(frozen=True)
class Answer:
    """How a body answered, and when."""

    at: datetime
    outcome: Outcome
    text: str
    promised_on: date | None


@dataclass(frozen=True)
class Verdict:
    """The citizen's word on an answer."""

    score: int
    solved: bool
    reached: bool
    satisfied: bool

    def as_json(self) -> dict[str, object]:
        """As the tracking page sends it."""
        return {
            "score": self.score,
            "solved": self.solved,
            "reached": self.reached,
            "satisfied": self.satisfied,
        }


@dataclass(frozen=True)
class Case:
    """A letter and what became of it up to now."""

    letter: Letter
    due_at: datetime
    accepted_at: datetime | None
    answer: Answer | None
    verdict: Verdict | None

    @property
    def is_late(self) -> bool:
        """Whether it was answered after its time."""
        return self.answer is not None and self.answer.at > self.due_at

    def as_json(self, region: str) -> dict[str, object]:
        """A line of an import."""
        letter, answer = self.letter, self.answer
        given: dict[str, object] = {}
        if letter.organisation is not None:
            given = {"organisation": letter.organisation, "topic": letter.topic}
        if self.accepted_at is not None:
            given["accepted_at"] = self.accepted_at.isoformat()
        if answer is not None:
            given |= {"closed_at": answer.at.isoformat(), "outcome": answer.outcome, "answer": answer.text}
            if answer.promised_on is not None:
                given["promised_on"] = answer.promised_on.isoformat()
        return {
            **letter.as_json(region),
            "received_at": letter.received_at.isoformat(),
            "due_at": self.due_at.isoformat(),
            **given,
        }
