"""What the fields of the API mean, by name (`fields.csv`): one word for one thing, whichever operation it stands in.

A row `Schema.field` says it for one schema only. The published reference takes a row for whatever does not describe itself.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple


class Field(NamedTuple):
    """What a field is, and what it may look like: a text, or JSON where it is none."""

    description: str
    example: str


def _read() -> dict[str, Field]:
    with (Path(__file__).parent / "fields.csv").open(encoding="utf-8", newline="") as file:
        _, *rows = csv.reader(file)
    return {name: Field(description, example) for name, description, example in rows}


FIELDS: Final[Mapping[str, Field]] = MappingProxyType(_read())
