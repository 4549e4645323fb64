"""Who has which place and time already: events and lone reports of one kind stay apart, or they would be one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.routing.incidents.geography import Place, Settlement
from tests.routing.incidents.kinds import kin

APART = timedelta(days=3, hours=1)
_SMALL = 3  # a settlement of so few quarters is no place for two events of a kind at once


@dataclass(frozen=True)
class Claim:
    """A quarter of a settlement, or all of it with None, from a moment to a moment."""

    settlement: Settlement
    quarter: int | None
    first: datetime
    last: datetime

    def near(self, other: Claim, apart: timedelta) -> bool:
        """Whether both are in one place and closer in time than `apart`."""
        if self.settlement.code != other.settlement.code:
            return False
        if self.first > other.last + apart or other.first > self.last + apart:
            return False
        small = self.settlement.streets[-1].quarter < _SMALL
        return small or None in (self.quarter, other.quarter) or self.quarter == other.quarter


@dataclass
class Calendar:
    """Claims by kind; bursts look at kin, lone reports at both."""

    bursts: dict[str, list[Claim]] = field(default_factory=lambda: defaultdict(list))
    lone: dict[str, dict[str, list[Claim]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )
    topics: dict[str, dict[tuple[str, str], list[datetime]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )

    def free(self, name: str, claim: Claim) -> bool:
        """Whether no burst of this kind or its kin is near."""
        return not any(taken.near(claim, APART) for near in kin(name) for taken in self.bursts[near])

    def take(self, name: str, claim: Claim) -> bool:
        """Takes a place for a burst, False where another is near."""
        return self.take_all([(name, claim)])

    def take_all(self, claims: Iterable[tuple[str, Claim]]) -> bool:
        """Takes all or none; those given may be near each other."""
        wanted = list(claims)
        if not all(self.free(name, claim) for name, claim in wanted):
            return False
        for name, claim in wanted:
            self.bursts[name].append(claim)
        return True

    def take_lone(self, name: str, place: Place, at: datetime) -> bool:
        """Takes a place for a lone report, False where a burst of its kin or another report of its kind is near."""
        claim = Claim(place.settlement, place.street.quarter, at, at)
        others = self.lone[name][place.settlement.code]
        if not self.free(name, claim) or any(taken.near(claim, APART) for taken in others):
            return False
        others.append(claim)
        return True

    def take_topic(self, names: tuple[str, ...], place: Place, at: datetime, apart: timedelta) -> bool:
        """Takes a street for a real text that may report one of these kinds.

        False where a burst of any of them is near, or on that street another text of the topic within `apart`.
        """
        claim = Claim(place.settlement, place.street.quarter, at, at)
        if not all(self.free(name, claim) for name in names):
            return False
        where = (place.settlement.code, place.street.name)
        if names and any(abs(taken - at) < apart for taken in self.topics[names[0]][where]):
            return False
        for name in names[:1]:
            self.topics[name][where].append(at)
        return True
