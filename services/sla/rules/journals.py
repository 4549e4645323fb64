"""From facts to timelines: one walk over an appeal's journal in the true order of its facts.

Nothing here needs a policy or a calendar; that is `clocks`' part.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from chassis.moments import not_before
from services.sla.rules import facts as f
from services.sla.rules.ordering import in_order
from services.sla.rules.policies import ClockKind, PauseReason
from services.sla.rules.timelines import About, Assignment, Journal, Standing, Timeline


def read_journal(facts: Iterable[f.Fact]) -> Journal:
    """Walk the facts, each event once, in true order. Facts of an assignment that is not known yet wait for
    the replay in which it is."""
    journal = Journal()
    for fact in in_order(facts):
        match fact:
            case f.AppealRegistered():
                _register(journal, fact)
            case f.AssignmentCreated():
                _create(journal, fact)
            case f.AppealMarked():
                journal.mark([fact.case], fact.at, applies=fact.applies)
            case f.PolicyReapplied():
                _reapply(journal, fact)
            case f.AppealForwarded() | f.AppealWithdrawn() | f.AppealRejected():
                _close(journal, fact)
            case f.AssignmentFact():
                assignment = journal.assignments.get(fact.assignment_id)
                if assignment:
                    _apply(journal, assignment, fact)
    _end_appeal_clocks(journal)
    return journal


def _register(journal: Journal, fact: f.AppealRegistered) -> None:
    if journal.registered:
        return
    journal.registered = fact
    journal.mark(fact.cases, fact.at)
    journal.past = journal.past or fact.past
    if fact.past:  # how it was registered and handed on there is not ours to judge
        if fact.past.closed_at is None:
            journal.timelines.append(Timeline("answer", 1, fact.at, registered_at=fact.at, past=fact.past))
        return
    arrived = min(fact.arrived_at or fact.at, fact.at)
    journal.timelines += [
        Timeline("register", 1, arrived, fixed=True, met_at=fact.at),
        Timeline("forward", 1, fact.at, registered_at=fact.at),
        Timeline("answer", 1, fact.at, registered_at=fact.at),
    ]


def _create(journal: Journal, fact: f.AssignmentCreated) -> None:
    if fact.assignment_id in journal.assignments:
        return
    assignment = Assignment(fact, About(fact.organisation_id, fact.topic, fact.group))
    journal.past = journal.past or fact.past
    journal.assignments[fact.assignment_id] = assignment
    journal.mark(fact.cases, fact.at)
    assignment.timelines.append(
        Timeline(
            "answer",
            1,
            fact.at,
            fact.assignment_id,
            fact.received_at,
            redirected=fact.predecessor_id is not None,
            past=fact.past or _past_of_helpers(journal, fact),
        )
    )
    if fact.past:
        if fact.past.closed_at:
            _meet(assignment, "answer", fact.past.closed_at)
    elif fact.organisation_id:
        _hand_over(journal, assignment, fact.at)
    if journal.closed_at:
        assignment.cancel(fact.at)


def _past_of_helpers(journal: Journal, fact: f.AssignmentCreated) -> f.Past | None:
    """A body called in to help with an open past case has the time that the case still has."""
    past = journal.past
    return past if past and past.closed_at is None and fact.predecessor_id is None else None


def _hand_over(journal: Journal, assignment: Assignment, at: datetime) -> None:
    """A body has the question now: it owes a reaction."""
    journal.dispatched_at = journal.dispatched_at or at
    for line in assignment.open("react"):
        line.cancel(at)
    created = assignment.created
    cycle = assignment.next_cycle("react")
    assignment.timelines.append(Timeline("react", cycle, at, created.assignment_id, created.received_at))


def _apply(journal: Journal, assignment: Assignment, fact: f.AssignmentFact) -> None:
    at = fact.at
    match fact:
        case f.AssignmentCorrected():
            _correct(journal, assignment, fact)
        case f.AssignmentAccepted():
            _meet(assignment, "react", at)
        case f.ClarificationAsked() | f.ClarificationGiven() | f.DocumentsRequested() | f.DocumentsReceived():
            _stand(assignment, fact)
        case f.ExtensionRequested():
            for line in assignment.open("answer"):
                line.requested.setdefault(fact.extension_id, line.not_before_start(at))
        case f.ExtensionDecided():
            for line in assignment.open("answer"):
                line.decided.append(fact)
        case f.InterimAnswered():
            _meet(assignment, "react", at)
            for line in assignment.open("answer"):
                line.interim_at = line.interim_at or line.not_before_start(at)
            _promise(assignment, at, fact.promised_on)
        case f.AssignmentAnswered():
            _answer(assignment, fact)
        case f.PromiseKept():
            _meet(assignment, "promise", at)
        case f.AssignmentRedirected() | f.AssignmentCancelled():
            assignment.cancel(at)
        case f.AssignmentReopened():
            _reopen(journal, assignment, fact)


def _meet(assignment: Assignment, clock: ClockKind, at: datetime) -> None:
    for line in assignment.open(clock):
        line.meet(at)


def _correct(journal: Journal, assignment: Assignment, fact: f.AssignmentCorrected) -> None:
    before = assignment.about
    after = About(
        fact.organisation_id or before.organisation_id, fact.topic or before.topic, fact.group or before.group
    )
    assignment.about = after
    if after.organisation_id != before.organisation_id and after.organisation_id and not assignment.gone:
        _hand_over(journal, assignment, fact.at)
        if before.organisation_id:  # out of triage nobody loses the question, so nothing starts anew
            for line in assignment.open("answer"):
                line.moves.append(line.not_before_start(fact.at))
    for line in assignment.timelines:  # what has ended stays with the body and the topic it ended under
        if line.ended_at and line.about is None:
            line.about = before


def _stand(assignment: Assignment, fact: f.AssignmentFact) -> None:
    match fact:
        case f.ClarificationAsked():
            _meet(assignment, "react", fact.at)
            for line in assignment.open("answer"):
                line.standings.append(Standing("clarification", fact.at))
        case f.ClarificationGiven():
            for line in assignment.open("answer"):
                _resume(line, "clarification", None, fact.at)
        case f.DocumentsRequested():
            cycle = assignment.next_cycle("documents")
            request = Timeline(
                "documents", cycle, fact.at, fact.assignment_id, fixed=True, request_id=fact.request_id
            )
            if not assignment.gone:
                assignment.timelines.append(request)
            for line in assignment.open("answer"):
                line.standings.append(Standing("documents", fact.at, request_id=fact.request_id))
        case f.DocumentsReceived():
            for line in assignment.open("documents"):
                if line.request_id == fact.request_id:
                    line.meet(fact.at)
            for line in assignment.open("answer"):
                _resume(line, "documents", fact.request_id, fact.at)


def _resume(line: Timeline, reason: PauseReason, request_id: str | None, at: datetime) -> None:
    for standing in line.standings:
        if standing.until is None and standing.reason == reason and standing.request_id == request_id:
            standing.until = not_before(at, standing.since)


def _answer(assignment: Assignment, fact: f.AssignmentAnswered) -> None:
    _meet(assignment, "react", fact.at)
    _meet(assignment, "answer", fact.at)
    if fact.outcome == "postponed":
        _promise(assignment, fact.at, fact.promised_on)
        return
    _meet(assignment, "promise", fact.at)
    for line in assignment.open("documents"):  # nobody waits for the papers any more
        line.cancel(fact.at)


def _promise(assignment: Assignment, at: datetime, promised_on: date | None) -> None:
    if promised_on is None or assignment.gone:
        return
    for line in assignment.open("promise"):
        line.cancel(
            at
        )  # a new date replaces the old one; whether that was still in time is decided by its due time
    cycle = assignment.next_cycle("promise")
    assignment.timelines.append(
        Timeline("promise", cycle, at, assignment.created.assignment_id, fixed=True, promised_on=promised_on)
    )


def _reopen(journal: Journal, assignment: Assignment, fact: f.AssignmentReopened) -> None:
    cycle = fact.cycle or assignment.next_cycle("answer")
    if any(line.clock == "answer" and line.cycle == cycle for line in assignment.timelines):
        return
    for line in assignment.open("answer"):
        line.cancel(fact.at)
    assignment.gone = False
    assignment.timelines.append(Timeline("answer", cycle, fact.at, fact.assignment_id, fixed=True))
    if journal.closed_at:
        assignment.cancel(fact.at)


def _reapply(journal: Journal, fact: f.PolicyReapplied) -> None:
    for line, _ in journal.all_timelines():
        if line.ended_at is None and fact.clock in (None, line.clock):
            line.reapplied_at = fact.at


def _close(journal: Journal, fact: f.Fact) -> None:
    if isinstance(fact, f.AppealForwarded):
        journal.dispatched_at = journal.dispatched_at or fact.at
        for line in journal.timelines:
            if line.clock == "forward":
                line.meet(fact.at)
    for line in journal.timelines:
        line.cancel(fact.at)
    if isinstance(fact, f.AppealForwarded):
        return  # what was open ends by a word of its own; an answer given before may still be found wanting
    journal.closed_at = journal.closed_at or fact.at
    for assignment in journal.assignments.values():
        assignment.cancel(fact.at)


def _end_appeal_clocks(journal: Journal) -> None:
    """The appeal's own clocks end when a body has it (forward) and while some lead answers for it
    (answer)."""
    leads = [each for each in journal.assignments.values() if each.created.role == "lead"]
    if any(
        not each.gone for each in leads
    ):  # a past case came here with its body: nobody ever waited for one
        journal.timelines = [line for line in journal.timelines if line.past is None]
    for line in journal.timelines:
        if line.clock == "forward" and journal.dispatched_at:
            # A dispatch counts although the appeal was closed later.
            if line.cancelled_at is None or journal.dispatched_at <= line.cancelled_at:
                line.met_at = line.not_before_start(journal.dispatched_at)
                line.cancelled_at = None
        elif line.clock == "answer" and any(not each.gone for each in leads):
            line.cancel(min(each.created.at for each in leads))
