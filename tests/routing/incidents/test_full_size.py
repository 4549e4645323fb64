"""Finding incidents at full size: the world that judges, and a hundred thousand open reports. `make prove`."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import timedelta

import pytest

from tests.routing.incidents.region import Region, new_id
from tests.routing.incidents.world import World, generate, judge

pytestmark = pytest.mark.full
SEED = int(os.environ.get("OTKLIK_INCIDENT_SEED", "14"))
HALF = os.environ.get("OTKLIK_INCIDENT_HALF", "judge")
_OPEN = 100_000


def shares(verdict: object) -> dict[str, object]:
    """Figures of a verdict, shares as numbers."""
    return {
        name: round(value["part"] / value["whole"], 4)
        if isinstance(value, dict) and value.get("whole")
        else value
        for name, value in asdict(verdict).items()  # type: ignore[call-overload]
    }


def judged_world() -> World:
    """Two hundred bursts among twenty thousand ordinary appeals."""
    return generate(seed=SEED, half="develop" if HALF == "develop" else "judge")


async def test_members_are_found_and_ordinary_appeals_left_alone(
    region: Region, proof: Callable[..., None]
) -> None:
    world = judged_world()
    await region.tell(world.told)
    await region.match()
    verdict = judge(world, await region.found())
    figures = shares(verdict)
    proof(world=f"{HALF} {SEED}", ms_an_appeal=round(1000 * region.matching_s / region.matched, 3), **figures)
    print(figures)
    assert (verdict.recall.value or 0) >= 0.9
    assert (verdict.pulled_in.value or 0) <= 0.02


async def test_matching_costs_a_millisecond_beside_a_hundred_thousand_open_reports(
    region: Region, proof: Callable[..., None]
) -> None:
    """The same appeals again and again, every time some hours later; then a flood in one street, and a batch more."""
    world = generate(seed=2, half="develop")
    chance = random.Random(1)
    round_number = 0
    while region.matched < _OPEN:
        later = timedelta(days=11 * round_number)
        some = [replace(each, id=new_id(), received_at=each.received_at + later) for each in world.told]
        await region.tell(some)
        await region.match()
        round_number += 1
    filled = region.matched
    region.matching_s, region.matched = 0.0, 0
    batch = [
        replace(each, id=new_id(), received_at=each.received_at + later)
        for each in chance.sample(world.told, 2000)
    ]
    await region.tell(batch)
    await region.match()
    cost_ms = 1000 * region.matching_s / region.matched
    proof(open=filled, ms_an_appeal=round(cost_ms, 3))
    print(filled, cost_ms)
    assert cost_ms <= 1.0
