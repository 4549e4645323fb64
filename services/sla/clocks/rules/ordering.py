"""The true order of an appeal's facts, also where clocks of two machines differ or one has stepped back.

Facts about one assignment stand in the order of its versions, whatever their times say; what follows from a named
fact stands after it; nothing stands before the registration, nor before the assignment it is about. Everything else
goes by time. A time is moved for the order only: whether an act was in time is decided by the time it has.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from chassis.moments import not_before
from services.sla.clocks.rules import facts as f

_RANK: Final[Mapping[type[f.Fact], int]] = {kind: rank for rank, kind in enumerate(f.ORDER)}

Instant = tuple[datetime, int]  # time, and the rank of the kind among facts of one time
Place = tuple[datetime, int, int, int, str]  # instant, version, how many steps after its first cause, event


def in_order(facts: Iterable[f.Fact]) -> list[f.Fact]:
    """Each fact once; the same order whatever the order of delivery."""
    once = sorted({fact.event_id: fact for fact in facts}.values(), key=_by_version)
    line = _Line([fact.at for fact in once if isinstance(fact, f.AppealRegistered)])
    for fact in once:
        line.note(fact)
    return sorted(once, key=line.place)


def _by_version(fact: f.Fact) -> tuple[int, datetime, int, str]:
    return fact.sequence or 0, fact.at, _RANK[type(fact)], fact.event_id


@dataclass(slots=True)
class _Line:
    """What is known of the facts, noted version by version."""

    registered: list[datetime]
    created: dict[str, datetime] = field(default_factory=dict)
    asked: dict[str, f.Fact] = field(default_factory=dict)  # id of a question → the fact
    newest: dict[str, Instant] = field(default_factory=dict)  # assignment → the latest of its versions so far
    versions: dict[str, Instant] = field(default_factory=dict)  # event → the latest up to its version

    def note(self, fact: f.Fact) -> None:
        if isinstance(fact, f.AssignmentCreated):
            self.created.setdefault(fact.assignment_id, fact.at)
        if fact.asks:
            self.asked.setdefault(getattr(fact, fact.asks), fact)
        if fact.sequence is not None and isinstance(fact, (f.AssignmentCreated, f.AssignmentFact)):
            own = self._instant(fact)
            latest = max(own, self.newest.get(fact.assignment_id, own))
            self.newest[fact.assignment_id] = self.versions[fact.event_id] = latest

    def place(self, fact: f.Fact) -> Place:
        """Where a fact stands."""
        at, rank = self.versions.get(fact.event_id) or self._instant(fact)
        place = at, rank, fact.sequence or 0, 0
        cause = self.asked.get(getattr(fact, fact.settles)) if fact.settles else None
        if cause is not None:
            before = self.place(cause)
            place = max(place, (*before[:3], before[3] + 1))
        return *place, fact.event_id

    def _instant(self, fact: f.Fact) -> Instant:
        """Its time, not before the registration nor the assignment it is about; these have lower ranks."""
        born = self.created.get(fact.assignment_id) if isinstance(fact, f.AssignmentFact) else None
        return not_before(fact.at, born, *self.registered[:1]), _RANK[type(fact)]
