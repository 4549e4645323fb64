"""The invented world keeps what README.md promises of it."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path
from uuid import UUID

import pytest

from tests.routing.incidents.geography import metres, number_of, point_of, settlements
from tests.routing.incidents.kinds import ONE_HOUSE, all_kinds, half_of, kin, kinds_of
from tests.routing.incidents.samples import samples
from tests.routing.incidents.world import Burst, Half, Told, World, generate

HALVES: tuple[Half, ...] = ("develop", "judge")


@pytest.fixture(scope="module", autouse=True)
def _composed() -> Iterator[None]:
    """Worlds of texts that are ours: the same with and without the samples."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("OTKLIK_SAMPLES", raising=False)
        samples.cache_clear()
        yield
    samples.cache_clear()


@cache
def small(half: Half | None = None, seed: int = 3) -> World:
    """A reduced world."""
    return generate(seed, bursts=60, ordinary=3000, half=half)


def of_trap(world: World, trap: str) -> list[Told]:
    return [one for one in world.told if one.event is None and one.trap == trap]


def pairs(world: World, trap: str) -> list[tuple[Burst, Burst]]:
    """Bursts of a trap that come in twos, in the order they were made."""
    listed = [burst for burst in world.bursts if burst.trap == trap]
    return list(zip(listed[::2], listed[1::2], strict=True))


def overlap(one: Burst, other: Burst) -> bool:
    return abs(one.started_at - other.started_at) <= timedelta(hours=4)


def test_each_half_has_enough_kinds() -> None:
    assert {half: len(kinds_of(half)) for half in HALVES} == {"develop": 15, "judge": 24}
    assert len(kinds_of(None)) == len(all_kinds()) == 39
    assert not {kind.name for kind in kinds_of("develop")} & {kind.name for kind in kinds_of("judge")}


@pytest.mark.parametrize("half", HALVES)
def test_a_half_tells_only_of_its_kinds(half: Half) -> None:
    world = small(half)
    told = {burst.kind for burst in world.bursts} | {
        meant.kind for meant in world.meant.values() if meant.kind
    }
    assert {half_of(kind) for kind in told} == {half}


@pytest.mark.parametrize(("seed", "half"), [(1, "develop"), (2, None), (3, "judge")])
def test_counts_and_sizes(seed: int, half: Half | None) -> None:
    world = small(half, seed)
    sizes = Counter(one.event for one in world.told)
    assert sizes.pop(None) == 3000
    assert sizes == {burst.id: burst.size for burst in world.bursts}
    assert len(world.bursts) == 60
    assert all(3 <= size <= 40 for size in sizes.values())
    assert len({one.id for one in world.told}) == len(world.told)
    assert sum(size <= 8 for size in sizes.values()) > 30, "many are small"
    assert max(sizes.values()) > 20, "a few are large"
    assert {burst.extent for burst in world.bursts} == {
        "house",
        "houses",
        "street",
        "village",
        "quarter",
        "city",
    }


def test_the_whole_world_and_a_tiny_one() -> None:
    for bursts, ordinary in ((200, 20_000), (15, 1_500)):
        world = generate(2, bursts, ordinary)
        assert (len(world.bursts), sum(one.event is None for one in world.told)) == (bursts, ordinary)
        span = world.told[-1].received_at - world.told[0].received_at
        assert timedelta(days=9) < span < timedelta(days=10, hours=1)


def test_a_seed_decides_everything() -> None:
    again = generate(3, bursts=60, ordinary=3000)
    assert again == small()
    assert generate(4, bursts=60, ordinary=3000).told != again.told


def test_another_process_makes_the_same_world() -> None:
    """Whatever the order of its sets."""
    code = "from tests.routing.incidents.world import generate; print(generate(5, 15, 300).told)"
    printed = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={
                "PYTHONHASHSEED": seed,
                "PYTHONPATH": str(Path(__file__).parents[3]),
                "PYTHONIOENCODING": "utf-8",
            },
            check=True,
            capture_output=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(printed) == 1


def test_most_members_send_no_coordinates_and_the_others_stand_near() -> None:
    world = small()
    members = [one for one in world.told if one.event]
    assert sum(one.lat is None for one in members) >= 0.6 * len(members)
    off = []
    for one in world.told:
        assert (one.lat is None) == (one.lon is None)
        if one.lat is not None and one.lon is not None:
            point = point_of(world.meant[one.id].place)
            assert point is not None
            off.append(metres(point, (one.lat, one.lon)))
    assert max(off) < 300
    assert sum(far < 60 for far in off) > 0.8 * len(off)
    assert sum(far > 100 for far in off) > 0.02 * len(off)


def test_a_burst_begins_with_many_and_ends_with_a_tail() -> None:
    early = whole = 0
    for burst in small().bursts:
        length = burst.ended_at - burst.started_at
        assert timedelta(0) < length <= timedelta(hours=36)
        half = burst.started_at + length / 2
        times = [one.received_at for one in small().members(burst.id)]
        assert (times[0], times[-1]) == (burst.started_at, burst.ended_at)
        early, whole = early + sum(at <= half for at in times), whole + len(times)
    assert early > 0.65 * whole


def test_every_appeal_says_somewhere_where_it_is() -> None:
    """By its text, its address, its municipality or its point; and all of these ways occur."""
    world = small()
    for one in world.told:
        place = world.meant[one.id].place
        written = f"{one.text} {one.address or ''}".lower()
        names = place.settlement.name.lower() in written
        assert names or one.lat is not None or one.municipality or place.settlement.name == "Курск", one
        if one.event:
            street = place.street.name.lower().split()[-1][:-2]  # in whatever case
            assert street in written or names or one.lat is not None, one
    assert 0.1 < sum(one.address is None for one in world.told) / len(world.told) < 0.6
    assert len({one.channel for one in world.told}) > 8
    assert 0 < sum(one.topic is not None for one in world.told) < 0.15 * len(world.told)


def test_lone_reports_stay_away_from_events_of_their_kind() -> None:
    world = small()
    reports = [one for one in world.told if one.event is None and world.meant[one.id].kind]
    assert len({world.meant[one.id].kind for one in reports}) > 30
    by_kind: dict[str, list[Told]] = {}
    for one in world.told:
        kind = world.meant[one.id].kind
        if kind and one.trap != "other_house":
            by_kind.setdefault(kind, []).append(one)
    for one in reports:
        here = world.meant[one.id]
        if one.trap == "other_house":
            continue
        for other in by_kind[here.kind or ""]:
            if other.id == one.id or abs(other.received_at - one.received_at) > timedelta(days=3):
                continue
            there = world.meant[other.id]
            if here.place.settlement == there.place.settlement:
                assert here.place.street != there.place.street
                points = point_of(here.place), point_of(there.place)
                assert points[0] is not None
                assert points[1] is not None
                assert metres(points[0], points[1]) > 1000


def test_the_same_trouble_in_another_house_or_on_another_day() -> None:
    world = small("develop")
    bursts = {burst.id: burst for burst in world.bursts}
    members = [one for one in world.told if one.event]
    assert of_trap(world, "other_house")
    for one in of_trap(world, "other_house"):
        here = world.meant[one.id]
        assert here.kind in ONE_HOUSE
        beside = [two for two in members if _same_street_and_kind(world, one, two)]
        near = [two for two in beside if bursts[two.event or UUID(int=0)].extent == "house"]
        assert near
        assert all(
            abs(number_of(world.meant[two.id].place.house) - number_of(here.place.house)) >= 10
            for two in near
        )
        assert here.place.house in f"{one.text} {one.address or ''}"
    assert of_trap(world, "other_day")
    for one in of_trap(world, "other_day"):
        beside = [two for two in members if _same_street_and_kind(world, one, two)]
        gaps = [abs(two.received_at - one.received_at) for two in beside]
        assert all(gap > timedelta(days=3) for gap in gaps)
        assert not gaps or max(gaps) >= timedelta(days=5)


def _same_street_and_kind(world: World, one: Told, other: Told) -> bool:
    here, there = world.meant[one.id], world.meant[other.id]
    return here.kind == there.kind and (here.place.settlement, here.place.street) == (
        there.place.settlement,
        there.place.street,
    )


def test_two_events_at_once_in_one_street() -> None:
    assert pairs(small(), "two_at_once")
    for one, other in pairs(small(), "two_at_once"):
        assert (one.settlement, one.streets) == (other.settlement, other.streets)
        assert overlap(one, other)
        assert other.kind not in kin(one.kind)


def test_one_trouble_at_once_in_streets_of_one_name() -> None:
    assert pairs(small(), "namesake_street")
    for one, other in pairs(small(), "namesake_street"):
        assert (one.kind, one.streets) == (other.kind, other.streets)
        assert one.settlement != other.settlement
        assert overlap(one, other)


def test_a_cut_over_the_whole_city() -> None:
    world = small()
    (city,) = [burst for burst in world.bursts if burst.extent == "city"]
    members = world.members(city.id)
    streets = {world.meant[one.id].place.street for one in members}
    assert len(streets) > 0.6 * len(members) > 14
    assert all("курск" in f"{one.text} {one.address or ''}".lower() for one in members)
    assert city.ended_at - city.started_at < timedelta(hours=12)
    beside = [burst for burst in world.bursts if burst.trap == "beside_city"]
    assert len(beside) == 2
    assert all(burst.kind not in kin(city.kind) and burst.settlement == city.settlement for burst in beside)


def test_other_words_of_the_matter_stand_in_the_street_and_time_of_a_burst() -> None:
    world = small()
    assert len(of_trap(world, "near_text")) > 20
    for one in of_trap(world, "near_text"):
        place = world.meant[one.id].place
        street = f"{place.street.kind} {place.street.name}"
        assert any(
            burst.settlement == place.settlement.code
            and street in burst.streets
            and burst.started_at <= one.received_at <= burst.ended_at
            for burst in world.bursts
        )


def test_texts_come_again_only_in_other_words_and_nobody_is_named() -> None:
    personal = re.compile(
        r"@|\+7|\b8[\s(-]*9\d\d|\d{3}[\s-]\d\d[\s-]\d\d|меня зовут|\b[А-ЯЁ][а-яё]+(?:ович|евич|овна|евна|ична)\b"
    )
    world = small()
    for burst in world.bursts:
        texts = Counter(one.text for one in world.members(burst.id))
        assert max(texts.values()) == 1, texts.most_common(1)
    for one in world.told:
        assert "{" not in one.text
        assert not personal.search(f"{one.text} {one.address or ''}"), one.text


def test_settlements_are_those_of_the_directory() -> None:
    codes = {settlement.code for settlement in settlements()}
    assert {burst.settlement for burst in small().bursts} <= codes
    assert len({meant.place.settlement for meant in small().meant.values()}) > 150
