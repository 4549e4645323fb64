"""Whether two reports tell of one event: a score of these two alone, the same whichever comes first.

The score is the logarithm of the odds that they do, as far as words, place and time tell; its points were found by a logistic
regression over pairs of a made-up world (`tests/routing/incidents`, the half for development) and rounded. How much time and
many streets say at most, and what words must say at least, was chosen upon that half and upon a register told within seconds.
Reports of different settlements never relate, nor do those that have neither street, house, point nor village in common.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, exp, hypot, log, radians
from typing import Final, Literal

from services.routing.incidents.rules.events import EVENTS
from services.routing.incidents.rules.reports import Report, Signs

# From here on reports are of one event, and others may join through them.
CLOSE: Final = -0.9
# From here on a report that stands alone follows an incident that it comes near to; nobody joins through it.
NEAR: Final = -2.8
# Reports so many hours apart (of a clock that stands nearly still at night) are never of one event.
WINDOW_H: Final = 34.0

Nearness = Literal["house", "street", "other house", "point", "block", "village"]
_NEARNESS: Final[dict[Nearness, float]] = {
    "house": 0.2,
    "street": 0.0,
    "other house": -0.9,
    "point": 0.3,
    "block": -1.2,
    "village": -2.2,
}
_OF_A_STREET: Final[frozenset[Nearness]] = frozenset({"house", "street", "other house"})
_BASE: Final = -0.8
_SMALL: Final = 1.5
# What was written within this was written at once: where many write, or while a register is sent, minutes say nothing of one
# event, and what is merely frequent would come close by them alone.
_AT_ONCE_H: Final = 0.6
_PER_LOG_HOUR: Final = -1.1
# Who names many streets has one in common with many by chance.
_PER_LOG_STREET: Final = -1.5
# Words that say less than this do not bring others together, however near in place and time they were written.
_LEAST_ALIKE: Final = -1.0
_ALIKE: Final = 2.7
_HINTED, _BOTH_HINTED, _SILENT, _OTHERWISE, _UNSURE = -1.3, -3.4, -2.4, -3.2, 1.6
_NOT_CLOSE: Final = CLOSE - 0.01
_POINT_M, _BLOCK_M = 100.0, 350.0
_M_PER_DEGREE: Final = 111_320.0
_HOUSE_EVENTS: Final = sum(event.bit for event in EVENTS.values() if event.extent == "house")


@dataclass(frozen=True, slots=True)
class Link:
    """Two reports, by their places in a list, and their score."""

    one: int
    other: int
    score: float


def closeness_of(one: Report, other: Report, alike: float | None = None) -> float | None:
    """The score; None for what never relates. `alike`: their `likeness`, where it is known."""
    hours = abs(one.clock - other.clock)
    if hours > WINDOW_H:
        return None
    nearness = _nearness(one.signs, other.signs)
    if nearness is None:
        return None
    alike = likeness(one, other) if alike is None else alike
    score = _BASE + alike + _placed(nearness, one.signs, other.signs) + _at(hours)
    if alike < _LEAST_ALIKE:
        score = min(score, _NOT_CLOSE)
    if one.sure & other.sure & _HOUSE_EVENTS:
        return _of_one_house(nearness, one.signs, other.signs, score)
    return score


def best_closeness(one: Report, other: Report) -> float:
    """The highest score that two reports can have that tell what these do, wherever and whenever they were written."""
    alike = likeness(one, other)
    if alike < _LEAST_ALIKE:
        return _NOT_CLOSE
    small = _SMALL if one.signs.is_small or other.signs.is_small else 0.0
    return _BASE + alike + max(_NEARNESS.values()) + small + _at(0)


def _at(hours: float) -> float:
    return _PER_LOG_HOUR * log(max(hours, _AT_ONCE_H))


def _placed(nearness: Nearness, one: Signs, other: Signs) -> float:
    """How much their places say, where they have `nearness`."""
    score = _NEARNESS[nearness] + (_SMALL if one.is_small else 0.0)
    if nearness in _OF_A_STREET:
        score += _PER_LOG_STREET * log(max(len(one.streets), 1) * max(len(other.streets), 1))
    return score


def _of_one_house(nearness: Nearness, one: Signs, other: Signs, score: float) -> float | None:
    """What happens in one house is nothing to the next one; who names no house may mean either, so that nobody joins
    through them."""
    if nearness == "other house":
        return None
    if nearness == "street" and bool(one.houses) != bool(other.houses):
        return min(score, _NOT_CLOSE)
    return score


def _nearness(one: Signs, other: Signs) -> Nearness | None:
    if one.place != other.place:
        return None
    if _share_a_street(one, other):
        if not one.houses or not other.houses:
            return "street"
        return "other house" if one.houses.isdisjoint(other.houses) else "house"
    metres = _metres(one, other)
    if metres is not None and metres < _BLOCK_M:
        return "point" if metres < _POINT_M else "block"
    return "village" if one.is_small else None


def _share_a_street(one: Signs, other: Signs) -> bool:
    return not (
        one.streets.isdisjoint(other.streets)
        and one.streets.isdisjoint(other.maybe)
        and one.maybe.isdisjoint(other.streets)
    )


def _metres(one: Signs, other: Signs) -> float | None:
    if one.lat is None or one.lon is None or other.lat is None or other.lon is None:
        return None
    middle = radians((one.lat + other.lat) / 2)
    return hypot(one.lat - other.lat, (one.lon - other.lon) * cos(middle)) * _M_PER_DEGREE


def likeness(one: Report, other: Report) -> float:
    """How much their words say that both tell of one thing: points of the score, wherever and whenever they were written."""
    score = 0.0 if one.sure and other.sure else _UNSURE
    if one.sure & other.sure:
        pass
    elif one.sure & other.hints or one.hints & other.sure:
        score += _HINTED
    elif one.hints & other.hints:
        score += _BOTH_HINTED
    else:
        score += _SILENT if not one.vector or not other.vector else _OTHERWISE
    return score + _ALIKE * _cosine(one, other)


def _cosine(one: Report, other: Report) -> float:
    if len(one.vector) > len(other.vector):
        one, other = other, one
    product = sum(weight * other.vector.get(code, 0) for code, weight in one.vector.items())
    return product / (one.length * other.length)


def similarity(score: float) -> float:
    """A score as a probability, 0..1."""
    return 1 / (1 + exp(-score))
