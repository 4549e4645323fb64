"""The letters of the half-year, up to now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Final

from otklik.demo_data.calendar import (
    DAYS_OF_A_MONTH,
    ZONE,
    draw_count,
    draw_moment,
    expected_share,
    theme_weights,
)
from otklik.demo_data.cases import Letter
from otklik.demo_data.letters import LetterWriter
from otklik.demo_data.places import draw_district, draw_place
from otklik.demo_data.region import District, Region
from otklik.demo_data.story import Burst, Story, Theme

STATUTORY: Final = frozenset({"portal", "pos", "paper", "reception"})  # channels 59-ФЗ ст. 7 admits
USUAL: Final = 34  # appeals a day for which the bursts of the story are counted
SHARE_OF_OTHERS: Final = 0.06  # letters about topics that no theme has words for


@dataclass(frozen=True)
class Span:
    """Which past is written: `months` before `now`, about `per_day` appeals on an even day, from a seed. `name` begins
    every external_id."""

    now: datetime
    months: int
    per_day: int
    seed: int
    name: str

    @property
    def days(self) -> Sequence[date]:
        """Local days, the last one today."""
        today = self.now.astimezone(ZONE).date()
        count = round(self.months * DAYS_OF_A_MONTH)
        return [today - timedelta(days=back) for back in range(count, -1, -1)]


@dataclass
class PastWriter:
    """Writes the letters of the past, the oldest first."""

    story: Story
    region: Region
    span: Span

    def __post_init__(self) -> None:
        self.random = Random(f"{self.span.seed}/letters")
        self.writer = LetterWriter(self.random, self.story.wording)
        self.themes = _themes_of(self.story, self.region)
        written = {topic for theme in self.themes for topic in theme.topics}
        self.others = sorted(set(self.region.topics) - written)
        self.number = 0

    def letters(self) -> list[Letter]:
        """All that were received until now."""
        now = self.span.now.astimezone(ZONE)
        found = [letter for day in self.span.days for letter in self._day(day) if letter.received_at < now]
        return sorted(found, key=lambda letter: letter.received_at)

    def _day(self, day: date) -> Iterator[Letter]:
        weights = theme_weights(self.story.volume, self.themes, day)
        expected = self.span.per_day * expected_share(self.story.volume, self.themes, day)
        for _ in range(draw_count(self.random, expected)):
            (theme,) = self.random.choices(self.themes, weights)
            yield self._letter(day, self._or_another(theme), draw_district(self.random, self.region))
        for burst in self.story.volume.burst:
            yield from self._burst(day, burst)

    def _or_another(self, theme: Theme) -> Theme | None:
        return None if self.others and self.random.random() < SHARE_OF_OTHERS else theme

    def _burst(self, day: date, burst: Burst) -> Iterator[Letter]:
        passed = (day - self.span.days[-1]).days + burst.days_ago
        if burst.topic not in self.region.topics or not 0 <= passed < len(burst.lasts):
            return
        district = self.region.districts[burst.municipality - 1]
        for _ in range(round(burst.lasts[passed] * self.span.per_day / USUAL)):
            yield self._letter(day, theme_of_burst(burst), district)

    def _letter(self, day: date, theme: Theme | None, district: District) -> Letter:
        topic = self.random.choice(theme.topics if theme else self.others)
        place = draw_place(self.random, district, self.story.wording.streets)
        channel, regime = self._way()
        text = self.writer.write_about(theme, place, channel, self.region.topics[topic].name)
        person = None
        if self.random.random() < self.story.volume.work.personal:
            text, person = self.writer.sign(text)
        elif regime == "statutory":
            person = self.writer.draw_person()
        self.number += 1
        return Letter(
            f"{self.span.name}-{self.number}",
            draw_moment(self.random, self.story.volume, day),
            text,
            theme,
            topic,
            place,
            channel,
            regime,
            self.region.lead(topic, place.oktmo),
            person,
        )

    def _way(self) -> tuple[str, str]:
        """Channel and regime."""
        channels = self.story.volume.channels
        (channel,) = self.random.choices(list(channels), list(channels.values()))
        statutory = channel in STATUTORY and self.random.random() < self.story.volume.work.statutory
        return channel, "statutory" if statutory else "message"


def theme_of_burst(burst: Burst) -> Theme:
    """A burst is a theme of a few days."""
    return Theme(
        name=burst.title,
        topics=(burst.topic,),
        weight=0,
        season="even",
        days=burst.days,
        problems=burst.texts,
        wishes=(),
        fixes=(burst.answer,),
        reasons=(burst.answer,),
    )


def _themes_of(story: Story, region: Region) -> list[Theme]:
    """The themes with those of their topics that the region has."""
    known = ((theme, tuple(code for code in theme.topics if code in region.topics)) for theme in story.themes)
    return [theme.model_copy(update={"topics": topics}) for theme, topics in known if topics]
