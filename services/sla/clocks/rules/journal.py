"""From facts to timelines: one walk over an appeal's journal in the true order of its facts.

Nothing here needs a policy or a calendar; `fold` and `dating` bring them in. Each kind of fact has its function; the tables
stand at the end of the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final

from services.sla.clocks.rules import facts as f
from services.sla.clocks.rules.ordering import in_order
from services.sla.clocks.rules.taking_back import find_taken_back
from services.sla.clocks.rules.timelines import NO_LEGACY, About, Assignment, Journal, Timeline


def read_journal(facts: Iterable[f.Fact]) -> Journal:
    """Walk the facts, each event once, in true order. Facts of an assignment that is not known yet wait for
    the replay in which it is."""
    known = in_order(facts)
    taken_back = find_taken_back(known)
    journal = Journal(returns=taken_back.returns)
    for fact in known:
        if fact.event_id in taken_back.events:
            continue
        if not isinstance(fact, f.AssignmentFact):
            _OF_APPEAL[type(fact)](fact, journal)
        elif assignment := journal.assignments.get(fact.assignment_id):
            _OF_ASSIGNMENT[type(fact)](fact, journal, assignment)
    _meet_dispatch(journal)
    _leave_to_leads(journal)
    return journal


def _register(fact: f.AppealRegistered, journal: Journal) -> None:
    if journal.registered is None:
        journal.registered = fact
        journal.describe(fact)
        journal.timelines += _take_over(fact.at, fact.legacy) if fact.legacy else _begin_anew(fact)


def _begin_anew(fact: f.AppealRegistered) -> list[Timeline]:
    arrived = min(fact.arrived_at or fact.at, fact.at)
    return [
        Timeline("register", 1, arrived, met_at=fact.at),
        Timeline("forward", 1, fact.at, registered_at=fact.at),
        Timeline("answer", 1, fact.at, registered_at=fact.at),
    ]


def _take_over(at: datetime, legacy: f.LegacyDates) -> list[Timeline]:
    """How a legacy case was registered and handed on is not ours to judge; an open one waits for its answer."""
    answer = Timeline("answer", 1, at, registered_at=at, legacy=legacy)
    return [answer] if legacy.closed_at is None else []


def _create(fact: f.AssignmentCreated, journal: Journal) -> None:
    if fact.assignment_id in journal.assignments:
        return
    journal.describe(fact)
    assignment = Assignment(fact, About(fact.organisation_id, fact.topic, fact.group))
    journal.assignments[fact.assignment_id] = assignment
    _start_answer(journal, assignment)
    assignment.running("answer").meet_elsewhere()
    if fact.organisation_id and fact.legacy is None:
        _hand_over(journal, assignment, fact.at)
    _close_with_appeal(journal, assignment, fact.at)


def _start_answer(journal: Journal, assignment: Assignment) -> None:
    """Its answer clock: the predecessor's where the question was handed over inside one level, else one of its own."""
    fact = assignment.created
    handed_over = _handed_over_from(journal, fact)
    if handed_over is not None:
        assignment.timelines.append(handed_over.go_on(fact.assignment_id, fact.at))
        return
    assignment.start(
        "answer",
        fact.at,
        registered_at=fact.received_at,
        redirected=fact.predecessor_id is not None,
        legacy=fact.legacy or _legacy_of_helpers(journal, fact),
    )


def _handed_over_from(journal: Journal, fact: f.AssignmentCreated) -> Timeline | None:
    predecessor = journal.assignments.get(fact.predecessor_id or "")
    return predecessor.last("answer") if fact.within_level and predecessor else None


def _legacy_of_helpers(journal: Journal, fact: f.AssignmentCreated) -> f.LegacyDates:
    """An organisation called in to help with an open legacy case has the time that the case still has."""
    called_in = fact.predecessor_id is None
    return journal.legacy if called_in and journal.legacy.closed_at is None else NO_LEGACY


def _hand_over(journal: Journal, assignment: Assignment, at: datetime) -> None:
    """An organisation has the question now: it owes a reaction."""
    journal.dispatch(at)
    assignment.running("react").cancel(at)
    assignment.start("react", at, registered_at=assignment.created.received_at)


def _close_with_appeal(journal: Journal, assignment: Assignment, at: datetime) -> None:
    """Of a closed appeal nothing is asked any more."""
    if journal.closed_at:
        assignment.cancel(at)


def _mark(fact: f.AppealMarked, journal: Journal) -> None:
    journal.mark([fact.case], fact.at, applies=fact.applies)


def _reapply(fact: f.PolicyReapplied, journal: Journal) -> None:
    for owned in journal.all_timelines():
        if owned.line.ended_at is None and fact.clock in (None, owned.line.clock):
            owned.line.reapplied += (fact,)


def _forward(fact: f.AppealForwarded, journal: Journal) -> None:
    """What is open ends by a word of its own; an answer given before may still be found wanting."""
    journal.dispatch(fact.at)
    for line in journal.own("forward"):
        line.meet(fact.at)
    journal.cancel(fact.at)


def _close(fact: f.AppealWithdrawn | f.AppealRejected, journal: Journal) -> None:
    journal.cancel(fact.at)
    journal.closed_at = journal.closed_at or fact.at
    for assignment in journal.assignments.values():
        assignment.cancel(fact.at)


def _admit(fact: f.AppealAdmitted, journal: Journal) -> None:
    """What a rejection has ended stays ended; what comes after it has clocks again."""
    journal.closed_at = None


def _correct(fact: f.AssignmentCorrected, journal: Journal, assignment: Assignment) -> None:
    before, after = assignment.about, assignment.about.corrected_by(fact)
    if left_at := journal.returns.get(fact.event_id):
        assignment.running("react").stand_still(left_at, fact.at)
    if fact.to_triage:
        assignment.running("react").cancel(fact.at)
    elif after.organisation_id != before.organisation_id and not assignment.gone:
        _hand_over(journal, assignment, fact.at)
        # Out of triage nobody loses the question, and inside one level it stays with it: nothing starts anew.
        if before.organisation_id and not fact.within_level:
            answer = assignment.running("answer")
            answer.restarts.append(("moved", answer.not_before_start(fact.at)))
    assignment.correct(fact)


def _accept(fact: f.AssignmentAccepted, journal: Journal, assignment: Assignment) -> None:
    assignment.running("react").meet(fact.at)


def _ask_citizen(fact: f.ClarificationAsked, journal: Journal, assignment: Assignment) -> None:
    assignment.running("react").meet(fact.at)
    assignment.running("answer").pause("clarification", fact.at)


def _hear_citizen(fact: f.ClarificationGiven, journal: Journal, assignment: Assignment) -> None:
    assignment.running("answer").resume("clarification", fact.at)


def _request_documents(fact: f.DocumentsRequested, journal: Journal, assignment: Assignment) -> None:
    if not assignment.gone:
        assignment.start("documents", fact.at, request_id=fact.request_id)
    assignment.running("answer").pause("documents", fact.at, fact.request_id)


def _receive_documents(fact: f.DocumentsReceived, journal: Journal, assignment: Assignment) -> None:
    for line in assignment.open("documents"):
        if line.request_id == fact.request_id:
            line.meet(fact.at)
    assignment.running("answer").resume("documents", fact.at, fact.request_id)


def _request_extension(fact: f.ExtensionRequested, journal: Journal, assignment: Assignment) -> None:
    answer = assignment.running("answer")
    answer.requested.setdefault(fact.extension_id, answer.not_before_start(fact.at))


def _decide_extension(fact: f.ExtensionDecided, journal: Journal, assignment: Assignment) -> None:
    """Of the clock as it goes on: whom the question was handed to inside one level has the days asked for before."""
    journal.holder_of(assignment).running("answer").decided.append(fact)


def _answer_for_now(fact: f.InterimAnswered, journal: Journal, assignment: Assignment) -> None:
    assignment.running("react").meet(fact.at)
    answer = assignment.running("answer")
    answer.restarts.append(("interim", answer.not_before_start(fact.at)))
    _promise(assignment, fact.at, fact.promised_on)


def _answer(fact: f.AssignmentAnswered, journal: Journal, assignment: Assignment) -> None:
    assignment.running("react").meet(fact.at)
    assignment.running("answer").meet(fact.at)
    if fact.outcome == "postponed":
        _promise(assignment, fact.at, fact.promised_on)
        return
    assignment.running("promise").meet(fact.at)
    for line in assignment.open("documents"):  # nobody waits for the papers any more
        line.cancel(fact.at)


def _give_up(
    fact: f.AssignmentRedirected | f.AssignmentCancelled, journal: Journal, assignment: Assignment
) -> None:
    assignment.cancel(fact.at)


def _reopen(fact: f.AssignmentReopened, journal: Journal, assignment: Assignment) -> None:
    if fact.cycle in assignment.cycles("answer"):
        return
    assignment.running("answer").cancel(fact.at)
    assignment.gone = False
    assignment.start("answer", fact.at, cycle=fact.cycle)
    _close_with_appeal(journal, assignment, fact.at)


def _promise(assignment: Assignment, at: datetime, promised_on: date | None) -> None:
    """A new date replaces the old one; whether that was still in time is decided by its due time."""
    if promised_on is not None and not assignment.gone:
        assignment.running("promise").cancel(at)
        assignment.start("promise", at, promised_on=promised_on)


def _meet_dispatch(journal: Journal) -> None:
    """The appeal's own clock of forwarding ends when an organisation has it."""
    if journal.dispatched_at:
        for line in journal.own("forward"):
            line.dispatch(journal.dispatched_at)


def _leave_to_leads(journal: Journal) -> None:
    """The appeal's own answer clock ends while some lead answers for it."""
    leads = journal.leads()
    if all(lead.gone for lead in leads):
        return
    # A legacy case came here with its organisation: nobody ever waited for one.
    journal.timelines = [line for line in journal.timelines if line.legacy is NO_LEGACY]
    for line in journal.own("answer"):
        line.cancel(min(lead.created.at for lead in leads))


_OF_APPEAL: Final[Mapping[type[f.Fact], Callable[[Any, Journal], None]]] = {
    f.AppealRegistered: _register,
    f.AppealMarked: _mark,
    f.AssignmentCreated: _create,
    f.PolicyReapplied: _reapply,
    f.AppealForwarded: _forward,
    f.AppealWithdrawn: _close,
    f.AppealRejected: _close,
    f.AppealAdmitted: _admit,
}
_OF_ASSIGNMENT: Final[Mapping[type[f.AssignmentFact], Callable[[Any, Journal, Assignment], None]]] = {
    f.AssignmentCorrected: _correct,
    f.AssignmentAccepted: _accept,
    f.ClarificationAsked: _ask_citizen,
    f.ClarificationGiven: _hear_citizen,
    f.DocumentsRequested: _request_documents,
    f.DocumentsReceived: _receive_documents,
    f.ExtensionRequested: _request_extension,
    f.ExtensionDecided: _decide_extension,
    f.InterimAnswered: _answer_for_now,
    f.AssignmentAnswered: _answer,
    f.AssignmentRedirected: _give_up,
    f.AssignmentCancelled: _give_up,
    f.AssignmentReopened: _reopen,
}
