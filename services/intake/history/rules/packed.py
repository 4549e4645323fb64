"""What intake keeps packed: data of histories, what an appeal's state has in words. Older rows are in clear."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple, Protocol

from chassis.packing import Packing

_PACKING: Final = Packing("services.intake.history.rules", "history", versions=2)


class StateWords(NamedTuple):
    """What an appeal's state has in words, in the order in which it is packed."""

    topic_name: str | None
    organisation_name: str | None
    due_reason: str | None


class WithWords(Protocol):
    """A row with the columns of an appeal's words."""

    @property
    def packed(self) -> bytes | None: ...
    @property
    def topic_name(self) -> str | None: ...
    @property
    def organisation_name(self) -> str | None: ...
    @property
    def due_reason(self) -> str | None: ...


def pack_data(data: Mapping[str, Any]) -> bytes:
    """The data of an entry of a history."""
    return _PACKING.pack_json(data)


def read_data(packed: bytes | None, clear: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """The same again; `clear`: of a row that is not packed."""
    data: Mapping[str, Any] | None = clear if packed is None else _PACKING.unpack_json(packed, None)
    return data or {}


def pack_words(words: StateWords) -> bytes | None:
    """The column that keeps them; nothing where there are none."""
    return _PACKING.pack_json(list(words)) if any(words) else None


def read_words(row: WithWords) -> StateWords:
    """The same again."""
    if row.packed is None:
        return StateWords(row.topic_name, row.organisation_name, row.due_reason)
    return StateWords(*_PACKING.unpack_json(row.packed, None))
