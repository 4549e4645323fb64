"""The judge of the invented world judges as it says."""

from __future__ import annotations

from functools import cache
from uuid import UUID

from tests.routing.incidents.world import World, generate, judge


@cache
def small() -> World:
    """A reduced world; whether its ordinary texts are real ones does not matter here."""
    return generate(3, bursts=60, ordinary=3000)


def perfect(world: World) -> dict[UUID, UUID | None]:
    return {one.id: one.event for one in world.told}


def test_the_truth_is_judged_perfect_and_nothing_found_nothing() -> None:
    world = small()
    verdict = judge(world, perfect(world))
    assert verdict.recall.value == verdict.city_recall.value == 1
    assert (verdict.pulled_in.part, verdict.false_incidents.part) == (0, 0)
    assert (verdict.events, verdict.whole_events, verdict.split, verdict.mixed) == (60, 60, 0, 0)
    nothing = judge(world, {})
    assert (nothing.recall.part, nothing.recall.whole) == (0, verdict.recall.whole)
    assert nothing.split == nothing.mixed == nothing.whole_events == 0


def test_one_group_of_everything_finds_one_event_and_pulls_in_all() -> None:
    world = small()
    verdict = judge(world, {one.id: UUID(int=1) for one in world.told})
    assert (verdict.pulled_in.value, verdict.false_incidents.value) == (1, 1)
    assert (verdict.mixed, verdict.city_mixed, verdict.split) == (1, 1, 0)
    largest = max(burst.size for burst in world.bursts)
    assert verdict.recall.part + verdict.city_recall.part == largest


def test_halves_mixtures_and_strays_are_told_apart() -> None:
    world = small()
    burst = max((one for one in world.bursts if one.extent != "city"), key=lambda one: one.size)
    other = min((one for one in world.bursts if one.extent != "city"), key=lambda one: one.size)
    members, found = world.members(burst.id), perfect(world)
    whole = judge(world, found).recall.part
    for one in members[:4]:
        found[one.id] = UUID(int=4)
    halved = judge(world, found)
    assert (halved.split, halved.mixed, halved.recall.part) == (1, 0, whole - 4)
    for one in world.members(other.id):
        found[one.id] = UUID(int=4)
    mixed = judge(world, found)
    assert (mixed.split, mixed.mixed) == (1, 1)
    assert mixed.recall.part == whole - 4 - other.size, (
        "the group belongs to the event with more members in it"
    )
    stray = next(one for one in world.told if one.event is None)
    drawn = judge(world, found | {stray.id: burst.id})
    assert (drawn.pulled_in.part, drawn.false_incidents.part) == (1, 1)
    assert drawn.pulled_by_trap[stray.trap or "none"].part == 1


def test_groups_of_ordinary_appeals_are_false_incidents_from_three() -> None:
    world = small()
    ordinary = [one.id for one in world.told if one.event is None]
    two = judge(world, dict.fromkeys(ordinary[:2], UUID(int=1)))
    three = judge(world, dict.fromkeys(ordinary[:3], UUID(int=1)))
    assert (two.false_incidents.part, three.false_incidents.part) == (0, 3)
    assert three.pulled_in.part == 0


def test_one_member_beside_a_stranger_is_not_found() -> None:
    world = small()
    member = world.members(world.bursts[0].id)[0]
    stranger = next(one for one in world.told if one.event is None)
    alone = judge(world, {member.id: UUID(int=1)})
    beside = judge(world, {member.id: UUID(int=1), stranger.id: UUID(int=1)})
    assert (alone.recall.part, alone.city_recall.part, alone.pulled_in.part) == (0, 0, 0)
    assert (beside.recall.part, beside.city_recall.part, beside.pulled_in.part) == (0, 0, 1)
