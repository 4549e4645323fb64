"""What bodies do today with the letters of today."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Final

from otklik.demo_data.answers import Subject, write_answer, write_poor_answer
from otklik.demo_data.calendar import ZONE
from otklik.demo_data.connection import Report, in_parallel
from otklik.demo_data.loading import Refused
from otklik.demo_data.past import Span
from otklik.demo_data.posting import Task
from otklik.demo_data.region import Region
from otklik.demo_data.story import Act, Outcome, Story
from otklik_client import ProblemError
from otklik_client.models import (
    AssignmentView,
    Clarify,
    Interim,
    Redirect,
    RequestExtension,
    SignedAnswer,
)

_EXTENSION_DAYS: Final = 14
_PLAN_DAYS: Final = 21
_OUTCOMES: Final[tuple[Outcome, ...]] = ("solved", "solved", "explained")


@dataclass(frozen=True)
class Officials:
    """The people of the bodies; what they write is the same for the same story."""

    story: Story
    region: Region
    span: Span

    async def act(self, tasks: Sequence[Task], refused: Refused, report: Report) -> int:
        """Do with every letter what is planned for it; how many were acted upon."""
        planned = [task for task in tasks if task.posted.live.act in _ACTS]
        done = 0

        def count() -> None:
            nonlocal done
            done += 1
            report("Bodies at work", done, len(planned))

        async def act(task: Task) -> bool:
            try:
                await _ACTS[task.posted.live.act](self, task)
            except ProblemError as problem:
                refused.add(f"{task.posted.live.act} of {task.posted.name}", problem)
                return False
            return True

        return sum(await in_parallel(planned, act, count))

    async def accept(self, task: Task) -> AssignmentView:
        """Take it to work."""
        return await task.agency.assignments.accept(
            task.assignment.id, if_match=task.assignment, idempotency_key=f"{task.posted.name}-accept"
        )

    async def answer(self, task: Task) -> None:
        """To the point."""
        random = Random(task.posted.name)
        await self._answer(task, random.choice(_OUTCOMES), random, poor=False)

    async def solve(self, task: Task) -> None:
        """Reported as done; its citizen will not agree."""
        await self._answer(task, "solved", Random(task.posted.name), poor=False)

    async def answer_poorly(self, task: Task) -> None:
        """Words that answer nothing: they wait for the coordinator's review."""
        await self._answer(task, "explained", Random(task.posted.name), poor=True)

    async def plan(self, task: Task) -> None:
        """An interim answer."""
        promised_on = self._today + timedelta(days=_PLAN_DAYS)
        words = self.story.today.phrases.interim
        text = words.format(today=f"{self._today:%d.%m.%Y}", promised=f"{promised_on:%d.%m.%Y}")
        taken = await self.accept(task)
        await task.agency.assignments.answer_interim(
            taken.id,
            Interim(text=text, promised_on=promised_on),
            if_match=taken,
            idempotency_key=f"{task.posted.name}-interim",
        )

    async def redirect(self, task: Task) -> None:
        """Not ours."""
        await task.agency.assignments.redirect(
            task.assignment.id,
            Redirect(reason_code="not_competent", comment=self.story.today.phrases.redirect),
            if_match=task.assignment,
            idempotency_key=f"{task.posted.name}-redirect",
        )

    async def ask(self, task: Task) -> None:
        """A question to the citizen."""
        taken = await self.accept(task)
        await task.agency.assignments.clarify(
            taken.id,
            Clarify(question=self.story.today.phrases.question),
            if_match=taken,
            idempotency_key=f"{task.posted.name}-clarify",
        )

    async def ask_for_time(self, task: Task) -> None:
        """More days."""
        taken = await self.accept(task)
        await task.agency.assignments.request_extension(
            taken.id,
            RequestExtension(days=_EXTENSION_DAYS, reason=self.story.today.phrases.extension),
            if_match=taken,
            idempotency_key=f"{task.posted.name}-request-extension",
        )

    @property
    def _today(self) -> date:
        return self.span.now.astimezone(ZONE).date()

    async def _answer(self, task: Task, outcome: Outcome, random: Random, *, poor: bool) -> None:
        taken = await self.accept(task)
        text = write_poor_answer(random, self.story.wording) if poor else self._words(task, outcome, random)
        await task.agency.assignments.answer(
            taken.id,
            SignedAnswer(text=text, outcome=outcome),
            if_match=taken,
            idempotency_key=f"{task.posted.name}-answer",
        )

    def _words(self, task: Task, outcome: Outcome, random: Random) -> str:
        letter, wording = task.posted.live.letter, self.story.wording
        subject = Subject(
            letter.theme.fixes if letter.theme else wording.any_fixes,
            letter.theme.reasons if letter.theme else wording.any_reasons,
            self.region.topics[letter.topic].name.strip(),
            letter.place,
        )
        return write_answer(random, wording, subject, outcome, self._today, None)


_ACTS: Final[Mapping[Act, Callable[[Officials, Task], Awaitable[object]]]] = {
    "accept": Officials.accept,
    "answer": Officials.answer,
    "answer_poor": Officials.answer_poorly,
    "reopen": Officials.solve,
    "interim": Officials.plan,
    "redirect": Officials.redirect,
    "clarify": Officials.ask,
    "clarified": Officials.ask,
    "extend": Officials.ask_for_time,
    "extended": Officials.ask_for_time,
}
