"""Where an appeal belongs, in words that a person understands (Russian)."""

from __future__ import annotations

from services.routing.placement.rules.locations import Location
from services.routing.reference.rules.settlements import SettlementDirectory

_SOURCES = {
    "appeal": "указано в обращении",
    "address": "названо в адресе",
    "text": "названо в тексте",
    "point": "определено по точке на карте",
}


def describe_location(directory: SettlementDirectory, location: Location) -> list[str]:
    """Sentences, the most important first; none where nothing is known."""
    if location.contested:
        named = ", ".join(directory.names.get(each, each) for each in location.contested)
        return [f"Возможны несколько территорий: {named}."]
    if location.municipality is None or location.found_in is None:
        return [location.doubt] if location.doubt else []
    settlement = directory.by_code.get(location.settlement or "")
    parts = [directory.names.get(location.municipality, f"ОКТМО {location.municipality}")]
    parts += [settlement.called] if settlement else []
    place = f"Место: {', '.join(parts)} – {_SOURCES[location.found_in]}."
    return [each for each in (place, location.note, location.doubt) if each]
