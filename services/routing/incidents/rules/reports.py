"""What an appeal tells of an event: what happened, where and when. Everything that incidents are found by."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from math import sqrt
from types import MappingProxyType
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from chassis.normal import fold
from contracts.names import AppealKind
from contracts.territories import find_zone
from services.routing.incidents.rules.events import EVENTS, Weights, bits_of, read_events, sure_events
from services.routing.incidents.rules.streets import streets_in_address, streets_in_text
from services.routing.reference.rules.settlements import Settlement, SettlementDirectory

# Kinds of appeals that may report an event; all but a problem only where they surely tell of one.
REPORTING: Final[frozenset[AppealKind]] = frozenset(("problem", "question", "nothing"))
# Who asks so wants to know, and reports nothing: of plans, prices, ways and rights.
_ASKING: Final = re.compile(
    r"планир|(?<![а-я])план[аыуе]?(?![а-я])|предусмотр|будет ли|будут ли|можно ли|нельзя ли|сколько сто[ия]|стоимост|положен"
    r"|(?<![а-я])график|расписани|инвестпрограмм|проект|по какому|на как(?:ом|ие|ой)|с какого"
    r"|(?<![а-я])как (?:под|пере|оформ|опла|прик|полу|узна|зап|отка|част|найти|вер)"
    r"|(?<![а-я])где (?:по|взя|мож|сда|узна|куп|бес)|(?<![а-я])кто (?:отвеч|дела|долж|буд)"
    r"|когда (?:нач|пос|зам|обн|благоустр|газифи|откр|зал|заасф|отремонт|продолж|законч|планир|буд[еу]т? (?:пост|сд|от|за|ас|ре))"
)
# A settlement of fewer inhabitants is one place: an event in it is known to all of them.
_SMALL: Final = 10_000
# People sleep: what was written late in the evening and in the morning stands close together. From this hour on, for so many
# hours, an hour counts an eighth.
_MORNING_H, _WAKING_H, _NIGHT_SHARE = 7, 16, 1 / 8
_DAY_H: Final = _WAKING_H + (24 - _WAKING_H) * _NIGHT_SHARE
_HOUR_S: Final = 3600
_MOST_WEIGHT: Final = 6  # more words say no more


@dataclass(frozen=True, slots=True)
class Spot:
    """Where an appeal is known to belong: codes, and WGS 84 degrees where its point can be trusted."""

    municipality: str | None = None
    settlement: str | None = None
    lat: float | None = None
    lon: float | None = None


@dataclass(frozen=True, slots=True)
class Signs:
    """What is kept of a report. `place`: the settlement, or the municipality where that is all that is known; `is_small`:
    whether the place is a village or little town; `street`: as it is shown; `streets`, `maybe`: keys, see `streets`."""

    place: str | None
    is_small: bool
    lat: float | None
    lon: float | None
    street: str | None
    streets: frozenset[str]
    maybe: frozenset[str]
    houses: frozenset[str]
    events: Weights


@dataclass(frozen=True, slots=True)
class Report:
    """A report ready to be compared. `clock`: hours that people were awake (see `waking_hours`); `sure`, `hints`: events as
    bits; `vector`: weights of the events, seldom ones more (whole numbers: their sums are
    the same in whatever order); `length`: of the vector."""

    id: UUID
    received_at: datetime
    signs: Signs
    clock: float
    sure: int
    hints: int
    vector: Mapping[str, int]
    length: float


def is_report(kind: str, text: str, events: Weights) -> bool:
    """Whether an appeal of this kind reports an event."""
    if kind == "problem":
        return True
    return kind in REPORTING and bool(sure_events(events)) and _ASKING.search(fold(text)) is None


def read_signs(directory: SettlementDirectory, text: str, address: str | None, spot: Spot) -> Signs:
    """What an appeal (masked text and address) tells, in a region with these settlements."""
    folded = fold(text)
    by_address, by_text = streets_in_address(fold(address or "")), streets_in_text(folded)
    settlement = _settlement_of(directory, spot)
    return Signs(
        place=settlement.code if settlement else spot.municipality,
        is_small=settlement is not None and not settlement.is_town and (settlement.population or 0) < _SMALL,
        lat=spot.lat,
        lon=spot.lon,
        street=by_address.written or by_text.written,
        streets=by_address.sure | by_text.sure,
        maybe=by_text.maybe - by_address.sure,
        houses=by_address.houses | by_text.houses,
        events=read_events(folded),
    )


def _settlement_of(directory: SettlementDirectory, spot: Spot) -> Settlement | None:
    """The one that is known; or that the point lies in; or the town of the municipality. Who names no place at all lives in
    the region's largest town."""
    known = directory.by_code.get(spot.settlement or "")
    if known is not None:
        return known
    if spot.lat is not None and spot.lon is not None:
        nearest = directory.nearest(spot.lat, spot.lon)
        if nearest is not None and (spot.municipality is None or nearest.lies_in(spot.municipality)):
            return nearest
    return _towns_of(directory).get(spot.municipality or "")


_TOWNS: Final[dict[int, tuple[SettlementDirectory, Mapping[str, Settlement]]]] = {}
_MOST_DIRECTORIES: Final = 128


def _towns_of(directory: SettlementDirectory) -> Mapping[str, Settlement]:
    """Municipality → its only town; "" → the region's largest. Kept for as long as the directory is in use."""
    kept = _TOWNS.get(id(directory))
    if kept is not None and kept[0] is directory:
        return kept[1]
    towns: dict[str, list[Settlement]] = {}
    for each in directory.by_code.values():
        if each.is_town:
            towns.setdefault(each.municipality, []).append(each)
    found = {municipality: named[0] for municipality, named in towns.items() if len(named) == 1}
    largest = max(
        (each for named in towns.values() for each in named),
        key=lambda each: (each.population or 0, each.code),
        default=None,
    )
    if largest is not None:
        found[""] = largest
    if len(_TOWNS) >= _MOST_DIRECTORIES:
        _TOWNS.clear()
    _TOWNS[id(directory)] = (directory, found)
    return found


def main_town_of(directory: SettlementDirectory) -> str | None:
    """The code of the region's largest town: who names no place lives there."""
    town = _towns_of(directory).get("")
    return town.code if town else None


def make_report(region: str, id: UUID, received_at: datetime, signs: Signs) -> Report:
    """The report, ready to be compared."""
    summary = _summarise(tuple(signs.events.items()))
    clock = waking_hours(received_at, region)
    return Report(id, received_at, signs, clock, summary.sure, summary.hints, summary.vector, summary.length)


@dataclass(frozen=True, slots=True)
class _Summary:
    """What events say, as `Report` has it."""

    sure: int
    hints: int
    vector: Mapping[str, int]
    length: float


# Most appeals speak of few events, and of each place hundreds of reports are read again.
@lru_cache(maxsize=4096)
def _summarise(events: tuple[tuple[str, int], ...]) -> _Summary:
    weights = dict(events)
    sure = sure_events(weights)
    vector = {
        code: min(weight, _MOST_WEIGHT) * round(10 * EVENTS[code].rarity)
        for code, weight in events
        if code in EVENTS
    }
    hints = bits_of(code for code in weights if code not in sure)
    length = sqrt(sum(weight * weight for weight in vector.values())) or 1.0
    return _Summary(bits_of(sure), hints, MappingProxyType(vector), length)


def waking_hours(at: datetime, region: str) -> float:
    """Hours since the epoch by the region's clock, of which those of the night (23 to 7) count an eighth."""
    offset = at.astimezone(_zone_of(region)).utcoffset()
    assert offset is not None
    hours = (at.timestamp() + offset.total_seconds()) / _HOUR_S - _MORNING_H
    days, hour = divmod(hours, 24)
    return days * _DAY_H + min(hour, _WAKING_H) + max(hour - _WAKING_H, 0) * _NIGHT_SHARE


@lru_cache(maxsize=128)
def _zone_of(region: str) -> ZoneInfo:
    return ZoneInfo(find_zone(region))
