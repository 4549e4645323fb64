"""Judges groups that a finder made of the world's appeals against what is true."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from tests.routing.incidents.records import Told, World


@dataclass(frozen=True)
class Share:
    """How many of how many; `value` is None where there are none."""

    part: int
    whole: int

    @property
    def value(self) -> float | None:
        """Between 0 and 1."""
        return self.part / self.whole if self.whole else None


@dataclass(frozen=True)
class Verdict:
    """How well the groups found are the true events.

    recall: members of events that were found, without events of extent "city". A member is found if its group is the
      one that holds most of its event's members, at least two of them, and if of no other event that group holds more.
    pulled_in: ordinary appeals in a group that holds at least one member of any event, of all ordinary appeals.
    false_incidents: ordinary appeals in any group of three or more appeals, of all ordinary appeals.
    events, whole_events: events; those with every member found.
    split: events whose members stand in two or more groups of at least two appeals.
    mixed: groups that hold members of two or more events.
    city_mixed: those of them with members of an event of extent "city".
    city_recall: recall of the members of events of extent "city".
    by_extent, by_kind, by_burst_trap: recall by the event's extent, kind and trap ("none": no trap), cities too.
    by_point: recall of members "with" and "without" coordinates, without events of extent "city".
    pulled_by_trap: pulled_in by the ordinary appeal's trap ("none": no trap).
    """

    recall: Share
    pulled_in: Share
    false_incidents: Share
    events: int
    whole_events: int
    split: int
    mixed: int
    city_mixed: int
    city_recall: Share
    by_extent: Mapping[str, Share]
    by_kind: Mapping[str, Share]
    by_burst_trap: Mapping[str, Share]
    by_point: Mapping[str, Share]
    pulled_by_trap: Mapping[str, Share]


def judge(truth: World, found: Mapping[UUID, UUID | None]) -> Verdict:
    """The verdict on `found`: of each appeal its group's id, None (or no entry) where it is in no group.

    Fields of the appeals that are the truth decide; groups of one appeal are no incidents and count nowhere but as
    missed members. Equal halves of an event or a group count for the smaller id, so a verdict is the same each time.
    """
    groups = _groups(truth.told, found)
    group_of = {one.id: name for name, members in groups.items() for one in members}
    bursts = {burst.id: burst for burst in truth.bursts}
    members = [one for one in truth.told if one.event is not None]
    seen = _found_members(groups)
    mixing = [events for events in map(_events_of, groups.values()) if len(events) > 1]
    cities = {burst.id for burst in truth.bursts if burst.extent == "city"}
    local = [one for one in members if one.event not in cities]
    by_event = _by(members, seen, lambda one: str(one.event))
    ordinary = [one for one in truth.told if one.event is None]
    touched = {name for name, group in groups.items() if _events_of(group)}
    pulled = {one.id for one in ordinary if group_of.get(one.id) in touched}
    crowded = {one.id for one in ordinary if one.id in group_of and len(groups[group_of[one.id]]) >= 3}
    return Verdict(
        recall=_share(local, seen),
        pulled_in=_share(ordinary, pulled),
        false_incidents=_share(ordinary, crowded),
        events=len(bursts),
        whole_events=sum(share.part == share.whole for share in by_event.values()),
        split=_split(members, group_of),
        mixed=len(mixing),
        city_mixed=sum(not cities.isdisjoint(events) for events in mixing),
        city_recall=_share([one for one in members if one.event in cities], seen),
        by_extent=_by(members, seen, lambda one: bursts[_event(one)].extent),
        by_kind=_by(members, seen, lambda one: bursts[_event(one)].kind),
        by_burst_trap=_by(members, seen, lambda one: bursts[_event(one)].trap or "none"),
        by_point=_by(local, seen, lambda one: "without" if one.lat is None else "with"),
        pulled_by_trap=_by(ordinary, pulled, lambda one: one.trap or "none"),
    )


def _event(one: Told) -> UUID:
    assert one.event is not None
    return one.event


def _groups(told: Iterable[Told], found: Mapping[UUID, UUID | None]) -> dict[UUID, list[Told]]:
    """Groups of two and more, by id."""
    groups: dict[UUID, list[Told]] = defaultdict(list)
    for one in told:
        name = found.get(one.id)
        if name is not None:
            groups[name].append(one)
    return {name: members for name, members in groups.items() if len(members) > 1}


def _events_of(group: Iterable[Told]) -> Counter[UUID]:
    return Counter(one.event for one in group if one.event is not None)


def _most(counts: Mapping[UUID, int]) -> UUID:
    return min(counts, key=lambda name: (-counts[name], name))


def _found_members(groups: Mapping[UUID, list[Told]]) -> set[UUID]:
    """Members in the group that is their event's, and whose event it is."""
    held: dict[UUID, dict[UUID, int]] = defaultdict(dict)
    owner: dict[UUID, UUID] = {}
    for name, group in groups.items():
        events = _events_of(group)
        for event, count in events.items():
            held[event][name] = count
        if events:
            owner[name] = _most(events)
    home = {event: _most(counts) for event, counts in held.items()}
    return {
        one.id
        for event, name in home.items()
        if held[event][name] >= 2 and owner[name] == event
        for one in groups[name]
        if one.event == event
    }


def _split(members: Iterable[Told], group_of: Mapping[UUID, UUID]) -> int:
    places: dict[UUID, set[UUID]] = defaultdict(set)
    for one in members:
        if one.id in group_of:
            places[_event(one)].add(group_of[one.id])
    return sum(len(names) > 1 for names in places.values())


def _share(told: Iterable[Told], chosen: set[UUID]) -> Share:
    listed = list(told)
    return Share(sum(one.id in chosen for one in listed), len(listed))


def _by(told: Iterable[Told], chosen: set[UUID], key: Callable[[Told], str]) -> dict[str, Share]:
    """Shares by a property, its names in order."""
    parts: dict[str, list[Told]] = defaultdict(list)
    for one in told:
        parts[key(one)].append(one)
    return {name: _share(parts[name], chosen) for name in sorted(parts)}
