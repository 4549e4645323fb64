"""An appeal's clocks: a pure fold of its journal, so that a rebuild from zero gives the same ones.

Each clock keeps the policy version in force when it opened, unless re-applied, and the calendar as it stands
now, or stood when the clock ended: editing a calendar re-dates running clocks only. Whether a clock was kept
is decided by the true time of the act against `due_at`; `now` only tells whether a clock nobody has met is
overdue.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import Final, Literal, NamedTuple

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
from services.sla.rules.timelines import Journal, OwnedTimeline, Standing, Timeline
from services.sla.rules.wording import say_moment

ClockState = Literal["running", "paused", "met", "breached", "cancelled"]
_IN_TIME: Final[Mapping[ClockState, bool]] = {"met": True, "breached": False}

_REASONS: Final = {"clarification": "уточнение у заявителя", "documents": "запрос документов"}
_RESTARTS: Final = {
    "moved": "Вопрос передан другому органу, его срок идёт заново",
    "interim": "Дан промежуточный ответ, идёт срок окончательного",
}


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
        return _IN_TIME.get(self.state)

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
    clocks = (
        _Folding(appeal_id, journal, owned, policies, calendar_of, now).fold()
        for owned in journal.all_timelines()
        if cover_unassigned or owned.assignment or owned.line.clock != "answer"
    )
    existing = [clock for clock in clocks if clock]
    return sorted(existing, key=lambda clock: (clock.started_at, clock.clock, clock.cycle, clock.key))


class _Dated(NamedTuple):
    """When counting started, when it is due, and the policy that says so (None: the system that kept the case, or a
    promise without a policy)."""

    start: datetime
    deadline: Deadline
    choice: Choice | None
    extra: tuple[Step, ...] = ()  # what moved the start

    def explained(self) -> Deadline:
        """The deadline, with what moved its start told right after the policy."""
        if not self.extra:
            return self.deadline
        first, *rest = self.deadline.steps
        return replace(self.deadline, steps=(first, *self.extra, *rest))


@dataclass(slots=True)
class _Folding:
    """The arithmetic of one timeline."""

    appeal_id: str
    journal: Journal
    owned: OwnedTimeline
    policies: Sequence[Policy]
    calendar_of: CalendarOf
    now: datetime

    @property
    def line(self) -> Timeline:
        return self.owned.line

    def fold(self) -> Clock | None:
        described, about = self.owned.described, self.owned.about
        if self.line.unjudged:
            return None
        place = Place(described.region, described.municipality, about.organisation_id)
        calendar = self.calendar_of(place, self.line.ended_at or self.now)
        choice = self._choose()
        if self.line.promised_on:
            return self._describe(self._date_promise(self.line.promised_on, choice, calendar), calendar)
        return self._describe(self._date(choice, calendar), calendar) if choice else None

    def _describe(self, dated: _Dated, calendar: Calendar) -> Clock:
        line, deadline = self.line, dated.explained()
        policy = dated.choice.policy if dated.choice else None
        return Clock(
            appeal_id=self.appeal_id,
            assignment_id=line.assignment_id,
            clock=line.clock,
            cycle=line.cycle,
            organisation_id=self.owned.about.organisation_id,
            lead=self.owned.lead,
            started_at=dated.start,
            due_at=deadline.due_at,
            due_on=deadline.due_on,
            state=self._decide(deadline.due_at),
            met_at=line.met_at and not_before(line.met_at, dated.start),
            ended_at=line.ended_at and not_before(line.ended_at, dated.start),
            policy_id=policy.id if policy else None,
            policy_version=policy.version if policy else None,
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
        return past is not None and past.covers(due_at)

    def _subject(self) -> Subject:
        described, about = self.owned.described, self.owned.about
        return Subject(
            described.region,
            described.regime,
            self.line.clock,
            about.group,
            about.topic,
            described.channel,
            described.importance,
            self.journal.cases_at(self.line.ended_at),
        )

    def _choose(self) -> Choice | None:
        line, subject = self.line, self._subject()
        choice = choose_policy(self.policies, subject, line.reapplied_at or self._choice_instant())
        if choice is None and line.past and (line.past.due_at or not line.ended_before):
            # Older than any of our policies: those in force when it came here say what may move its due time.
            return choose_policy(self.policies, subject, line.past.taken_over_at)
        return choice

    def _choice_instant(self) -> datetime:
        """A term that counts from registration is the one in force then."""
        line = self.line
        from_registration = line.clock == "answer" and not line.redirected
        return line.registered_at or line.opened_at if from_registration else line.opened_at

    def _start(self, policy: Policy) -> datetime:
        line = self.line
        if line.past and line.past.untimed and policy.regime == "message":
            # Nothing was promised there. For a statutory appeal the law does not ask who keeps the case.
            return line.past.taken_over_at
        return line.opened_at if policy.starts_anew(line.redirected) else line.registered_at or line.opened_at

    def _date_promise(self, promised_on: date, choice: Choice | None, calendar: Calendar) -> _Dated:
        """A promise counts to the end of its date, whatever a policy says."""
        start = self.line.opened_at
        day = max(promised_on, calendar.to_local(start).date())
        deadline = compute_promise(start, day, calendar, choice.step if choice else None)
        return _Dated(start, deadline, choice)

    def _date(self, choice: Choice, calendar: Calendar) -> _Dated:
        """Start, deadline and the policy that set it, after moves between bodies and an interim answer.
        Neither saves a clock that was already overdue: a breach cannot be wiped out by moving the question or
        promising to answer."""
        line, start = self.line, self._start(choice.policy)
        if line.past and line.past.due_at:
            given = partial(compute_given, start, line.past.due_at, calendar, self._pauses(choice.policy))
            dated = _Dated(start, self._extend(given, choice.policy, start), None)
        else:
            dated = _Dated(start, self._compute(start, choice, calendar, choice.policy, start), choice)
        return self._apply_interim(self._apply_moves(dated, choice, calendar), choice, calendar)

    def _apply_moves(self, dated: _Dated, choice: Choice, calendar: Calendar) -> _Dated:
        """Each body that the question was handed to in time has the whole term."""
        for moved_at in self.line.moves if choice.policy.restart_on_redirect else ():
            if is_late(moved_at, dated.deadline.due_at):
                break
            moved = _explain_start("moved", moved_at, calendar)
            deadline = self._compute(moved_at, choice, calendar, choice.policy, moved_at)
            dated = _Dated(moved_at, deadline, choice, (moved,))
        return dated

    def _apply_interim(self, dated: _Dated, choice: Choice, calendar: Calendar) -> _Dated:
        """An interim answer in time starts the term of the final one, where a policy gives it one."""
        given_at = self.line.interim_at
        if given_at is None or is_late(given_at, dated.deadline.due_at):
            return dated
        after = choose_policy(self.policies, replace(self._subject(), cases=("after_interim",)), given_at)
        if after is None or after.policy.case != "after_interim":
            return dated
        interim = _explain_start("interim", given_at, calendar)
        deadline = self._compute(given_at, after, calendar, choice.policy, dated.start)
        return _Dated(given_at, deadline, after, (*dated.extra, interim))

    def _pauses(self, policy: Policy) -> list[Pause]:
        line = self.line
        return [
            # A clock that has ended does not stand still any more, whoever still waits for a reply.
            _pause_of(each, each.until or line.ended_at)
            for each in line.standings
            if each.reason in policy.pauses
        ]

    def _compute(
        self, start: datetime, choice: Choice, calendar: Calendar, extended_by: Policy, since: datetime
    ) -> Deadline:
        """`extended_by` limits extensions asked for at or after `since`: those of an interim answer's clock
        stay."""
        policy = choice.policy
        count = partial(
            compute,
            start,
            policy.term,
            calendar,
            policy.weekend_rule,
            self._pauses(policy),
            policy=choice.step,
        )
        return self._extend(count, extended_by, since)

    def _extend(self, count: Callable[..., Deadline], policy: Policy, since: datetime) -> Deadline:
        """The deadline as counted, with the extension that was asked for before it passed."""
        plain = count()
        extensions = self._extensions(policy, since, plain.due_at)
        return count(extensions=extensions) if extensions else plain

    def _extensions(self, policy: Policy, since: datetime, due_at: datetime | None) -> list[Extension]:
        """The first approved extension that was asked for in time, no longer than the policy allows."""
        for decision in self.line.decided:
            asked_at = self.line.requested.get(decision.extension_id, decision.at)
            days = min(decision.granted, policy.max_extension_days)
            if days > 0 and asked_at >= since and not is_late(asked_at, due_at):
                return [Extension(days, decision.at, _explain_decision(decision))]
        return []

    def _decide(self, due_at: datetime | None) -> ClockState:
        line = self.line
        if is_late(line.ended_at or self.now, due_at):
            return "breached"
        if line.met_at is not None:
            return "met"
        if line.cancelled_at is not None:
            return "cancelled"
        return "paused" if due_at is None else "running"


def _pause_of(standing: Standing, until: datetime | None) -> Pause:
    return Pause(standing.since, until and not_before(until, standing.since), _REASONS[standing.reason])


def _explain_decision(decision: f.ExtensionDecided) -> str:
    if decision.notified_at is None:
        return "решение координатора"
    return f"решение координатора; заявитель уведомлён {say_moment(decision.notified_at)}"


def _explain_start(kind: Literal["moved", "interim"], at: datetime, calendar: Calendar) -> Step:
    local = calendar.to_local(at)
    return {"kind": kind, "at": local.isoformat(), "text": f"{_RESTARTS[kind]} с {say_moment(local)}."}
