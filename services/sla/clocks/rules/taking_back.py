"""Corrections that a later one takes back: the question is again what it was before them, as if they had never been."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.sla.clocks.rules import facts as f


@dataclass(frozen=True, slots=True)
class TakenBack:
    """`events`: what does not count, by id. `returns`: of each correction that took others back when the question had left."""

    events: set[str] = field(default_factory=set)
    returns: dict[str, datetime] = field(default_factory=dict)


def find_taken_back(known: Sequence[f.Fact]) -> TakenBack:
    """Among facts in order. The newest speaks first: a correction that was taken back itself takes nothing back."""
    found = TakenBack()
    for back in reversed(known):
        if (
            not isinstance(back, f.AssignmentCorrected)
            or back.back_to is None
            or back.event_id in found.events
        ):
            continue
        between = [fact for fact in known if _is_between(fact, back)]
        found.events.update(fact.event_id for fact in between)
        if between:
            found.returns[back.event_id] = min(fact.at for fact in between)
    return found


def _is_between(fact: f.Fact, back: f.AssignmentCorrected) -> bool:
    """Whether it stands between the version gone back to and the going back: there nobody works on the question, it is only
    given to somebody, or taken to work again by whom it came back to."""
    return (
        isinstance(fact, f.AssignmentCorrected | f.AssignmentAccepted)
        and fact.assignment_id == back.assignment_id
        and fact.sequence is not None
        and (back.back_to or 0) < fact.sequence < (back.sequence or 0)
    )
