"""What people may make of a problem."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from services.analytics.problems.rules.known import State

MOVES: Final[Mapping[State, frozenset[State]]] = {
    "new": frozenset({"confirmed", "dismissed"}),
    "confirmed": frozenset({"decided", "dismissed", "solved"}),
    "decided": frozenset({"confirmed", "solved"}),
    "dismissed": frozenset({"confirmed"}),
    "solved": frozenset({"confirmed"}),
}


def may_become(state: State, following: State) -> bool:
    """Whether a person may move it so. Only statistics make a problem new."""
    return following in MOVES[state]
