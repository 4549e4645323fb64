"""How a decision goes on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

DecisionState = Literal["planned", "running", "done", "dropped"]

MOVES: Final[Mapping[DecisionState, frozenset[DecisionState]]] = {
    "planned": frozenset({"running", "dropped"}),
    "running": frozenset({"done", "dropped"}),
    "done": frozenset(),
    "dropped": frozenset(),
}
# What a decision is judged by: fixed once it is over, so that nobody looks afterwards for the figure that suits.
MEASURED: Final = frozenset(
    {"topic", "topic_group", "municipality", "organisation_id", "metric", "started_on"}
)


def may_move(before: DecisionState, after: DecisionState) -> bool:
    """Whether a decision may come from one state into the other; staying is no move."""
    return before == after or after in MOVES[before]


def is_over(state: DecisionState) -> bool:
    """Whether nothing more becomes of it."""
    return not MOVES[state]
