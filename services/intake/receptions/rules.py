"""Which days of receipt are believed, and through which channels somebody else writes down what a citizen brought."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import Final, NamedTuple

from chassis.faults import Wording
from contracts.territories import REGIONS

# A coordinator enters these: paper, a call, what was said at a reception or in a live session.
ENTERED_BY_HAND: Final = frozenset({"paper", "phone", "reception"})
# Further back it is likelier that the year is wrong than that a letter lay so long; the law gives three days (59-ФЗ ст. 8 ч. 2).
LONGEST_BACK: Final = timedelta(days=180)
LONGEST_AHEAD: Final = timedelta(days=366)
_LONG_AGO: Final = Wording("lies more than {days} days back", {"days": LONGEST_BACK.days})


class Fault(NamedTuple):
    """What is wrong with one field of a request."""

    pointer: str
    message: str | Wording


def find_receipt_fault(received_on: date, channel: str, today: date) -> Fault | None:
    """What is wrong with a legal day of receipt; `today` on the region's own calendar."""
    if channel not in ENTERED_BY_HAND:
        channels = {"channels": ", ".join(sorted(ENTERED_BY_HAND))}
        return Fault("/received_on", Wording("is for what is entered by hand only ({channels})", channels))
    if received_on > today:
        return Fault("/received_on", "lies in the future")
    if received_on < today - LONGEST_BACK:
        return Fault("/received_on", _LONG_AGO)
    return None


def find_day_fault(held_on: date, today: date) -> Fault | None:
    """What is wrong with the day of a reception: it may be announced a year ahead."""
    if held_on < today - LONGEST_BACK:
        return Fault("/held_on", _LONG_AGO)
    if held_on > today + LONGEST_AHEAD:
        return Fault("/held_on", Wording("lies more than {days} days ahead", {"days": LONGEST_AHEAD.days}))
    return None


def find_place_fault(municipality: str | None, region: str) -> Fault | None:
    """What is wrong with the municipality (ОКТМО) of a reception: it lies in the region whose prefix is the longest."""
    if municipality is None or _region_of(municipality) == region:
        return None
    return Fault("/municipality", "lies in another region")


@lru_cache(maxsize=1024)
def _region_of(municipality: str) -> str | None:
    fitting = [each for each in REGIONS.values() if municipality.startswith(each.oktmo_prefix)]
    return max(fitting, key=lambda each: len(each.oktmo_prefix)).code if fitting else None


def find_naming_fault(received_on: date | None, held_on: date | None, today: date) -> Fault | None:
    """What is wrong with naming a reception, which was held on `held_on`; None: there is none of this id in the region."""
    if held_on is None:
        return Fault("/reception_id", "there is no such reception in this region")
    if received_on is not None and received_on != held_on:
        return Fault("/received_on", Wording("is not the day of the reception, {day}", {"day": held_on}))
    if held_on > today:
        return Fault("/reception_id", "the reception has not been held yet")
    return None
