"""Explanations of many clocks at once: appeals come in crowds, whose clocks share one deadline and its steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from services.sla.calendars.rules.explanations import Step
from services.sla.calendars.rules.summaries import summarise
from services.sla.clocks.rules.packed import pack_steps


class Rendered(NamedTuple):
    """An explanation as a sentence and as a clock keeps it. `steps`: kept so that nothing else takes their place in memory."""

    steps: Sequence[Step]
    sentence: str
    packed: bytes

    def with_change(self, change: str | None) -> str:
        """The sentence, and why the clock moved last if it did (see `summaries.render_reason`)."""
        return f"{self.sentence} {change}" if change else self.sentence


class Explanations:
    """Those of one batch, each rendered once: steps that are the very same object are the same explanation."""

    def __init__(self) -> None:
        self._by_identity: dict[int, Rendered] = {}

    def render(self, steps: Sequence[Step]) -> Rendered:
        """An explanation's steps, which nobody changes."""
        known = self._by_identity.get(id(steps))
        if known is None:
            known = Rendered(steps, summarise(steps), pack_steps(steps))
            self._by_identity[id(steps)] = known
        return known
