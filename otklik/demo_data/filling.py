"""The whole story brought in, step by step; done again, it goes on where it was interrupted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from random import Random
from typing import Final

from otklik.demo_data.cases import Case
from otklik.demo_data.citizens import answer_back
from otklik.demo_data.connection import Accounts, Report, settle
from otklik.demo_data.coordinating import (
    announce,
    decide,
    grant_extensions,
    moderate,
    switch_moderation_on,
    titles_of_works,
)
from otklik.demo_data.gatherings import Incidents, work_of
from otklik.demo_data.handling import CaseWriter
from otklik.demo_data.identity import find_span, import_id_of
from otklik.demo_data.loading import Refused, import_cases, rate_answers
from otklik.demo_data.officials import Officials
from otklik.demo_data.past import PastWriter, Span
from otklik.demo_data.posting import Posted, find_tasks, post_letters
from otklik.demo_data.region import Region, read_region
from otklik.demo_data.story import Story
from otklik.demo_data.today import TodayWriter
from otklik_client.models import BatchLine

MOST_SHOWN: Final = 10


@dataclass
class Counts:
    """What was brought in; `refused`: why something was not taken."""

    cases: int = 0
    open_cases: int = 0
    late_answers: int = 0
    ratings: int = 0
    letters_today: int = 0
    acts: int = 0
    citizens_acts: int = 0
    moderated: int = 0
    extensions: int = 0
    works: int = 0
    incidents: int = 0
    decisions: int = 0
    refused: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, object]:
        """For `--json`."""
        return asdict(self)


async def find_story(accounts: Accounts, region: str) -> Span | None:
    """The story that the system has, or has begun to have."""
    ids = [
        item.id
        async for item in accounts.admin.imports.list_imports()
        if region in item.regions and item.status == "taken_over"
    ]
    return find_span(ids)


async def is_complete(accounts: Accounts, region: str, story: Story) -> bool:
    """Whether the last thing of the story is there."""
    return story.today.announced[-1].title in await titles_of_works(accounts.coordinator, region)


async def fetch_region(accounts: Accounts, code: str) -> Region:
    """From its reference data."""
    return read_region(code, await accounts.admin.reference.read_reference(code))


def write_cases(story: Story, region: Region, span: Span) -> list[Case]:
    """The past; the same for the same region and span."""
    letters = PastWriter(story, region, span).letters()
    return CaseWriter(story, region, span.now, Random(f"{span.seed}/cases")).cases(letters)


@dataclass
class Filling:
    """One run."""

    accounts: Accounts
    story: Story
    region: Region
    span: Span
    report: Report
    counts: Counts = field(default_factory=Counts)
    refused: Refused = field(default_factory=Refused)

    async def run(self) -> Counts:
        """The past, then today; the last step is what `is_complete` looks for."""
        await switch_moderation_on(self.accounts.admin, self.region.code)
        cases = write_cases(self.story, self.region, self.span)
        results = await self._import(cases)
        await self._announce_today()
        posted = await self._post(TodayWriter(self.story, self.region, self.span))
        await settle(self.accounts.admin, self.report)
        await self._work(posted)
        self.counts.ratings = await rate_answers(
            self.accounts.portal, cases, results, self.refused, self.report
        )
        await settle(self.accounts.admin, self.report)
        await self._answer_back(posted)
        await settle(self.accounts.admin, self.report)
        await self._announce_next()
        self.counts.refused = self.refused.reasons
        return self.counts

    async def _import(self, cases: Sequence[Case]) -> list[BatchLine]:
        results = await import_cases(
            self.accounts.admin, self.region.code, import_id_of(self.span), cases, self.refused, self.report
        )
        self.counts.cases = sum(result.problem is None for result in results)
        self.counts.open_cases = sum(case.answer is None for case in cases)
        self.counts.late_answers = sum(case.is_late for case in cases)
        return results

    async def _post(self, writer: TodayWriter) -> list[Posted]:
        letters = [*writer.letters(), *writer.gathered()]
        posted = await post_letters(self.accounts.portal, self.region.code, letters, self.refused)
        self.counts.letters_today = len(posted)
        return posted

    async def _work(self, posted: Sequence[Posted]) -> None:
        """Bodies and the centre."""
        accounts, today = self.accounts, self.story.today
        officials = Officials(self.story, self.region, self.span)
        tasks = await find_tasks(accounts.agencies, posted)
        self.counts.acts = await officials.act(tasks, self.refused, self.report)
        self.counts.moderated = await moderate(accounts.coordinator, today.phrases, posted, self.refused)
        incidents = Incidents(accounts, self.region.code, self.refused)
        events = [each for each in today.gathering if not each.is_work]
        for number, each in enumerate(events, 1):
            self.counts.incidents += await incidents.confirm(each, posted)
            self.report("Incidents", number, len(events))

    async def _answer_back(self, posted: Sequence[Posted]) -> None:
        """Citizens, and what the centre decides on requests."""
        accounts, phrases = self.accounts, self.story.today.phrases
        self.counts.citizens_acts = await answer_back(accounts.portal, phrases, posted, self.refused)
        self.counts.extensions = await grant_extensions(
            accounts.coordinator, self.region.code, phrases, posted, self.refused
        )
        self.counts.decisions = await decide(
            accounts.analyst, self.region, self.story.today, self.span, self.refused
        )

    async def _announce_today(self) -> None:
        """Works that run now: announced before anybody writes about them."""
        known = await titles_of_works(self.accounts.coordinator, self.region.code)
        for each in self.story.today.gathering:
            if each.is_work:
                starts_at = self.span.now - timedelta(minutes=30)
                body = work_of(self.region, await self._executor(each.topics[0]), each, starts_at, each.hours)
                self.counts.works += await announce(self.accounts.coordinator, body, known, self.refused)

    async def _announce_next(self) -> None:
        known = await titles_of_works(self.accounts.coordinator, self.region.code)
        for each in self.story.today.announced:
            starts_at = self.span.now + timedelta(hours=each.in_hours)
            topic = next((code for code in each.topics if code in self.region.topics), "road-potholes-town")
            body = work_of(self.region, await self._executor(topic), each, starts_at, each.hours)
            self.counts.works += await announce(self.accounts.coordinator, body, known, self.refused)

    async def _executor(self, topic: str) -> str:
        """Id of the body that answers for a topic in the largest municipality."""
        code = self.region.lead(topic, self.region.districts[0].oktmo)
        listed = self.accounts.admin.reference.list_organisations(region=self.region.code)
        return str(next(iter([item.id async for item in listed if item.code == code])))
