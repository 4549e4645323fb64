"""The demo region's settlements and streets, as routing reads them from its tables."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from otklik.demo import read_reference
from services.routing.reference.rules.settlements import Settlement, SettlementDirectory, make_directory


@lru_cache(maxsize=1)
def demo_directory() -> SettlementDirectory:
    """Read from the CSV files of the demo region."""
    reference = read_reference()
    return make_directory(
        map(_settlement_of, reference["settlements"]),
        ((row["settlement"], row["name"]) for row in reference["streets"]),
        ((row["oktmo"], row["name"]) for row in reference["municipalities"]),
    )


def _settlement_of(row: Mapping[str, Any]) -> Settlement:
    return Settlement(
        code=row["code"],
        name=row["name"],
        kind=row["kind"] or "",
        municipality=row["municipality"],
        formation=row["formation"] or "",
        lat=row["lat"],
        lon=row["lon"],
        population=row["population"],
        aliases=row["aliases"] or (),
        namesakes=bool(row["namesakes"]),
    )
