"""An appeal's clocks: a pure fold of its journal, so that a rebuild from zero gives the same ones.

Each clock keeps the policy version in force when it opened, unless re-applied, and the calendar as it stands
now, or stood when the clock ended: editing a calendar re-dates running clocks only. Whether a clock was kept
is decided by the true time of the act against `due_at`; `now` only tells whether a clock nobody has met is
overdue.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

from chassis.moments import not_before
from services.sla.rules import facts as f
from services.sla.rules.calendars import Calendar
from services.sla.rules.deadlines import (
    Deadline,
    Extension,
    Pause,
    compute,
    compute_given,
    compute_promise,
    is_late,
)
from services.sla.rules.explanations import Step
from services.sla.rules.journals import read_journal
from services.sla.rules.policies import Choice, ClockKind, Policy, Subject, choose_policy
from services.sla.rules.timelines import About, Assignment, Journal, Standing, Timeline
from services.sla.rules.wording import say_moment

ClockState = Literal["running", "paused", "met", "breached", "cancelled"]

_REASONS = {"clarification": "уточнение у заявителя", "documents": "запрос документов"}


@dataclass(frozen=True, slots=True)
class Place:
    """Whose calendar a clock runs by: region (two digits), municipality (ОКТМО), organisation id."""

    region: str
    municipality: str | None = None
    organisation_id: str | None = None


CalendarOf = Callable[[Place, datetime], Calendar]
"""The calendar of a place as it stood at an instant: `now` for running clocks, their end for ended ones."""


@dataclass(frozen=True, slots=True)
class Clock:
    """One deadline. `due_at` and `due_on` are None while it stands still without end.

    `state`: `met` in time; `breached` when `due_at` passed first, whether the act came later (`met_at`,
    `ended_at`) or is still awaited (`ended_at` None); `cancelled` ended before it was due. `version`: see
    `changes.revise`. `past`: it had ended, or was overdue, before this system heard of it: nobody is told of that here.
    """

    appeal_id: str
    assignment_id: str | None
    clock: ClockKind
    cycle: int
    organisation_id: str | None
    lead: bool
    started_at: datetime
    due_at: datetime | None
    due_on: date | None
    state: ClockState
    met_at: datetime | None
    ended_at: datetime | None
    policy_id: str | None
    policy_version: int | None
    calendar_version: int
    explanation: tuple[Step, ...]
    certain: bool = True
    version: int = 1
    past: bool = False

    @property
    def key(self) -> str:
        """Stable name of the clock inside the service: holder, kind, cycle."""
        return f"{self.assignment_id or self.appeal_id}:{self.clock}:{self.cycle}"

    @property
    def in_time(self) -> bool | None:
        """Whether the act was in time; None while awaited or when the clock was cancelled."""
        if self.state in ("met", "breached"):
            return self.state == "met"
        return None

    @property
    def reason(self) -> str:
        """The explanation in one paragraph of Russian."""
        return " ".join(str(step["text"]) for step in self.explanation)


def fold_clocks(
    appeal_id: str,
    facts: Iterable[f.Fact],
    policies: Sequence[Policy],
    calendar_of: CalendarOf,
    now: datetime,
    *,
    cover_unassigned: bool = True,
) -> list[Clock]:
    """All clocks of the appeal, ordered by start, kind and cycle. The order and repetition of facts do not
    matter.

    A clock without a fitting policy does not exist. `cover_unassigned`: keep the appeal's own answer clock
    from registration until a lead holds it (it is `cancelled` from then on), so that no appeal is ever
    without a deadline.
    """
    journal = read_journal(facts)
    clocks: list[Clock] = []
    for line, assignment in journal.all_timelines():
        if line.clock == "answer" and assignment is None and not cover_unassigned:
            continue
        clock = _Folding(appeal_id, journal, line, assignment, policies, calendar_of, now).fold()
        if clock:
            clocks.append(clock)
    return sorted(clocks, key=lambda clock: (clock.started_at, clock.clock, clock.cycle, clock.key))


@dataclass(frozen=True, slots=True)
class _Folding:
    """The arithmetic of one timeline."""

    appeal_id: str
    journal: Journal
    line: Timeline
    assignment: Assignment | None
    policies: Sequence[Policy]
    calendar_of: CalendarOf
    now: datetime

    def fold(self) -> Clock | None:
        line, assignment = self.line, self.assignment
        described = assignment.created if assignment else self.journal.registered
        if described is None:
            return None
        if line.ended_before and line.past and line.past.due == "none":
            return None
        about = line.about or (
            assignment.about if assignment else About(None, described.topic, described.group)
        )
        subject = Subject(
            described.region,
            described.regime,
            line.clock,
            about.group,
            about.topic,
            described.channel,
            described.importance,
            self.journal.cases_at(line.ended_at),
        )
        choice = choose_policy(self.policies, subject, line.reapplied_at or self._choice_instant())
        if choice is None and line.past and (line.past.due_at or not line.ended_before):
            # Older than any of our policies: those in force when it came here say what may move its due time.
            choice = choose_policy(self.policies, subject, line.past.taken_over_at)
        place = Place(described.region, described.municipality, about.organisation_id)
        calendar = self.calendar_of(place, line.ended_at or self.now)
        if line.promised_on is not None:
            start = line.opened_at
            promised_on = max(line.promised_on, calendar.to_local(start).date())
            deadline = compute_promise(start, promised_on, calendar, choice.step if choice else None)
        elif choice is not None:
            start, deadline, choice = self._date(subject, choice, calendar)
        else:
            return None
        return Clock(
            appeal_id=self.appeal_id,
            assignment_id=line.assignment_id,
            clock=line.clock,
            cycle=line.cycle,
            organisation_id=about.organisation_id,
            lead=assignment is None or assignment.created.role == "lead",
            started_at=start,
            due_at=deadline.due_at,
            due_on=deadline.due_on,
            state=self._decide(deadline.due_at),
            met_at=line.met_at and not_before(line.met_at, start),
            ended_at=line.ended_at and not_before(line.ended_at, start),
            policy_id=choice.policy.id if choice else None,
            policy_version=choice.policy.version if choice else None,
            calendar_version=calendar.version,
            explanation=deadline.steps,
            certain=deadline.certain,
            past=line.ended_before or self._was_overdue(deadline.due_at),
        )

    def _was_overdue(self, due_at: datetime | None) -> bool:
        """Whether it should have been met while another system still kept the case, whatever set its due time. Who takes
        over ten thousand late cases must not wake the federal level with all of them at once; a term that is set or moved
        on here is announced as any."""
        past = self.journal.past
        return past is not None and due_at is not None and due_at <= past.taken_over_at

    def _choice_instant(self) -> datetime:
        """A term that counts from registration is the one in force then."""
        line = self.line
        if line.clock == "answer" and not line.fixed and not line.redirected and line.registered_at:
            return line.registered_at
        return line.opened_at

    def _start(self, policy: Policy) -> datetime:
        line = self.line
        if line.past and line.past.due == "none" and policy.regime == "message":
            # Nothing was promised there. For a statutory appeal the law does not ask who keeps the case.
            return line.past.taken_over_at
        if line.fixed or line.registered_at is None:
            return line.opened_at
        if line.redirected:
            return line.opened_at if policy.restart_on_redirect else line.registered_at
        return line.registered_at if policy.start_from == "registration" else line.opened_at

    def _date(
        self, subject: Subject, choice: Choice, calendar: Calendar
    ) -> tuple[datetime, Deadline, Choice | None]:
        """Start, deadline and the policy that set it, after moves between bodies and an interim answer.
        Neither saves a clock that was already overdue: a breach cannot be wiped out by moving the question or
        promising to answer."""
        line, policy = self.line, choice.policy
        start = self._start(policy)
        extra: list[Step] = []
        by: Choice | None = choice
        if line.past and line.past.due_at:
            by, deadline = None, self._take_over(start, line.past.due_at, policy, calendar)
        else:
            deadline = self._compute(start, policy, choice.step, calendar, policy, start)
        for moved_at in line.moves if policy.restart_on_redirect else ():
            if deadline.due_at is not None and is_late(moved_at, deadline.due_at):
                break
            start, by = moved_at, choice
            extra = [_tell("moved", start, "Вопрос передан другому органу, его срок идёт заново", calendar)]
            deadline = self._compute(start, policy, choice.step, calendar, policy, start)
        if line.interim_at and (deadline.due_at is None or not is_late(line.interim_at, deadline.due_at)):
            after = choose_policy(self.policies, replace(subject, cases=("after_interim",)), line.interim_at)
            if after and after.policy.case == "after_interim":
                first, start = start, line.interim_at
                extra.append(
                    _tell("interim", start, "Дан промежуточный ответ, идёт срок окончательного", calendar)
                )
                deadline = self._compute(start, after.policy, after.step, calendar, policy, first)
                by = after
        if extra:
            deadline = replace(deadline, steps=(*deadline.steps[:1], *extra, *deadline.steps[1:]))
        return start, deadline, by

    def _take_over(self, start: datetime, due_at: datetime, policy: Policy, calendar: Calendar) -> Deadline:
        """The other system's due time, moved by what our policy allows to move one."""
        pauses = self._pauses(policy)
        plain = compute_given(start, due_at, calendar, pauses)
        extensions = self._extensions(policy, start, plain.due_at)
        return compute_given(start, due_at, calendar, pauses, extensions=extensions) if extensions else plain

    def _pauses(self, policy: Policy) -> list[Pause]:
        line = self.line
        return [
            # A clock that has ended does not stand still any more, whoever still waits for a reply.
            _pause_of(each, each.until or line.ended_at)
            for each in line.standings
            if each.reason in policy.pauses
        ]

    def _compute(
        self,
        start: datetime,
        policy: Policy,
        step: Step,
        calendar: Calendar,
        extended_by: Policy,
        since: datetime,
    ) -> Deadline:
        """`extended_by` limits extensions asked for at or after `since`: those of an interim answer's clock
        stay."""
        pauses = self._pauses(policy)
        plain = compute(start, policy.term, calendar, policy.weekend_rule, pauses, policy=step)
        extensions = self._extensions(extended_by, since, plain.due_at)
        if not extensions:
            return plain
        return compute(
            start, policy.term, calendar, policy.weekend_rule, pauses, extensions=extensions, policy=step
        )

    def _extensions(self, policy: Policy, since: datetime, due_at: datetime | None) -> list[Extension]:
        """The first approved extension that was asked for in time, no longer than the policy allows."""
        for decision in self.line.decided:
            asked_at = self.line.requested.get(decision.extension_id, decision.at)
            days = min(decision.days, policy.max_extension_days)
            timely = asked_at >= since and (due_at is None or not is_late(asked_at, due_at))
            if decision.approved and days > 0 and timely:
                told = (
                    f"; заявитель уведомлён {say_moment(decision.notified_at)}"
                    if decision.notified_at
                    else ""
                )
                return [Extension(days, decision.at, f"решение координатора{told}")]
        return []

    def _decide(self, due_at: datetime | None) -> ClockState:
        line = self.line
        moment = line.ended_at or self.now
        if due_at is not None and is_late(moment, due_at):
            return "breached"
        if line.met_at is not None:
            return "met"
        if line.cancelled_at is not None:
            return "cancelled"
        return "paused" if due_at is None else "running"


def _pause_of(standing: Standing, until: datetime | None) -> Pause:
    return Pause(standing.since, until and not_before(until, standing.since), _REASONS[standing.reason])


def _tell(kind: str, at: datetime, text: str, calendar: Calendar) -> Step:
    local = calendar.to_local(at)
    return {"kind": kind, "at": local.isoformat(), "text": f"{text} с {say_moment(local)}."}
