"""Which reports are compared with which: those that have a place in common, without pairs whose score would change nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final
from uuid import UUID

from services.routing.incidents.rules.closeness import (
    CLOSE,
    NEAR,
    Link,
    best_closeness,
    closeness_of,
    likeness,
)
from services.routing.incidents.rules.grouping import LEAST, Standing
from services.routing.incidents.rules.keys import keys_around, keys_of
from services.routing.incidents.rules.reports import Report

# What a report tells of, wherever and whenever: whether two can be close depends on nothing else.
_Content = tuple[int, int, bool, frozenset[tuple[str, int]]]
_NOBODY: Final[frozenset[int]] = frozenset()


class Scene:
    """Reports that are compared, in one order: those at which something is new, and what is near to them."""

    def __init__(self) -> None:
        self.reports: list[Report] = []
        self.standings: list[Standing] = []
        self._places: dict[UUID, int] = {}
        self._contents: dict[_Content, int] = {}
        self._content_of: list[int] = []
        self._by_key: dict[int, dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
        self._comparable: dict[tuple[int, int], bool] = {}
        self._alike: dict[tuple[int, int], float] = {}

    def add(self, report: Report, standing: Standing) -> None:
        """One more, unless it is there."""
        if report.id in self._places:
            return
        place = self._places[report.id] = len(self.reports)
        content = self._contents.setdefault(_content_of(report), len(self._contents))
        self.reports.append(report)
        self.standings.append(standing)
        self._content_of.append(content)
        for key in keys_of(report.signs):
            self._by_key[key][content].add(place)

    def links(self, of: Iterable[UUID]) -> list[Link]:
        """Those of some with all others, as far as they matter, so that a flood in one street costs little more than the same
        appeals all over a town. What has come together already is not compared again; what can be no more than near is compared
        for the sake of reports that stand alone, for only these follow an incident."""
        places = [self._places[id] for id in of]
        return list(self._links(places))

    def _links(self, places: list[int]) -> Iterator[Link]:
        together, compared = _Together(self.standings), set[int]()
        for place in places:
            compared.add(place)
            candidates = self._candidates(place, together) - together.members_of(place)
            for other in sorted(candidates - compared, reverse=True):
                if together.has(place, other):  # since a moment ago
                    continue
                score = self._closeness(place, other)
                if score is None or score < NEAR:
                    continue
                if score >= CLOSE:
                    together.join(place, other)
                yield Link(place, other, score)

    def _candidates(self, place: int, together: _Together) -> set[int]:
        """Reports with a place in common, which it may be close to; and where one of both stands alone, near to."""
        content = self._content_of[place]
        found = set[int]()
        for key in keys_around(self.reports[place].signs):
            for other, members in self._by_key.get(key, {}).items():
                if self._may_be_close(content, other, place, members) or together.is_alone(place):
                    found |= members
                else:
                    found |= members & together.alone
        return found

    def _closeness(self, one: int, other: int) -> float | None:
        pair = self._content_of[one], self._content_of[other]
        alike = self._alike.get(pair)
        if alike is None:
            alike = self._alike[pair] = likeness(self.reports[one], self.reports[other])
        return closeness_of(self.reports[one], self.reports[other], alike)

    def _may_be_close(self, one: int, other: int, place: int, members: set[int]) -> bool:
        pair = (one, other)
        known = self._comparable.get(pair)
        if known is None:
            example = self.reports[next(iter(members))]
            known = self._comparable[pair] = best_closeness(self.reports[place], example) >= CLOSE
        return known


def _content_of(report: Report) -> _Content:
    return report.sure, report.hints, report.signs.is_small, frozenset(report.vector.items())


class _Together:
    """Which of some standings have come together: those of one group from the beginning, others once they are joined.

    `alone`: places in sets that are too few for an incident, as far as it can be told here, and that may still follow one.
    """

    def __init__(self, standings: list[Standing]) -> None:
        self._standings = standings
        first: dict[UUID, int] = {}
        self._parent = [
            place if each.is_kept else first.setdefault(each.group, place)
            for place, each in enumerate(standings)
        ]
        self._members: dict[int, set[int]] = defaultdict(set)
        for place, parent in enumerate(self._parent):
            self._members[parent].add(place)
        few = (members for members in self._members.values() if len(members) < LEAST)
        self.alone = {place for members in few for place in members if not standings[place].is_kept}

    def has(self, one: int, other: int) -> bool:
        """Whether two, by their places, are together."""
        return self._find(one) == self._find(other)

    def members_of(self, place: int) -> set[int]:
        """All that one is together with, itself among them."""
        return self._members[self._find(place)]

    def is_alone(self, place: int) -> bool:
        """Whether it may still follow an incident."""
        return place in self.alone

    def join(self, one: int, other: int) -> None:
        """Bring two together; nobody comes together through what is kept."""
        if self._standings[one].is_kept or self._standings[other].is_kept:
            return
        first, second = self._find(one), self._find(other)
        if first == second:
            return
        self._parent[first] = second
        joined, added = self._members[second], self._members.pop(first)
        if len(joined) + len(added) >= LEAST:
            self._are_together(joined)
            self._are_together(added)
        joined |= added

    def _are_together(self, members: set[int]) -> None:
        if len(members) < LEAST:
            self.alone.difference_update(members)

    def _find(self, place: int) -> int:
        parent = self._parent
        while parent[place] != place:
            parent[place] = parent[parent[place]]
            place = parent[place]
        return place
