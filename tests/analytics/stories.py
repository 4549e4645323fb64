"""Generated lives of appeals, told as the events they send."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from random import Random

from uuid_utils.compat import uuid7

from contracts.event import Event
from contracts.intake import (
    AppealModerated,
    AppealRated,
    AppealRegistered,
    AppealReopened,
    AppealWithdrawn,
    Location,
)
from contracts.routing import (
    AssignmentAccepted,
    AssignmentAnswered,
    AssignmentCancelled,
    AssignmentCorrected,
    AssignmentCreated,
    AssignmentInterimAnswered,
    AssignmentRedirected,
    AssignmentReopened,
    OrganisationName,
)
from contracts.sla import ClockReading, DeadlineBreached, DeadlineCorrected, DeadlineSet
from tests.analytics.histories import (
    BODIES,
    CENTRES,
    CHANNELS,
    DAYS,
    PLACES,
    START,
    TOPICS,
    Answered,
    Case,
    Task,
)


class Story:
    """Lives one appeal with a random generator: changes the case and says what happened."""

    def __init__(self, random: Random, regions: Sequence[str] = ("46", "25")) -> None:
        self.random = random
        region = random.choice(list(regions))
        self.at = START + timedelta(seconds=random.randrange(DAYS * 86400))
        lat, lon = CENTRES[region]
        point = (lat + random.choice((0, 0.01, 0.3)), lon) if random.random() < 0.7 else None
        self.case = Case(
            id=uuid7(),
            region=region,
            received_at=self.at,
            channel=random.choice(CHANNELS),
            stated_place=random.choice([None, *PLACES[region]]),
            routed_place=random.choice([None, *PLACES[region]]),
            point=point,
        )

    def later(self) -> datetime:
        """Time passes."""
        self.at += timedelta(minutes=self.random.randrange(1, 3000))
        return self.at

    def chance(self, share: float) -> bool:
        """Whether something happens."""
        return self.random.random() < share

    def live(self) -> Case:
        """Everything from registration to the end of the story."""
        self.register()
        if self.chance(0.95):
            task = self.assign(lead=True, body=None if self.chance(0.2) else self.random.choice(BODIES))
            if self.chance(0.3):
                self.correct(task)
            if self.chance(0.2) and task.body:
                task = self.redirect(task)
            if self.chance(0.2):
                self.work(self.assign(lead=False, body=self.random.choice(BODIES)))
            self.work(task)
        if self.chance(0.1):
            self.withdraw()
        return self.case

    def register(self) -> None:
        """Number, then perhaps moderation."""
        case = self.case
        point = Location(lat=case.point[0], lon=case.point[1]) if case.point else None
        self.say(
            AppealRegistered,
            number="n",
            regime="message",
            channel=case.channel,
            client_id="portal-1",
            text="Текст",
            municipality=case.stated_place,
            location=point,
            received_at=case.received_at,
        )
        decisions = self.random.choice(((), (), (), ("accept",), ("reject",), ("reject", "accept")))
        for decision in decisions:
            case.rejected, case.moderated_at = decision == "reject", self.later()
            self.say(AppealModerated, decision=decision, reason="", moderated_at=self.at)

    def assign(self, *, lead: bool, body: OrganisationName | None, after: Task | None = None) -> Task:
        """A new assignment with its first deadline."""
        case, topic = self.case, None if self.chance(0.1) else self.random.choice(TOPICS)
        last_day = case.local.replace(hour=23, minute=59, second=59) + timedelta(
            days=self.random.randrange(1, 50)
        )
        task = Task(uuid7(), lead, self.later(), body, topic, last_day)
        case.tasks.append(task)
        self.say_of(
            task,
            AssignmentCreated,
            number="n",
            role="lead" if lead else "co_executor",
            regime="message",
            channel=case.channel,
            municipality=case.routed_place,
            topic=topic,
            organisation=body,
            predecessor_id=after.id if after else None,
            received_at=case.received_at,
            created_at=task.created_at,
        )
        self.read_clock(task, "running")
        return task

    def correct(self, task: Task) -> None:
        """A coordinator changes topic, body or both."""
        topic = self.random.choice(TOPICS) if self.chance(0.5) else None
        body = self.random.choice(BODIES) if topic is None or self.chance(0.5) else None
        task.topic, task.body = topic or task.topic, body or task.body
        self.say_of(task, AssignmentCorrected, topic=topic, organisation=body, corrected_at=self.later())

    def redirect(self, task: Task) -> Task:
        """Not ours: another body goes on."""
        at = task.ended_at = self.later()
        body = None if self.chance(0.2) else self.random.choice(BODIES)
        successor = self.assign(lead=True, body=body, after=task)
        self.say_of(
            task,
            AssignmentRedirected,
            organisation=task.body,
            successor_id=successor.id,
            reason_code="not_competent",
            redirected_at=at,
        )
        return successor

    def work(self, task: Task) -> None:
        """What a body does with it."""
        if task.body is None:
            if self.chance(0.3):
                self.miss(task, 1)
            return
        if self.chance(0.7):
            task.reactions.append(self.later())
            self.say_of(task, AssignmentAccepted, organisation=task.body, accepted_at=self.at)
        if self.chance(0.2):
            task.reactions.append(self.later())
            self.say_of(
                task,
                AssignmentInterimAnswered,
                answer_id=uuid7(),
                organisation=task.body,
                text="",
                answered_at=self.at,
            )
        for cycle in (1, 2):
            if not self.chance(0.7):
                if self.chance(0.3):
                    self.miss(task, cycle)
                return
            if not self.answer(task, cycle):
                return

    def answer(self, task: Task, cycle: int) -> bool:
        """A final answer, perhaps late, perhaps rated; True when it was reopened."""
        late = self.chance(0.3)
        if late:
            self.miss(task, cycle)
        elif self.chance(0.2):
            self.miss(task, cycle, disproved=True)
        given, answer_id = Answered(self.later()), uuid7()
        task.answers.append(given)
        task.reactions.append(given.at)
        outcome = self.random.choice(("solved", "explained", "refused", "postponed"))
        if outcome == "postponed":
            given.promised_on = given.at.date() + timedelta(days=1 + given.at.minute % 5)
        self.say_of(
            task,
            AssignmentAnswered,
            answer_id=answer_id,
            organisation=task.body,
            outcome=outcome,
            promised_on=given.promised_on,
            text="",
            cycle=cycle,
            answered_at=given.at,
        )
        task.met = task.met or not late
        self.read_clock(task, "breached" if late else "met")
        if self.chance(0.5):
            given.score = self.random.randint(1, 5)
            given.reached, given.satisfied = (self.random.choice((None, True, False)) for _ in range(2))
            self.say(
                AppealRated,
                assignment_id=task.id,
                answer_id=answer_id,
                score=given.score,
                solved=given.score > 2,
                reached=given.reached,
                satisfied=given.satisfied,
                rated_at=self.later(),
            )
        given.reopened = given.score is not None and given.score <= 2 and cycle == 1
        if given.reopened:
            at = self.later()
            self.say(
                AppealReopened, assignment_id=task.id, answer_id=answer_id, reason="unsolved", reopened_at=at
            )
            self.say_of(
                task,
                AssignmentReopened,
                answer_id=answer_id,
                organisation=task.body,
                cycle=cycle + 1,
                reopened_at=at + timedelta(seconds=1),
            )
        return given.reopened

    def miss(self, task: Task, cycle: int, *, disproved: bool = False) -> None:
        """The timer fires; a late event may disprove it."""
        named = {"deadline_id": task.id, "assignment_id": task.id, "clock": "answer", "cycle": cycle}
        due = self.later()
        self.say(DeadlineBreached, **named, version=task.readings, due_at=due, fired_at=due)
        if disproved:
            self.say(
                DeadlineCorrected, **named, version=task.readings, reason="in time", corrected_at=self.later()
            )
        else:
            task.breached = True

    def read_clock(self, task: Task, state: str) -> None:
        """A new reading of all clocks of an assignment."""
        task.readings += 1
        cycles = range(1, max(1, len(task.answers)) + 1)
        readings = [
            ClockReading(
                clock="answer",
                cycle=cycle,
                state=state,
                due_at=task.due_at + (cycle - 1) * timedelta(days=9),
                due_on=task.due_at.date() + (cycle - 1) * timedelta(days=9) if task.lead else None,
            )
            for cycle in cycles
        ]
        register = ClockReading(clock="register", state="met", due_at=self.case.received_at)
        self.say(
            DeadlineSet,
            deadline_id=task.id,
            assignment_id=task.id,
            sequence=task.readings,
            lead=task.lead,
            clocks=(register, *readings),
        )

    def withdraw(self) -> None:
        """The citizen asks to stop."""
        self.case.withdrawn_at = self.later()
        self.say(AppealWithdrawn, withdrawn_at=self.at)
        for task in self.case.tasks:
            if task.open:
                task.ended_at = self.at
                self.say_of(task, AssignmentCancelled, reason="withdrawn", cancelled_at=self.at)

    def say(self, kind: type[Event], **fields: object) -> None:
        """An event of the appeal."""
        self.case.events.append(
            kind.model_validate(
                {"region": self.case.region, "appeal_id": self.case.id, "time": self.at, **fields}
            )
        )

    def say_of(self, task: Task, kind: type[Event], **fields: object) -> None:
        """An event that raises the assignment's version."""
        task.version += 1
        self.say(kind, assignment_id=task.id, sequence=task.version, **fields)


def live_cases(random: Random, count: int, regions: Sequence[str] = ("46", "25")) -> list[Case]:
    """That many appeals."""
    return [Story(random, regions).live() for _ in range(count)]


def events_of(cases: Iterable[Case]) -> list[Event]:
    """Everything they say, in the order it happened per appeal."""
    return [event for case in cases for event in case.events]
