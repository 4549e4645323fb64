"""Names are asked for once, known for a while, and never to somebody who may not know them."""

from __future__ import annotations

from uuid import UUID, uuid4

from web.names import KNOWN_SECONDS, MOST_KNOWN, KnownNames
from web.persons import PersonName

ANNA, BORIS = (PersonName(id=uuid4(), name=name, position="Инспектор") for name in ("Анна", "Борис"))


class Clock:
    """Stands still until it is moved, in seconds."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_what_was_asked_for_is_known_until_its_time_is_over() -> None:
    clock, nobody = Clock(), uuid4()
    known = KnownNames(clock)
    assert known.find(["46"], [ANNA.id, ANNA.id, nobody]) == ({}, [ANNA.id, nobody])
    known.keep(["46"], [ANNA.id, nobody], [ANNA])
    clock.now += KNOWN_SECONDS - 1
    assert known.find(["46"], [ANNA.id, nobody, BORIS.id]) == ({ANNA.id: ANNA}, [BORIS.id])
    clock.now += 1
    assert known.find(["46"], [ANNA.id, nobody]) == ({}, [ANNA.id, nobody])


def test_who_works_in_other_regions_asks_for_himself() -> None:
    known = KnownNames(Clock())
    known.keep(["46", "59"], [ANNA.id, BORIS.id], [ANNA, BORIS])
    assert known.find(["59", "46"], [ANNA.id]) == ({ANNA.id: ANNA}, [])
    for others in (["46"], ["59"], ["*"], []):
        assert known.find(others, [ANNA.id]) == ({}, [ANNA.id]), others


def test_the_oldest_give_way_to_new_ones() -> None:
    known = KnownNames(Clock())
    ids = [UUID(int=number) for number in range(MOST_KNOWN + 5)]
    known.keep(["46"], ids, [])
    _, unknown = known.find(["46"], ids)
    assert unknown == ids[:5]
