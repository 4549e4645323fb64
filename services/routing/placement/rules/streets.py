"""A town by its street: «проспект Дериглазова, 20» names the one settlement that has such a street."""

from __future__ import annotations

import re
from collections.abc import Iterator

from services.routing.reference.rules.settlements import Settlement, SettlementDirectory, street_key

_STREET = re.compile(
    r"(?<![а-я])(?:ул(?:иц[аыеу]|ице|ицей)?|пр(?:оспект[аеу]?|осп|-т|-кт)?|пер(?:еул[а-я]{2,3})?|бульвар[аеу]?|б-р)(?![а-я])\.? ?"
    r"(?P<name>[а-я0-9-]{3,30}(?: [а-я-]{3,30}){0,2}),? ?(?:д(?:ом)?\.? ?)?\d"
)


def settlement_by_street(directory: SettlementDirectory, folded: str) -> Settlement | None:
    """The settlement that the streets of a text in its normal form, with their houses, stand in; None where several could."""
    if not directory.by_street:
        return None
    found = {settlement.code: settlement for settlement in _by_streets(directory, folded) if settlement}
    return next(iter(found.values())) if len(found) == 1 else None


def _by_streets(directory: SettlementDirectory, folded: str) -> Iterator[Settlement | None]:
    for street in _STREET.finditer(folded):
        yield directory.with_street(street_key(street["name"]))
