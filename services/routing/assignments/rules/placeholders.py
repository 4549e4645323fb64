"""Places in templates that are filled with what is known of the assignment: `{number}`, `{due_on}` …"""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from typing import Final

PLACEHOLDERS: Final = ("number", "due_on", "topic", "organisation", "received_on")
_PLACE: Final = re.compile(r"\{([^{}]*)\}")


def places_in(text: str) -> list[str]:
    """Names in braces."""
    return sorted(set(_PLACE.findall(text)))


def unknown_places(text: str) -> list[str]:
    """Names in braces that nothing fills."""
    return [name for name in places_in(text) if name not in PLACEHOLDERS]


def unfilled_places(text: str, filled: Container[str] = ()) -> list[str]:
    """Places that are ours to fill and still stand, without those that are `filled` later."""
    return [name for name in places_in(text) if name in PLACEHOLDERS and name not in filled]


def fill_places(text: str, values: Mapping[str, str]) -> str:
    """The text with what is known; a place of which nothing is known stays to be filled by hand."""
    return _PLACE.sub(lambda match: values.get(match.group(1)) or match.group(), text)
