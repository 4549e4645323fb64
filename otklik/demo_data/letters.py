"""What people write, composed of many pieces; no letter is written twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final

from otklik.demo_data.places import Place, written_place
from otklik.demo_data.story import Theme, Wording

_SOCIAL: Final = frozenset({"vk", "ok", "telegram", "max"})
_CARELESS = 0.35
_TRIES = 40


@dataclass(frozen=True)
class Person:
    """Somebody who gives a name; invented."""

    name: str
    email: str
    phone: str


@dataclass
class LetterWriter:
    """Writes letters and remembers them, so that no two are alike."""

    random: Random
    wording: Wording
    written: set[str] = field(default_factory=set)

    def write(
        self, problems: Sequence[str], wishes: Sequence[str], place: Place, channel: str, topic: str
    ) -> str:
        """A letter about one of the problems. `topic`: its name."""
        for _ in range(_TRIES):
            text = self._compose(problems, wishes, place, topic)
            if channel in _SOCIAL and self.random.random() < _CARELESS:
                text = text.lower().rstrip(".")
            if text not in self.written:
                break
        self.written.add(text)
        return text

    def write_about(self, theme: Theme | None, place: Place, channel: str, topic: str) -> str:
        """A letter about a theme, or, where there is none, about a topic by its name."""
        if theme is None:
            return self.write(self.wording.any_problems, (), place, channel, topic)
        return self.write(theme.problems, theme.wishes, place, channel, topic)

    def _compose(self, problems: Sequence[str], wishes: Sequence[str], place: Place, topic: str) -> str:
        draw = self.random.choice
        problem = self._fill(draw(problems), place, topic)
        wish = draw(wishes) if wishes and self.random.random() < 0.6 else ""
        pieces = (draw(self.wording.openings) + problem, wish, draw(self.wording.closings))
        return " ".join(filter(None, pieces))

    def _fill(self, pattern: str, place: Place, topic: str) -> str:
        number = self.random.randrange
        text = pattern.format(
            place=written_place(self.random, place),
            street=place.short_street,
            house=place.house,
            entrance=number(1, 6),
            floor=number(2, 10),
            degrees=number(13, 18),
            lasting=self.random.choice(self.wording.lasting),
            since=self.random.choice(self.wording.since),
            route=number(1, 120),
            topic=topic.strip(),
        )
        return text[:1].upper() + text[1:]

    def sign(self, text: str) -> tuple[str, Person]:
        """The letter with a name and ways to reach its writer."""
        person = self.draw_person()
        line = self.random.choice(self.wording.personal)
        return f"{text} {line.format(name=person.name, phone=person.phone, email=person.email)}", person

    def draw_person(self) -> Person:
        """Somebody."""
        words, number = self.wording, self.random.randrange
        name = " ".join(self.random.choice(part) for part in (words.surnames, words.names, words.patronymics))
        phone = f"+7910{number(2000000, 9999999)}"
        return Person(name, f"zhitel{number(100, 99999)}@example.ru", phone)
