"""What intake keeps packed: the data of histories, reasons of deadlines. Rows of older versions are in clear."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from chassis.packing import Packing

_PACKING: Final = Packing("services.intake.rules", "history")


def pack_data(data: Mapping[str, Any]) -> bytes:
    """The data of an entry of a history."""
    return _PACKING.pack_json(data)


def read_data(packed: bytes | None, clear: str | None) -> dict[str, Any]:
    """The same again; `clear`: as JSON."""
    data: dict[str, Any] = _PACKING.unpack_json(packed, clear)
    return data


def pack_reason(reason: str | None) -> bytes | None:
    """Why an appeal is due when it is."""
    return _PACKING.pack(reason.encode()) if reason else None


def read_reason(packed: bytes | None, clear: str | None) -> str | None:
    """The same again."""
    return clear if packed is None else _PACKING.unpack(packed).decode()
