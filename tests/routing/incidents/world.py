"""A world of appeals with bursts in it, by seed: what judges how incidents are found.

    world = generate(seed=1, bursts=15, ordinary=1500, half="develop")
    verdict = judge(world, found)  # found: the group of each appeal, or None

See README.md for what is promised of it and which seed may be looked at.
"""

from __future__ import annotations

import random

from tests.routing.incidents.bursts import all_bursts
from tests.routing.incidents.claims import Calendar
from tests.routing.incidents.kinds import Half, kinds_of
from tests.routing.incidents.ordinary import all_ordinary
from tests.routing.incidents.records import Burst, Meant, Told, World
from tests.routing.incidents.verdict import Verdict, judge

__all__ = ["Burst", "Half", "Meant", "Told", "Verdict", "World", "generate", "judge"]


def generate(seed: int, bursts: int = 200, ordinary: int = 20_000, half: Half | None = None) -> World:
    """The world of a seed: `bursts` events of 3–40 appeals and `ordinary` appeals of none, over ten days.

    Same arguments, same world, also of ids; only `OTKLIK_SAMPLES` decides whether ordinary texts are real ones.
    `half` says of which kinds bursts, lone reports and texts near them are: never look at "judge" while writing rules.
    """
    rng = random.Random(f"{seed} {bursts} {ordinary} {half}")
    calendar, kinds = Calendar(), kinds_of(half)
    written = all_bursts(rng, kinds, bursts, calendar)
    appeals = [appeal for burst in written for appeal in burst.appeals]
    appeals += all_ordinary(rng, kinds, ordinary, written, calendar)
    appeals.sort(key=lambda appeal: (appeal[0].received_at, appeal[0].id))
    return World(
        tuple(told for told, _ in appeals),
        tuple(burst.burst for burst in written),
        {told.id: meant for told, meant in appeals},
    )
