"""When a timeline's clock is due: which policy counts, from when, and what moved or lengthened it.

Neither a move between organisations nor an interim answer saves a clock that was already overdue: a breach cannot be
wiped out by moving the question or promising to answer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import lru_cache, partial
from typing import Final, NamedTuple

from chassis.moments import not_before
from services.sla.calendars.rules.calendars import Calendar
from services.sla.calendars.rules.deadlines import (
    Deadline,
    Extension,
    Pause,
    compute,
    compute_given,
    compute_promise,
    is_late,
)
from services.sla.calendars.rules.explanations import Step
from services.sla.calendars.rules.wording import render_moment
from services.sla.clocks.rules import facts as f
from services.sla.clocks.rules.timelines import NO_LEGACY, PossiblePause, RestartKind, Timeline
from services.sla.policies.rules.policies import Choice, Policy, Subject, choose_policy

_REASONS: Final = {
    "clarification": "уточнение у заявителя",
    "documents": "запрос документов",
    "elsewhere": "вопрос был у другого органа",
}
_RESTARTS: Final = {
    "moved": "Вопрос передан другому органу, его срок идёт заново",
    "interim": "Дан промежуточный ответ, идёт срок окончательного",
}


class Dated(NamedTuple):
    """When counting started, when it is due, and the policy that says so (None: the system that kept the case before,
    or a promise that no policy covers)."""

    start: datetime
    deadline: Deadline
    choice: Choice | None
    restarts: tuple[Step, ...] = ()

    @property
    def is_after_interim(self) -> bool:
        """Whether the term of the final answer runs."""
        return any(step["kind"] == "interim" for step in self.restarts)

    def explained(self) -> Dated:
        """What moved the start is explained right after the policy."""
        if not self.restarts:
            return self
        first, *rest = self.deadline.steps
        return self._replace(deadline=replace(self.deadline, steps=(first, *self.restarts, *rest)))


@dataclass(slots=True)
class Dating:
    """The arithmetic of one timeline."""

    line: Timeline
    subject: Subject
    policies: Sequence[Policy]
    calendar: Calendar

    def find(self) -> Dated | None:
        """None where no policy fits."""
        choice = self._choose()
        if self.line.promised_on:
            return self._date_promise(self.line.promised_on, choice)
        return self._date_term(choice) if choice else None

    def _choose(self) -> Choice | None:
        line = self.line
        choice = self._choose_since(self.subject, line.chosen_at)
        if choice or line.legacy is NO_LEGACY:
            return choice
        if line.legacy.due_at or not line.ended_in_legacy:
            # Older than any of our policies: those in force when it came here say what may move its due time.
            return choose_policy(self.policies, self.subject, line.legacy.taken_over_at)
        return None

    def _choose_since(self, subject: Subject, moment: datetime) -> Choice | None:
        """What was in force at the instant; a policy that was re-applied later counts where it was chosen, or would be then."""
        choice = choose_policy(self.policies, subject, moment)
        for again in self.line.reapplied:
            if again.at < moment:
                continue
            then = choose_policy(self.policies, subject, again.at)
            if again.policy_id is None or again.policy_id in (_policy_of(choice), _policy_of(then)):
                choice = then
        return choice

    def _date_promise(self, promised_on: date, choice: Choice | None) -> Dated:
        """A promise counts to the end of its date, whatever a policy sets."""
        start = self.line.opened_at
        step = choice.step if choice else None
        return Dated(start, compute_promise(start, promised_on, self.calendar, step), choice)

    def _date_term(self, choice: Choice) -> Dated:
        dated = self._date_start(choice)
        for kind, at in self.line.restarts:
            if is_late(at, dated.deadline.due_at):
                break
            restart = self._hand_over if kind == "moved" else self._answer_for_now
            dated = restart(dated, choice, at)
        return dated.explained()

    def _date_start(self, choice: Choice) -> Dated:
        """As set by the policy, or by the system that kept the case before."""
        line, policy = self.line, choice.policy
        start = self._start(policy)
        if line.legacy.due_at is None:
            return Dated(start, self._count(start, choice, policy, start), choice)
        given = partial(compute_given, start, line.legacy.due_at, self.calendar, self._pauses(policy))
        return Dated(start, self._extend(given, policy, start), None)

    def _start(self, policy: Policy) -> datetime:
        line = self.line
        if line.legacy.untimed and policy.regime == "message":
            # Nothing was promised there. For a statutory appeal the law does not ask who keeps the case.
            return line.legacy.taken_over_at
        if line.registered_at is None or policy.starts_anew(line.redirected):
            return line.opened_at
        return line.registered_at

    def _hand_over(self, dated: Dated, choice: Choice, at: datetime) -> Dated:
        """An organisation that the question was handed to in time has the whole term, whatever was answered before."""
        policy = choice.policy
        if not policy.restart_on_redirect:
            return dated
        return Dated(at, self._count(at, choice, policy, at), choice, (self._explain_restart("moved", at),))

    def _answer_for_now(self, dated: Dated, choice: Choice, at: datetime) -> Dated:
        """An organisation's first interim answer in time starts the term of the final one, where a policy gives it one."""
        if dated.is_after_interim:
            return dated
        after = self._choose_since(replace(self.subject, cases=("after_interim",)), at)
        if after is None or after.policy.case != "after_interim":
            return dated
        # Extensions of the answer's clock stay, as long as its policy allows.
        deadline = self._count(at, after, choice.policy, dated.start)
        return Dated(at, deadline, after, (*dated.restarts, self._explain_restart("interim", at)))

    def _count(self, start: datetime, choice: Choice, extended_by: Policy, since: datetime) -> Deadline:
        """The term from `start`; `extended_by` limits extensions, which were asked for at or after `since`."""
        policy = choice.policy
        if not self.line.decided and not self.line.possible_pauses:
            return _count_alike(start.astimezone(UTC).replace(microsecond=0), choice, self.calendar)
        count = partial(
            compute,
            start,
            policy.term,
            self.calendar,
            policy.weekend_rule,
            self._pauses(policy),
            policy=choice.step,
        )
        return self._extend(count, extended_by, since)

    def _extend(self, count: Callable[..., Deadline], policy: Policy, since: datetime) -> Deadline:
        """The deadline as counted, with the first extension that was approved and asked for in time."""
        plain = count()
        for decision in self.line.decided:
            asked_at = self.line.requested.get(decision.extension_id, decision.at)
            days = min(decision.granted, policy.max_extension_days)
            if days > 0 and asked_at >= since and not is_late(asked_at, plain.due_at):
                return count(extensions=[Extension(days, decision.at, _explain_decision(decision))])
        return plain

    def _pauses(self, policy: Policy) -> list[Pause]:
        # A clock that has ended does not stand still any more, whoever still waits for a reply.
        return [
            _pause_of(each, each.until or self.line.ended_at)
            for each in self.line.possible_pauses
            if each.reason == "elsewhere" or each.reason in policy.pauses
        ]

    def _explain_restart(self, kind: RestartKind, at: datetime) -> Step:
        local = self.calendar.to_local(at)
        return {"kind": kind, "at": local.isoformat(), "text": f"{_RESTARTS[kind]} с {render_moment(local)}."}


# Appeals come in crowds: clocks of one policy that start in the same second share one deadline with its explanation.
# Keyed by UTC (see `deadlines`); a choice is remembered by its policies, so that it is most often the very same.
@lru_cache(maxsize=2048)
def _count_alike(start: datetime, choice: Choice, calendar: Calendar) -> Deadline:
    policy = choice.policy
    return compute(start, policy.term, calendar, policy.weekend_rule, policy=choice.step)


def _policy_of(choice: Choice | None) -> str | None:
    return choice.policy.id if choice else None


def _pause_of(possible: PossiblePause, until: datetime | None) -> Pause:
    return Pause(possible.since, until and not_before(until, possible.since), _REASONS[possible.reason])


def _explain_decision(decision: f.ExtensionDecided) -> str:
    if decision.notified_at is None:
        return "решение координатора"
    return f"решение координатора; заявитель уведомлён {render_moment(decision.notified_at)}"
