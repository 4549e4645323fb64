"""Undoing an incident: of each of its appeals the steps that led into it are taken back, the newest first.

An appeal's steps are a stack: a split or merge brought it from one incident to another, a confirmation gave its assignment to
the lead. Taking back ends in the first incident on the way that still stands; where none does, the appeal stands alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, Literal, Protocol, TypeVar
from uuid import UUID

How = Literal["rule", "person"]


class Step(Protocol):
    """What an act changed of one appeal, see `tables.incident_acts.IncidentStep`."""

    @property
    def from_incident(self) -> UUID: ...
    @property
    def to_incident(self) -> UUID: ...
    @property
    def joined_by(self) -> How | None: ...
    @property
    def similarity(self) -> float | None: ...
    @property
    def kept_out(self) -> bool: ...
    @property
    def moved(self) -> bool: ...
    @property
    def version_before(self) -> int | None: ...
    @property
    def version_after(self) -> int | None: ...


S = TypeVar("S", bound=Step)


@dataclass(frozen=True, slots=True)
class Membership:
    """To which incident an appeal belongs, and how it came there; None: it stands alone."""

    incident_id: UUID | None
    joined_by: How | None
    similarity: float | None
    kept_out: bool


# A person took it out: no rule joins it again.
ALONE: Final = Membership(None, None, None, kept_out=True)


@dataclass(frozen=True, slots=True)
class TakenBack(Generic[S]):
    """What becomes of one appeal, and the steps that are taken back for it, the newest first."""

    membership: Membership
    steps: Sequence[S]


def take_back(steps: Sequence[S], incident_id: UUID, stands: Callable[[UUID], bool]) -> TakenBack[S]:
    """Of an appeal in the incident that is undone. `steps`: its own that were not taken back, the newest first; `stands`:
    whether an incident is still there, or its appeals are in another one now."""
    place, taken = incident_id, list[S]()
    for step in steps:
        if step.to_incident != place:
            break
        taken.append(step)
        if step.from_incident == place:
            continue
        place = step.from_incident
        if stands(place):
            return TakenBack(Membership(place, step.joined_by, step.similarity, step.kept_out), taken)
    return TakenBack(ALONE, taken)


def given_back_to(steps: Iterable[S], version: int) -> S | None:
    """The step to before which an assignment goes back: the oldest of those taken back (the newest first) since which nobody has
    worked on it. None where somebody has since the newest, or nothing was moved. `version`: of the assignment now."""
    found = None
    for step in steps:
        if not step.moved:
            continue
        if step.version_after != version:
            break
        assert step.version_before is not None
        found, version = step, step.version_before
    return found
