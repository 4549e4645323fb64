"""What intake keeps packed: data of histories, what an appeal's state has in words. Older rows are in clear."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from chassis.packing import Packing

_PACKING: Final = Packing("services.intake.history.rules", "history")
WORDS: Final = ("topic_name", "organisation_name", "due_reason")


def pack_data(data: Mapping[str, Any]) -> bytes:
    """The data of an entry of a history."""
    return _PACKING.pack_json(data)


def read_data(packed: bytes | None, clear: str | None) -> dict[str, Any]:
    """The same again; `clear`: as JSON."""
    data: dict[str, Any] = _PACKING.unpack_json(packed, clear)
    return data


def pack_words(state: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that keep what an appeal's state has in words."""
    words = [state[name] for name in WORDS]
    return {**dict.fromkeys(WORDS), "packed": _PACKING.pack_json(words) if any(words) else None}


def read_words(row: Mapping[str, Any]) -> dict[str, str | None]:
    """The same again, by column."""
    if row["packed"] is None:
        return {name: row[name] for name in WORDS}
    return dict(zip(WORDS, _PACKING.unpack_json(row["packed"], None), strict=True))
