"""With the samples at hand, ordinary appeals of the invented world are real texts, none of them left out."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

from tests.routing.incidents.samples import samples as real_samples
from tests.routing.incidents.world import generate


def test_all_real_texts_come_before_any_comes_again(samples: Path) -> None:
    real_samples.cache_clear()
    with (samples / "kursk_appeals.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(real_samples()) == len(rows)
    world = generate(2, bursts=15, ordinary=3500)
    plain = {one.template for one in real_samples() if "{" not in one.template}
    told = {one.text for one in world.told} | {one.text.lower() for one in world.told}
    assert len(plain) > 500
    assert all(text in told or text.lower() in told for text in plain)


def test_real_texts_name_streets_of_the_world(samples: Path) -> None:
    """A real text speaks of the street it was placed in, where it speaks of one in the usual form."""
    real_samples.cache_clear()
    counts = Counter("{street}" in one.template for one in real_samples())
    assert counts[True] > 500
    world = generate(2, bursts=15, ordinary=3500)
    assert not [one.text for one in world.told if "{" in one.text]
    ordinary = [one for one in world.told if one.event is None]
    named = [one for one in ordinary if world.meant[one.id].place.street.name.lower() in one.text.lower()]
    assert len(named) > 0.25 * len(ordinary)
