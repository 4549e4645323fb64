"""Appeals that belong to no burst: real texts, lone reports, and what is near a burst without being of it."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from tests.routing.incidents.appeals import DAYS, STARTS_AT, Draft, some_time, written
from tests.routing.incidents.bursts import Site, Written
from tests.routing.incidents.claims import Calendar
from tests.routing.incidents.geography import (
    HOUSES,
    Place,
    number_of,
    some_place,
    some_settlement,
    villages,
)  # fmt: skip
from tests.routing.incidents.kinds import ONE_HOUSE, URBAN, Kind
from tests.routing.incidents.records import Meant, Told
from tests.routing.incidents.samples import Sample, home_of, placed, samples
from tests.routing.incidents.telling import changed

ENDS_AT = STARTS_AT + timedelta(days=DAYS)
_OTHER_DAY = timedelta(days=5)
_HOUSES_APART = 10
_TRIES = 60
Appeal = tuple[Told, Meant]


def all_ordinary(
    rng: random.Random, kinds: Sequence[Kind], count: int, bursts: Sequence[Written], calendar: Calendar
) -> list[Appeal]:
    """`count` appeals of no event: first the traps round the bursts, then lone reports, the rest of other matters."""
    found = _traps(rng, bursts, calendar)[:count]
    real = samples()
    lone = min(count - len(found), int(count * (0.14 if real else 0.25)))
    for _ in range(lone):
        report = _lone_report(rng, rng.choice(kinds), calendar)
        if report:
            found.append(report)
    apart = int(count * 0.06) if real else count
    texts = _negatives(rng, kinds)
    found += [_near_text(rng, next(texts)) for _ in range(min(apart, count - len(found)))]
    found += _real_ones(rng, real, count - len(found), calendar)
    return found


def _negatives(rng: random.Random, kinds: Sequence[Kind]) -> Iterator[str]:
    """Each as it stands, then again and again in other words."""
    known = [text for kind in kinds for text in kind.near]
    yield from rng.sample(known, len(known))
    while True:
        for text in rng.sample(known, len(known)):
            yield changed(text, rng)


def _near_text(rng: random.Random, template: str) -> Appeal:
    place = some_place(rng, some_settlement(rng, 0.35))
    return written(Draft(template, place, some_time(rng, STARTS_AT, ENDS_AT)), rng)


def _lone_report(rng: random.Random, kind: Kind, calendar: Calendar) -> Appeal | None:
    """One report of an event that nobody else tells of; None where no place is left."""
    for _ in range(_TRIES):
        settlement = some_settlement(rng, 0.3)
        if kind.name in URBAN and settlement.kind not in ("г", "пгт"):
            continue
        place, at = some_place(rng, settlement), some_time(rng, STARTS_AT, ENDS_AT)
        if calendar.take_lone(kind.name, place, at):
            able = range(19) if settlement.kind != "г" else (*range(10), *range(12, 19))
            template = kind.texts[rng.choice(able)]
            if rng.random() < 0.5:
                template = changed(template, rng)
            return written(Draft(template, place, at, kind.name, kind.topic), rng)
    return None


def _real_ones(rng: random.Random, real: Sequence[Sample], count: int, calendar: Calendar) -> list[Appeal]:
    """Real texts: all of them before any comes again, then by other hands and from other places."""
    found: list[Appeal] = []
    while len(found) < count:
        again = bool(found)
        for sample in rng.sample(list(real), len(real)):
            found.append(_real_one(rng, sample, calendar, again=again))
    return found[:count]


def _real_one(rng: random.Random, sample: Sample, calendar: Calendar, *, again: bool) -> Appeal:
    place, at = _room_for(rng, sample, calendar)
    template = placed(changed(sample.template, rng) if again else sample.template, place, rng)
    return written(Draft(template, place, at, None, sample.topic), rng)


def _room_for(rng: random.Random, sample: Sample, calendar: Calendar) -> tuple[Place, datetime]:
    """A place and time without a burst of what the text may report, if possible without another such text there."""
    for tried in range(10 * _TRIES):
        apart = timedelta(days=1.5) if tried < _TRIES else timedelta(0)
        place = home_of(sample, rng) if tried < 5 * _TRIES else some_place(rng, rng.choice(villages()))
        at = some_time(rng, STARTS_AT, ENDS_AT)
        if calendar.take_topic(sample.kinds, place, at, apart):
            return place, at
    raise AssertionError("no room left in the region: fewer bursts or appeals")


def _traps(rng: random.Random, bursts: Sequence[Written], calendar: Calendar) -> list[Appeal]:
    found: list[Appeal] = []
    for burst in bursts:
        site, first, last = burst.site, burst.burst.started_at, burst.burst.ended_at
        if site.extent == "house" and site.kind.name in ONE_HOUSE:
            found += [_other_house(rng, site, house, first, last) for house in _other_houses(rng, site)]
        if site.extent != "city" and rng.random() < 0.5:
            found += _other_day(rng, site, first, last, calendar)
        if site.kind.near and rng.random() < 0.6:
            texts = rng.sample(site.kind.near, rng.choice((1, 1, 2, 3)))
            found += [_beside(rng, site, text, first, last) for text in texts]
    return found


def _other_houses(rng: random.Random, site: Site) -> list[str]:
    """One or two houses of the street, far from the one that is hit and from each other."""
    taken = [number_of(site.houses[0])]
    for number in rng.sample(list(HOUSES), len(HOUSES)):
        if len(taken) < rng.choice((2, 3)) and all(abs(number - one) >= _HOUSES_APART for one in taken):
            taken.append(number)
    return [str(number) for number in taken[1:]]


def _other_house(rng: random.Random, site: Site, house: str, first: datetime, last: datetime) -> Appeal:
    """The same trouble, street and time, in another house: an event of its own."""
    place = Place(site.settlement, site.streets[0], house)
    template = site.kind.texts[rng.choice((*range(6), *range(14, 19)))]
    draft = Draft(
        template, place, some_time(rng, first, last), site.kind.name, site.kind.topic, trap="other_house"
    )
    return written(replace(draft, names_house=True), rng)


def _other_day(
    rng: random.Random, site: Site, first: datetime, last: datetime, calendar: Calendar
) -> Iterator[Appeal]:
    """The same trouble in the same street, five days or more apart; where the days of the world allow it."""
    windows = [(STARTS_AT, first - _OTHER_DAY), (last + _OTHER_DAY, ENDS_AT)]
    windows = [(start, end) for start, end in windows if end > start]
    if not windows:
        return
    at = some_time(rng, *rng.choice(windows))
    place = some_place(rng, site.settlement, site.streets)
    if calendar.take_lone(site.kind.name, place, at):
        template = changed(site.kind.texts[rng.choice((*range(10), *range(12, 19)))], rng)
        yield written(Draft(template, place, at, site.kind.name, site.kind.topic, trap="other_day"), rng)


def _beside(rng: random.Random, site: Site, template: str, first: datetime, last: datetime) -> Appeal:
    """Words of the same matter in the burst's street and time that report no trouble: thanks, questions, plans."""
    place = some_place(rng, site.settlement, site.streets)
    if site.houses and rng.random() < 0.5:
        place = replace(place, house=rng.choice(site.houses))
    return written(Draft(template, place, some_time(rng, first, last), trap="near_text"), rng)
