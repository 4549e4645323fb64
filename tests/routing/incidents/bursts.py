"""Bursts of appeals: many people about one event in one place and time, and the traps that are bursts themselves."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from tests.routing.incidents.appeals import DAYS, STARTS_AT, Draft, awake, new_id, some_time, written
from tests.routing.incidents.claims import Calendar, Claim
from tests.routing.incidents.geography import (
    Settlement,
    Street,
    capital,
    some_house,
    some_place,
    some_settlement,
    towns,
    villages,
)  # fmt: skip
from tests.routing.incidents.kinds import URBAN, Extent, Kind, kin
from tests.routing.incidents.records import Burst, Meant, Told
from tests.routing.incidents.telling import changed, with_neighbour, with_own_place

_EXTENTS: dict[Extent, int] = {"house": 30, "houses": 40, "street": 26, "village": 16, "quarter": 30}
_HOUSE_TEXTS, _STREET_TEXTS, _TOWN_TEXTS, _BOTH_TEXTS, _BARE_TEXTS = (
    range(6), range(6, 10), range(10, 12), range(12, 14), range(14, 19),
)  # fmt: skip


@dataclass(frozen=True)
class Site:
    """What happened and where: `houses` are those hit (none: all of the streets)."""

    kind: Kind
    extent: Extent
    settlement: Settlement
    streets: tuple[Street, ...]
    houses: tuple[str, ...]
    starts_at: datetime
    trap: str | None = None

    def claim(self) -> Claim:
        """What no other event of this kind may touch."""
        whole = self.extent in ("village", "city")
        return Claim(self.settlement, None if whole else self.streets[0].quarter, self.starts_at,
                     self.starts_at + timedelta(hours=36))  # fmt: skip


@dataclass(frozen=True)
class Written:
    """A burst, its appeals and what each meant."""

    burst: Burst
    site: Site
    appeals: tuple[tuple[Told, Meant], ...]


def all_bursts(rng: random.Random, kinds: Sequence[Kind], count: int, calendar: Calendar) -> list[Written]:
    """`count` bursts, 10 or more, of every extent at least one; a part of them are traps: a cut over the whole city, two events at once, namesakes."""
    sites: list[Site] = []
    for _ in range(max(1, count // 100)):
        sites += _city_cut(rng, kinds, calendar)
    for _ in range(max(1, count // 16)):
        sites += _two_at_once(rng, kinds, calendar)
    for _ in range(max(1, count // 20)):
        sites += _namesake_streets(rng, kinds, calendar)
    wanted: list[Extent] = [*_EXTENTS, *rng.choices(list(_EXTENTS), list(_EXTENTS.values()), k=count // 3)]
    for extent in wanted[: max(0, count - len(sites))]:
        sites.append(_some_site(rng, [kind for kind in kinds if extent in kind.extents], calendar, extent))
    while len(sites) < count:
        sites.append(_some_site(rng, kinds, calendar))
    return [_written(site, rng) for site in sites[:count]]


def _some_start(rng: random.Random) -> datetime:
    return some_time(rng, STARTS_AT, STARTS_AT + timedelta(days=DAYS - 1.6))


def _some_site(
    rng: random.Random, kinds: Sequence[Kind], calendar: Calendar, wanted: Extent | None = None
) -> Site:
    """A burst of any kind, of the extent wanted, else of any that suits the kind; the whole city never."""
    while True:
        kind = rng.choice(kinds)
        able = [extent for extent in kind.extents if extent != "city"]
        extent = wanted or rng.choices(able, [_EXTENTS[one] for one in able])[0]
        settlement = _settlement_for(extent, kind, rng)
        site = _site(rng, kind, extent, settlement, _some_start(rng))
        if calendar.take(kind.name, site.claim()):
            return site


def _settlement_for(extent: Extent, kind: Kind, rng: random.Random) -> Settlement:
    if extent == "village":
        return rng.choice(villages())
    if extent == "quarter":
        return rng.choice((capital(), capital(), capital(), *towns()))
    while True:
        settlement = some_settlement(rng)
        if kind.name not in URBAN or settlement.kind in ("г", "пгт"):
            return settlement


def _site(
    rng: random.Random, kind: Kind, extent: Extent, settlement: Settlement, starts_at: datetime,
    street: Street | None = None,
) -> Site:  # fmt: skip
    street = street or rng.choice(settlement.streets)
    streets: tuple[Street, ...] = (street,)
    if extent == "quarter":
        around = settlement.quarter(street.quarter)
        streets = tuple(rng.sample(around, min(len(around), rng.choice((2, 2, 3)))))
    elif extent in ("village", "city"):
        streets = settlement.streets
    houses: tuple[str, ...] = ()
    if extent == "house":
        houses = (some_house(rng),)
    elif extent == "houses":
        first = rng.randrange(1, 40)
        houses = tuple(str(first + 2 * step) for step in range(rng.choice((2, 3, 3, 4, 5))))
    return Site(kind, extent, settlement, streets, houses, starts_at)


def _city_cut(rng: random.Random, kinds: Sequence[Kind], calendar: Calendar) -> list[Site]:
    """One kind from all over the capital within hours, and at the same time two streets there with other troubles."""
    while True:
        kind = rng.choice([kind for kind in kinds if "city" in kind.extents])
        site = _site(rng, kind, "city", capital(), _some_start(rng))
        if calendar.take(kind.name, site.claim()):
            break
    sites = [replace(site, trap="city")]
    others = [
        one for one in kinds if {"street", "houses"} & set(one.extents) and kind.name not in kin(one.name)
    ]
    while len(sites) < 3:
        other = rng.choice(others)
        extent: Extent = "street" if "street" in other.extents else "houses"
        at = site.starts_at + timedelta(minutes=rng.randrange(-60, 240))
        beside = _site(rng, other, extent, capital(), max(at, STARTS_AT))
        if calendar.take(other.name, beside.claim()):
            sites.append(replace(beside, trap="beside_city"))
    return sites


def _two_at_once(rng: random.Random, kinds: Sequence[Kind], calendar: Calendar) -> list[Site]:
    """Two events of kinds that have nothing to do with each other, in one street within hours."""
    while True:
        one, other = rng.sample([kind for kind in kinds if "street" in kind.extents], 2)
        if other.name in kin(one.name):
            continue
        settlement = _settlement_for("street", one, rng)
        first = _site(rng, one, "street", settlement, _some_start(rng))
        at = max(STARTS_AT, first.starts_at + timedelta(minutes=rng.randrange(-180, 180)))
        second = _site(rng, other, "street", settlement, at, first.streets[0])
        if calendar.take_all([(one.name, first.claim()), (other.name, second.claim())]):
            return [replace(site, trap="two_at_once") for site in (first, second)]


def _namesake_streets(rng: random.Random, kinds: Sequence[Kind], calendar: Calendar) -> list[Site]:
    """One kind at once in two settlements, in streets of the same name."""
    while True:
        kind = rng.choice([kind for kind in kinds if "street" in kind.extents])
        here, there = _settlement_for("street", kind, rng), rng.choice((*towns(), *villages()))
        common = [
            (one, two)
            for one in here.streets
            for two in there.streets
            if (one.kind, one.name) == (two.kind, two.name)
        ]
        if here == there or not common:
            continue
        one, two = rng.choice(common)
        at = _some_start(rng)
        first = _site(rng, kind, "street", here, at, one)
        second = _site(rng, kind, "street", there, at + timedelta(minutes=rng.randrange(0, 120)), two)
        if calendar.take_all([(kind.name, first.claim()), (kind.name, second.claim())]):
            return [replace(site, trap="namesake_street") for site in (first, second)]


def _written(site: Site, rng: random.Random) -> Written:
    event = new_id(rng)
    size = (
        rng.randrange(25, 41) if site.extent == "city" else min(40, 3 + int(rng.lognormvariate(1.35, 0.95)))
    )
    times = _times(site, size, rng)
    share = rng.uniform(0.35, 0.6) if site.extent == "quarter" else rng.uniform(0.05, 0.45)
    pairs = list(zip(_templates(site, size, rng), times, strict=True))
    appeals = tuple(written(_draft(site, template, at, share, event, rng), rng) for template, at in pairs)
    burst = Burst(
        event,
        site.kind.name,
        site.extent,
        site.settlement.code,
        tuple(f"{street.kind} {street.name}" for street in site.streets),
        times[0],
        times[-1],
        size,
        site.trap,
    )
    return Written(burst, site, appeals)


def _draft(site: Site, template: str, at: datetime, share: float, event: UUID, rng: random.Random) -> Draft:
    place = some_place(rng, site.settlement, site.streets)
    if site.houses:
        place = replace(place, house=rng.choice(site.houses))
    others = [street for street in site.streets if street != place.street]
    said = "{" not in template and rng.random() < 0.3
    if said:
        template = with_own_place(template, place.street, rng)
    if site.extent == "quarter" and others and rng.random() < 0.4:
        template = with_neighbour(template, rng.choice(others), rng)
    return Draft(
        template, place, at, site.kind.name, site.kind.topic, event, site.trap, share,
        says_street=said, names_town=site.extent == "city",
    )  # fmt: skip


def _templates(site: Site, size: int, rng: random.Random) -> list[str]:
    """Texts that suit what was hit, each as it is before any comes again in other words."""
    fitting = {
        "house": [*_HOUSE_TEXTS, *_HOUSE_TEXTS, *_STREET_TEXTS, *_BOTH_TEXTS, *_BARE_TEXTS],
        "village": [*_TOWN_TEXTS, *_TOWN_TEXTS, *_BOTH_TEXTS, *_STREET_TEXTS, *_HOUSE_TEXTS, *_BARE_TEXTS],
    }.get(site.extent, [*_HOUSE_TEXTS, *_STREET_TEXTS, *_STREET_TEXTS, *_BOTH_TEXTS, *_BARE_TEXTS])
    chosen: list[str] = []
    while len(chosen) < size:
        for at in dict.fromkeys(rng.sample(fitting, len(fitting))):
            text = site.kind.texts[at]
            chosen.append(changed(text, rng) if text in chosen or rng.random() < 0.15 else text)
    return chosen[:size]


def _times(site: Site, size: int, rng: random.Random) -> list[datetime]:
    """The first report, soon many, then a tail of minutes to 36 hours; fewer at night."""
    hours = rng.uniform(3, 9) if site.extent == "city" else 1.5 * 24 ** rng.random()
    offsets = [0.0]
    while len(offsets) < size:
        offset = hours * rng.betavariate(0.55, 3.0)
        if awake(site.starts_at + timedelta(hours=offset), rng) or rng.random() < 0.12:
            offsets.append(offset)
    return [(site.starts_at + timedelta(hours=offset)).replace(microsecond=0) for offset in sorted(offsets)]
