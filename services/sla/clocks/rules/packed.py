"""What the tables keep packed: facts of journals, explanations of clocks. Rows of older versions are in clear."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from chassis.packing import Packing
from services.sla.calendars.rules.explanations import Step
from services.sla.clocks.rules.fact_codec import dump_fact, parse_fact
from services.sla.clocks.rules.facts import Fact

_PACKING: Final = Packing("services.sla.clocks.rules", "clocks", versions=2)
# The journal's own columns hold them.
_OF_THE_ROW: Final = frozenset({"fact", "event_id", "at", "assignment_id"})

FACT_COLUMNS: Final = (
    "region, appeal_id::text, kind, event_id::text, at, assignment_id::text, packed, data::text AS data"
)


@dataclass(slots=True)
class PackedFact:
    """A row of the journal, as `FACT_COLUMNS` gives it. `data`: the whole fact in clear, where it is not packed."""

    region: str
    appeal_id: str
    kind: str
    event_id: str
    at: datetime
    assignment_id: str | None
    packed: bytes | None
    data: str | None

    def open(self) -> Fact:
        """The fact."""
        values = _PACKING.unpack_json(self.packed, self.data)
        if self.packed is None:
            return parse_fact(values)
        values |= {"fact": self.kind, "event_id": self.event_id, "at": self.at.isoformat()}
        if self.assignment_id is not None:
            values["assignment_id"] = self.assignment_id
        return parse_fact(values)


def pack_fact(fact: Fact) -> bytes:
    """What a row of the journal holds of a fact beside its columns."""
    return _PACKING.pack_json(
        {name: value for name, value in dump_fact(fact).items() if name not in _OF_THE_ROW}
    )


def pack_steps(steps: Sequence[Step]) -> bytes:
    """An explanation as a clock keeps it."""
    return _PACKING.pack_json(steps)


def read_steps(packed: bytes | None, explanation: str | None) -> list[Step]:
    """An explanation, step by step; `explanation`: as JSON in clear, where it is not packed."""
    steps: list[Step] = _PACKING.unpack_json(packed, explanation)
    return steps
