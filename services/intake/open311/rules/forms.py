"""What a sender writes: `name=value` pairs of a form and of the query, and answers to what a topic asks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl

MOST_FIELDS: Final = 500
_ATTRIBUTE: Final = re.compile(r"attribute\[([^\[\]]{1,100})\](?:\[[0-9]*\])?")


@dataclass(frozen=True, slots=True)
class Sent:
    """The fields that were sent with something in them. `attributes`: code → the values given."""

    fields: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def get(self, name: str) -> str | None:
        """A field; None where it is absent or empty, which are the same (GeoReport v2, Optional Arguments)."""
        return self.fields.get(name)


def read_form(body: bytes) -> list[tuple[str, str]]:
    """The pairs of a form in UTF-8. ValueError where it is none, or has too many fields."""
    text = body.decode("utf-8").strip("\ufeff\r\n")
    return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)


def gather(pairs: Iterable[tuple[str, str]]) -> Sent:
    """Of a field that was sent twice the first counts; an attribute may have several values."""
    fields: dict[str, str] = {}
    attributes: dict[str, list[str]] = {}
    for name, value in pairs:
        if not value.strip():
            continue
        found = _ATTRIBUTE.fullmatch(name)
        if found is None:
            fields.setdefault(name, value.strip())
        elif value.strip() not in attributes.setdefault(found[1], []):
            attributes[found[1]].append(value.strip())
    return Sent(fields, attributes)


def listed(values: Iterable[str]) -> list[str]:
    """What was given comma-separated, or several times, or both."""
    return [part.strip() for value in values for part in value.split(",") if part.strip()]
