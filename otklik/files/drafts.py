"""What a row becomes before it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


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
