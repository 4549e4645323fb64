"""What the centre's pages decide by themselves: pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar
from uuid import UUID

from web.centre.views.assignments import ExplainedAssignment, RankedTopic
from web.reference import OrganisationName

MOST_OFFERED: Final = 4
_OWN_PATH: Final = re.compile(r"/centre(?:/[a-z0-9-]+)*")
_NUMBER: Final = re.compile(r"[0-9]{2}-[0-9]{4}-[0-9]{7,}")


class Named(Protocol):
    """Whatever has a name."""

    @property
    def name(self) -> str:
        """As people know it."""


N = TypeVar("N", bound=Named)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An organisation that one key gives the question to. `score`: 0..1, None where a rule names it; `topic` goes with it where
    the question has none yet."""

    organisation: OrganisationName
    score: float | None
    topic: RankedTopic | None


def suggest(assignment: ExplainedAssignment) -> list[Suggestion]:
    """Whom to offer, the likeliest first, nobody twice and nobody who has it or has passed it on: whom a rule or the last holder
    names goes before the guesses."""
    explanation = assignment.explanation
    guessed = None if assignment.topic else next(iter(explanation.alternatives), None)
    gone = {hop.organisation.id for hop in assignment.hops_history}
    if assignment.organisation:
        gone.add(assignment.organisation.id)
    named = [assignment.suggested] if assignment.suggested else explanation.served_by[:1]
    offered = [Suggestion(each, None, guessed) for each in named]
    offered += [
        Suggestion(each.organisation, each.score, guessed)
        for each in (*explanation.suggestions, *explanation.hints)
    ]
    first_of_each: dict[UUID, Suggestion] = {}
    for suggestion in offered:
        if suggestion.organisation.id not in gone:
            first_of_each.setdefault(suggestion.organisation.id, suggestion)
    return list(first_of_each.values())[:MOST_OFFERED]


def find_named(items: Iterable[N], name: str) -> N | None:
    """What is called so, whatever the case of letters and the blanks; None where nothing or more than one is."""
    wanted = _plain(name)
    found = [each for each in items if _plain(each.name) == wanted]
    return found[0] if len(found) == 1 else None


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()


def own_path(wanted: str, otherwise: str = "/centre") -> str:
    """The path if it is one of the centre's pages: no form leads a signed-in person elsewhere."""
    return wanted if _OWN_PATH.fullmatch(wanted) else otherwise


def is_number(words: str) -> bool:
    """Whether somebody looks for an appeal by its number, such as 46-2026-0000042."""
    return _NUMBER.fullmatch(words.strip()) is not None
