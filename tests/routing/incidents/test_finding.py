"""Incidents of an invented world (see README.md) are found on a real database, whatever the order of arrival."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.routing.incidents.records import Told
from tests.routing.incidents.region import Region, new_id
from tests.routing.incidents.world import World, generate, judge

NOON = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)


def tell(text: str, minutes: float = 0, address: str | None = None, **more: object) -> Told:
    """An appeal of Курск, at noon and so many minutes."""
    told = Told(
        new_id(),
        text,
        address,
        None,
        None,
        "38701000",
        NOON + timedelta(minutes=minutes),
        "portal",
        None,
        None,
        None,
    )
    return replace(told, **more)  # type: ignore[arg-type]


def no_water(house: str, minutes: float = 0, street: str = "Садовая") -> Told:
    """One more without water."""
    return tell("Нет холодной воды с утра, краны сухие", minutes, f"г. Курск, ул. {street}, д. {house}")


async def test_three_who_tell_of_one_thing_make_an_incident(region: Region) -> None:
    two = [no_water("5"), no_water("9", 20)]
    await region.tell(two)
    await region.match()
    assert await region.incidents() == []

    third = tell("Когда дадут воду? Сидим без воды, на Садовой у всех сухо!", 40)
    await region.tell([third, tell("На Садовой яма, пробил колесо", 41)])
    await region.match()
    (incident,) = await region.incidents()
    assert incident["title"] == "Нет воды: ул. Садовая"
    assert (incident["appeals"], incident["settlement"]) == (3, "38701000001")
    assert (incident["started_at"], incident["last_at"]) == (two[0].received_at, third.received_at)
    assert await region.partition() == {frozenset(each.id for each in (*two, third))}


async def test_neither_another_settlement_nor_another_day_nor_thanks_belong_to_it(region: Region) -> None:
    told = [no_water(str(house), house) for house in range(1, 6)]
    elsewhere = replace(no_water("3", 10), municipality=None, address="г. Железногорск, ул. Садовая, д. 3")
    later = no_water("4", 6 * 24 * 60)
    thanks = tell("Спасибо водоканалу, воду на улице Садовой дали быстро!", 50)
    plans = tell("Когда планируется замена водопровода по улице Садовой?", 60)
    await region.tell([*told, elsewhere, later, thanks, plans])
    await region.match()
    assert await region.partition() == {frozenset(each.id for each in told)}


async def test_a_lift_of_the_next_house_is_another_one(region: Region) -> None:
    here = [tell("Лифт не работает", at, "ул. Садовая, д. 5") for at in (0, 5, 9)]
    there = [tell("Не работает лифт, стоим", at, "ул. Садовая, д. 7") for at in (1, 6, 8)]
    await region.tell([*here, *there])
    await region.match()
    assert await region.partition() == {frozenset(each.id for each in group) for group in (here, there)}
    assert {each["title"] for each in await region.incidents()} == {
        "Не работает лифт: ул. Садовая, д. 5",
        "Не работает лифт: ул. Садовая, д. 7",
    }


async def test_what_stands_between_two_incidents_makes_them_one_and_the_earlier_stays(region: Region) -> None:
    early = [no_water(str(house), house, "Садовая") for house in (1, 2, 3)]
    late = [no_water(str(house), 30 + house, "Чехова") for house in (1, 2, 3)]
    await region.tell([*early, *late])
    await region.match()
    assert len(await region.incidents()) == 2
    between = tell("Нет холодной воды, краны сухие на улице Садовой и на улице Чехова", 20)
    await region.tell([between])
    await region.match()
    (incident,), (undone,) = await region.incidents(), await region.incidents("undone")
    assert (incident["appeals"], incident["started_at"]) == (7, early[0].received_at)
    assert (undone["merged_into"], undone["started_at"]) == (incident["id"], late[0].received_at)
    assert len(await region.partition()) == 1


async def test_a_touched_incident_only_grows(region: Region) -> None:
    first = [no_water(str(house), house) for house in (1, 2, 3)]
    await region.tell(first)
    await region.match()
    (incident,) = await region.incidents()
    await region.look.execute(
        "UPDATE routing.incident SET status = 'confirmed', touched = true, title = 'Порыв на Садовой'"
    )
    await region.look.execute(
        "UPDATE routing.incident_report SET incident_id = NULL, kept_out = true WHERE appeal_id = $1",
        first[0].id,
    )
    await region.tell([no_water("4", 15)])
    await region.match()
    (grown,) = await region.incidents("confirmed")
    assert (grown["id"], grown["title"], grown["appeals"]) == (incident["id"], "Порыв на Садовой", 3)
    found = await region.found()
    assert found[first[0].id] is None
    waiting = await region.look.fetchval("SELECT count(*) FROM routing.incident_sign WHERE to_move")
    assert waiting == 1


async def test_a_closed_incident_is_over(region: Region) -> None:
    await region.tell([no_water(str(house), house) for house in (1, 2, 3)])
    await region.match()
    await region.look.execute("UPDATE routing.incident SET status = 'closed', touched = true")
    again = [no_water(str(house), 60 + house) for house in (1, 2, 3)]
    await region.tell(again)
    await region.match()
    (incident,) = await region.incidents()
    assert incident["appeals"] == 3
    assert {each.id for each in again} in await region.partition()


def small_world() -> World:
    return generate(seed=1, bursts=15, ordinary=1200, half="develop")


@pytest.fixture(scope="module")
def world() -> World:
    """A world that may be looked at."""
    return small_world()


async def test_bursts_are_found_among_ordinary_appeals(region: Region, world: World) -> None:
    await region.tell(world.told)
    await region.match()
    verdict = judge(world, await region.found())
    assert (verdict.recall.value or 0) >= 0.9, verdict
    assert (verdict.pulled_in.value or 0) <= 0.02, verdict


async def test_any_order_of_arrival_gives_the_same_incidents(region: Region, world: World) -> None:
    some = [each for each in world.told if each.event is not None or each.trap is not None]
    await region.tell(some)
    await region.match()
    expected = await region.partition()
    assert len(expected) > 10
    for seed in (1, 2):
        await region.clear()
        shuffled = random.Random(seed).sample(some, len(some))
        for start in range(0, len(shuffled), 90):
            await region.tell(shuffled[start : start + 90])
            await region.match(limit=37)
        assert await region.partition() == expected
