"""Facts as the JSON that the journal stores."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from operator import attrgetter
from typing import Any, Final

from services.sla.clocks.rules.facts import ORDER, Fact, LegacyDates

_BY_NAME: Final[Mapping[str, type[Fact]]] = {kind.__name__: kind for kind in ORDER}
# Journals keep the name that a field had when they began: stored → name.
_RENAMED: Final = {"past": "legacy"}
_STORED: Final = {name: stored for stored, name in _RENAMED.items()}
_KINDS: Final[Sequence[type[Fact] | type[LegacyDates]]] = (*ORDER, LegacyDates)
# Of each kind: the names of its fields in journals, and what reads their values in the same order.
_FIELDS: Final[Mapping[type[Fact] | type[LegacyDates], tuple[Sequence[str], Callable[[Any], Any]]]] = {
    kind: (
        [_STORED.get(field.name, field.name) for field in fields(kind)],
        attrgetter(*[field.name for field in fields(kind)]),
    )
    for kind in _KINDS
}
_INSTANTS: Final = (
    "at", "received_at", "arrived_at", "notified_at", "taken_over_at", "due_at", "closed_at",
)  # fmt: skip
# How a field that JSON does not hold as it is is read back.
_READ: Final[Mapping[str, Callable[[Any], Any]]] = {
    **dict.fromkeys(_INSTANTS, datetime.fromisoformat),
    "promised_on": date.fromisoformat,
    "cases": tuple,
    "past": lambda data: LegacyDates(**_parse_fields(data)),
}
_AS_IT_IS: Final = frozenset({str, int, bool})


def dump_fact(fact: Fact) -> dict[str, object]:
    """`{"fact": class name, …fields that are not None}`, JSON-safe, for the journal's column."""
    return {"fact": type(fact).__name__, **_dump_fields(fact)}


def _dump_fields(data: Fact | LegacyDates) -> dict[str, object]:
    names, values_of = _FIELDS[type(data)]
    return {
        stored: value if type(value) in _AS_IT_IS else _plain(value)
        for stored, value in zip(names, values_of(data), strict=True)
        if value is not None
    }


def _plain(value: object) -> object:
    if isinstance(value, LegacyDates):
        return _dump_fields(value)
    return value.isoformat() if isinstance(value, date) else value


def parse_fact(data: Mapping[str, Any]) -> Fact:
    """Read `dump_fact`'s shape. Raises KeyError for an unknown kind, TypeError or ValueError for bad fields."""
    values = _parse_fields(data)
    return _BY_NAME[values.pop("fact")](**values)


def _parse_fields(data: Mapping[str, Any]) -> dict[str, Any]:
    return {
        _RENAMED.get(stored, stored): _READ[stored](value) if stored in _READ else value
        for stored, value in data.items()
    }
