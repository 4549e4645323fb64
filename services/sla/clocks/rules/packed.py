"""What the tables keep packed: facts of journals, explanations of clocks. Rows of older versions are in clear."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from chassis.packing import Packing
from services.sla.rules.explanations import Step
from services.sla.rules.facts import Fact, dump_fact, parse_fact

_PACKING: Final = Packing("services.sla.clocks.rules", "clocks")
_OF_THE_ROW: Final = frozenset(
    {"fact", "event_id", "at", "assignment_id"}
)  # the journal's own columns say them

FACT_COLUMNS: Final = "kind, event_id::text, at, assignment_id::text, packed, data::text"


def pack_fact(fact: Fact) -> bytes:
    """What a row of the journal holds of a fact beside its columns."""
    return _PACKING.pack_json(
        {name: value for name, value in dump_fact(fact).items() if name not in _OF_THE_ROW}
    )


def read_fact(
    kind: str, event_id: str, at: datetime, assignment_id: str | None, packed: bytes | None, data: str | None
) -> Fact:
    """A fact from the journal's `FACT_COLUMNS`."""
    values = _PACKING.unpack_json(packed, data)
    if packed is not None:
        values |= {"fact": kind, "event_id": event_id, "at": at.isoformat()}
        if assignment_id is not None:
            values["assignment_id"] = assignment_id
    return parse_fact(values)


def pack_steps(steps: Sequence[Step]) -> bytes:
    """An explanation as a clock keeps it."""
    return _PACKING.pack_json(steps)


def read_steps(packed: bytes | None, explanation: str | None) -> list[Any]:
    """An explanation, step by step."""
    steps: list[Any] = _PACKING.unpack_json(packed, explanation)
    return steps
