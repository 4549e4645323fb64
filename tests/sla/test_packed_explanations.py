"""Explanations are packed after a dictionary that has them as they are written today."""

from __future__ import annotations

import orjson
import pytest

from services.sla.clocks.rules.packed import pack_steps, read_steps
from tests.sla.story import created, fold, registered


@pytest.mark.parametrize("regime", ["message", "statutory"])
def test_an_explanation_takes_an_eighth_of_its_room(regime: str) -> None:
    """Fails also where steps have got other fields or another order: the next dictionary is due then."""
    explanations = [
        clock.explanation for clock in fold([registered(regime), created(regime=regime)]).values()
    ]
    packed = [pack_steps(steps) for steps in explanations]
    assert sum(map(len, packed)) < sum(len(orjson.dumps(steps)) for steps in explanations) / 8
    assert [read_steps(each, None) for each in packed] == [
        orjson.loads(orjson.dumps(steps)) for steps in explanations
    ]
