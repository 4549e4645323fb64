"""Many appeals within seconds: a whole register of many matters is no incident, hundreds about one outage are one."""

from __future__ import annotations

import csv
import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from tests.routing.incidents.geography import Place, capital
from tests.routing.incidents.kinds import all_kinds, kinds_of
from tests.routing.incidents.records import Told
from tests.routing.incidents.region import Region
from tests.routing.incidents.telling import changed, filled
from tests.routing.incidents.test_finding import tell

_MOST_OF_A_REGISTER = 30
_CROWD = 500
_MINUTES = 15


def register_of(samples: Path) -> list[Told]:
    """The real texts, one a millisecond, as a file of appeals without dates is sent."""
    with (samples / "kursk_appeals.csv").open(encoding="utf-8") as file:
        texts = [row["text"] for row in csv.DictReader(file)]
    return [tell(text, number / 60_000, municipality=None) for number, text in enumerate(texts)]


def crowd_of(rng: random.Random, kind: str, size: int = _CROWD) -> list[Told]:
    """So many people of one street about one event, within minutes, each in words of their own."""
    street = capital().streets[0]
    texts = [text for text in all_kinds()[kind].texts if "{street}" in text]
    told = []
    for _ in range(size):
        place = Place(capital(), street, str(rng.randint(1, 48)))
        text = filled(changed(rng.choice(texts), rng), place, rng)
        told.append(tell(text, rng.uniform(0, _MINUTES)))
    return told


def largest(found: dict[UUID, UUID | None], among: Iterable[Told]) -> int:
    """How many of some appeals the incident has that has most of them."""
    counts = Counter(incident for each in among if (incident := found.get(each.id)) is not None)
    return max(counts.values(), default=0)


async def test_a_register_told_within_seconds_is_no_incident(region: Region, samples: Path) -> None:
    register = register_of(samples)
    await region.tell(register)
    await region.match()
    assert largest(await region.found(), register) <= _MOST_OF_A_REGISTER


async def test_all_troubles_of_a_street_in_one_minute_are_no_incident(region: Region) -> None:
    """One person of each. Snow, ice and icicles may well be one; most have nothing in common."""
    rng = random.Random(5)
    place = Place(capital(), capital().streets[0], "7")
    told = [
        tell(filled(kind.texts[9], place, rng), number / 60)
        for number, kind in enumerate(kinds_of("develop"))
    ]
    await region.tell(told)
    await region.match()
    assert largest(await region.found(), told) < len(told) / 2


async def test_hundreds_about_one_outage_are_one_incident(region: Region) -> None:
    for kind in ("no_hot_water", "gas_off", "street_lights_out"):
        await region.clear()
        crowd = crowd_of(random.Random(kind), kind)
        await region.tell(crowd)
        await region.match()
        assert largest(await region.found(), crowd) >= 0.95 * _CROWD, kind


async def test_an_outage_in_the_midst_of_a_register_is_found_alone(region: Region, samples: Path) -> None:
    register = register_of(samples)
    began = register[0].received_at
    crowd = [
        replace(each, received_at=began + timedelta(seconds=number / 30))
        for number, each in enumerate(crowd_of(random.Random(3), "gas_off", size=60))
    ]
    await region.tell([*register, *crowd])
    await region.match()
    found = await region.found()
    (home, members), *_ = Counter(found.get(each.id) for each in crowd).most_common(1)
    assert home is not None
    assert members >= 0.95 * len(crowd)
    assert sum(found.get(each.id) == home for each in register) <= _MOST_OF_A_REGISTER
