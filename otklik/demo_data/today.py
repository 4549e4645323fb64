"""What happens today: letters that come in live, and what is done with each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import Final

from otklik.demo_data.calendar import ZONE, theme_weights
from otklik.demo_data.cases import Letter
from otklik.demo_data.letters import LetterWriter
from otklik.demo_data.past import Span
from otklik.demo_data.places import Place, draw_district, draw_place
from otklik.demo_data.region import Region, Town
from otklik.demo_data.story import Act, Gathering, Story, Theme

MODERATED: Final = "ok"  # the channel that the demo region moderates


@dataclass(frozen=True)
class LiveLetter:
    """A letter of today, and what is to be done with it; `gathering`: the work or event it is about."""

    letter: Letter
    act: Act
    gathering: str = ""

    def as_json(self, region: str) -> dict[str, object]:
        """As a portal sends it; what the citizen chose as the topic is left out where a topic has to be found."""
        chosen = {} if self.gathering or not self.letter.topic else {"topic": self.letter.topic}
        return {**self.letter.as_json(region), **chosen}


@dataclass
class TodayWriter:
    """Writes the letters of today."""

    story: Story
    region: Region
    span: Span

    def __post_init__(self) -> None:
        self.random = Random(f"{self.span.seed}/today")
        self.writer = LetterWriter(self.random, self.story.wording)
        day = self.span.now.astimezone(ZONE).date()
        self.themes = [theme for theme in self.story.themes if theme.topics[0] in self.region.topics]
        self.weights = theme_weights(self.story.volume, self.themes, day)
        self.number = 0

    def letters(self) -> list[LiveLetter]:
        """Those that go their way one by one."""
        acts = [act for act, count in self.story.today.acts.items() for _ in range(count)]
        moderated = [act for act, count in self.story.today.moderated.items() for _ in range(count)]
        return [
            *(LiveLetter(self._ordinary(self._channel()), act) for act in acts),
            *(LiveLetter(self._ordinary(MODERATED), act) for act in moderated),
            *(LiveLetter(self._vague(text), "none") for text in self.story.today.vague),
        ]

    def gathered(self) -> list[LiveLetter]:
        """Those about one work or event each."""
        return [each for gathering in self.story.today.gathering for each in self._gathered(gathering)]

    def _gathered(self, gathering: Gathering) -> Iterator[LiveLetter]:
        town = self.region.districts[0].towns[0]
        for number in range(gathering.appeals):
            street = gathering.streets[number % len(gathering.streets)]
            place = self._house(town, street, gathering.houses[number % len(gathering.houses)])
            text = self.writer.write(gathering.texts, (), place, "portal", "")
            letter = self._letter(text, None, gathering.topics[0], place, self._channel())
            yield LiveLetter(letter, "none", gathering.title)

    def _house(self, town: Town, street: str, house: str) -> Place:
        return Place(
            self.region.districts[0].oktmo, f"г. {town.name}", street, house, in_city=True, lat=None, lon=None
        )

    def _ordinary(self, channel: str) -> Letter:
        (theme,) = self.random.choices(self.themes, self.weights)
        place = draw_place(self.random, draw_district(self.random, self.region), self.story.wording.streets)
        topic = theme.topics[0]
        text = self.writer.write_about(theme, place, channel, self.region.topics[topic].name)
        return self._letter(text, theme, topic, place, channel)

    def _vague(self, text: str) -> Letter:
        place = draw_place(self.random, draw_district(self.random, self.region), self.story.wording.streets)
        nowhere = replace(place, lat=None, lon=None)
        return self._letter(text, None, "", nowhere, "widget")

    def _letter(self, text: str, theme: Theme | None, topic: str, place: Place, channel: str) -> Letter:
        self.number += 1
        return Letter(
            f"{self.span.name}-today-{self.number}",
            self.span.now,
            text,
            theme,
            topic,
            place,
            channel,
            "message",
            None,
            None,
        )

    def _channel(self) -> str:
        channels = {name: share for name, share in self.story.volume.channels.items() if name != MODERATED}
        (found,) = self.random.choices(list(channels), list(channels.values()))
        return found
