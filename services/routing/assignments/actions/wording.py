"""What is said to citizens has no gaps."""

from __future__ import annotations

from collections.abc import Container

from chassis.faults import in_words
from chassis.problems import Unprocessable
from services.routing.assignments.rules.placeholders import unfilled_places

_UNFILLED = "these places are not filled"


def require_filled(text: str, pointer: str, *, later: Container[str] = ()) -> None:
    """422 where a place of a template still stands in a text that goes to a citizen; `later`: those that are filled for each."""
    unfilled = unfilled_places(text, later)
    if unfilled:
        places = ", ".join(f"{{{name}}}" for name in unfilled)
        message = f"{in_words(_UNFILLED)}: {places}"
        raise Unprocessable("See errors.", errors=[{"pointer": pointer, "message": message}])
