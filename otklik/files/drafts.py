"""What a row becomes before it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ReadValues:
    """Values by field of an appeal, and its applicant, as the export of another system has them."""

    texts: dict[str, str]
    applicant: dict[str, str] = field(default_factory=dict)


class Export(Protocol):
    """What is known of another system's files."""

    @property
    def columns(self) -> Mapping[str, tuple[str, ...]]:
        """Field → the names its column may have, the likeliest first."""

    @property
    def unneeded(self) -> frozenset[str]:
        """Columns that say nothing of a case here."""

    def read(self, values: Mapping[str, str]) -> ReadValues:
        """A row's values by field, in our words. RowError for one that means nothing."""


@dataclass(slots=True)
class Draft:
    """An appeal or a past case: its texts by field, and what is no text (a place, an applicant, that nothing was due)."""

    texts: dict[str, str]
    others: dict[str, object] = field(default_factory=dict)

    @property
    def region(self) -> str:
        """Two digits, if the file is right."""
        return self.texts["region"]

    @property
    def external_id(self) -> str:
        """By which it is known when it is sent again."""
        return self.texts["external_id"]

    def as_json(self) -> Mapping[str, object]:
        """The JSON object to send; whether it is acceptable is for the server to say."""
        return {**self.others, **self.texts}
