"""An appeal by its region and id: how rows about it are found in all tables, and the events that name one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple, Protocol
from uuid import UUID


class AppealKey(NamedTuple):
    """Region and id of an appeal, in the order in which rows are locked and written."""

    region: str
    id: UUID


class AppealEvent(Protocol):
    """An event about one appeal."""

    @property
    def id(self) -> UUID: ...
    @property
    def time(self) -> datetime: ...
    @property
    def sequence(self) -> int: ...
    @property
    def region(self) -> str: ...
    @property
    def appeal_id(self) -> UUID: ...


def key_of(event: AppealEvent) -> AppealKey:
    """The appeal an event is about."""
    return AppealKey(event.region, event.appeal_id)


def order_of(key: AppealKey) -> tuple[str, int]:
    """What keys are sorted by: numbers compare in the same order as ids, at a fraction of the cost."""
    return key.region, key.id.int


def columns_of(keys: Iterable[AppealKey]) -> tuple[list[str], list[UUID]]:
    """The regions and the ids, as statements take them: an id stands in one region only."""
    ordered = sorted(keys, key=order_of)
    return sorted({key.region for key in ordered}), [key.id for key in ordered]
