"""Who is shown first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar


class Judged(Protocol):
    """An organisation with what it has overdue and how it keeps deadlines beside others."""

    @property
    def name(self) -> str: ...
    @property
    def overdue(self) -> int: ...
    @property
    def flagged(self) -> str | None: ...


J = TypeVar("J", bound=Judged)


def worst_first(organisations: Iterable[J]) -> list[J]:
    """Those beyond what chance explains, then those with more overdue."""
    return sorted(organisations, key=lambda each: (each.flagged != "worse", -each.overdue, each.name))
