"""The kinds of events that the invented appeals tell of, and what is known of each without any rule."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, get_args

Extent = Literal["house", "houses", "street", "village", "quarter", "city"]
Half = Literal["develop", "judge"]
HERE = Path(__file__).parent

# What may be hit at once, and the topic a citizen would choose, if any fits.
_PROFILES: dict[str, tuple[str, str | None]] = {
    "no_cold_water": ("house houses street village quarter city", "water-supply-mkd"),
    "no_hot_water": ("house houses street quarter city", "water-supply-mkd"),
    "heating_off": ("house houses street village quarter city", "heating-mkd"),
    "power_cut": ("house houses street village quarter city", "power-supply-mkd"),
    "gas_off": ("house houses street village quarter city", None),
    "burst_street_pipe": ("house street village", None),
    "sewage_in_yard": ("house houses street village", "sewerage"),
    "lift_stopped": ("house", "lift-broken-mkd"),
    "uncollected_rubbish": ("house street village quarter", "waste-collection-mkd"),
    "snow_not_cleared": ("house street village quarter", "yard-snow-mkd"),
    "ice_on_pavement": ("house street village quarter", "street-cleaning"),
    "broken_traffic_light": ("house", "road-traffic-lights-town"),
    "pothole_after_repair": ("house street village", "road-potholes-town"),
    "bus_route_cancelled": ("street village quarter", "bus-municipal-shortage"),
    "morning_bus_no_show": ("house street village", "bus-municipal-schedule-breach"),
    "street_lights_out": ("street village quarter", "street-lighting-broken"),
    "fallen_tree": ("house", "trees-hazardous"),
    "stray_dogs": ("house street village quarter", "stray-animals"),
    "plant_smell": ("street village quarter", "odours"),
    "burning_rubbish": ("house street village quarter", "odours"),
    "flooded_underpass": ("house", "storm-drains"),
    "school_cold": ("house village", "school-facilities"),
    "kindergarten_closed": ("house village", "kindergarten-facilities"),
    "clinic_no_doctor": ("house village", "health-staff-shortage"),
    "pharmacy_no_insulin": ("house village", "medicines-supply"),
    "mobile_internet_down": ("houses street village quarter city", "mobile-service"),
    "tv_signal_gone": ("house houses street village quarter city", None),
    "discoloured_water": ("house houses street village quarter", "water-supply-mkd"),
    "night_construction_noise": ("house street quarter", None),
    "playground_broken": ("house", "playground-upkeep-mkd"),
    "bridge_closed": ("street village", None),
    "hogweed": ("house street village", "weeds-private"),
    "mosquito_tick_treatment": ("house street village quarter", "parks-squares"),
    "double_utility_charge": ("house houses", "utility-payments"),
    "parking_blocked": ("house", "road-parking-town"),
    "loud_bar": ("house", None),
    "fireworks": ("house street quarter", None),
    "voltage_drops": ("houses street village quarter", "power-supply-private"),
    "icicles_roof": ("house", "yard-snow-mkd"),
}
# Blocks of flats, crossings and tunnels: such reports come from cities and towns.
URBAN = {
    "lift_stopped",
    "broken_traffic_light",
    "flooded_underpass",
    "no_hot_water",
    "icicles_roof",
    "playground_broken",
}
URBAN |= {"parking_blocked", "night_construction_noise", "loud_bar", "double_utility_charge"}
# Another house with the same trouble at the same time is another event.
ONE_HOUSE = {
    "lift_stopped",
    "loud_bar",
    "icicles_roof",
    "parking_blocked",
    "playground_broken",
    "double_utility_charge",
}

# Kinds that one cause may bring or one word may mean: never near each other, or nobody could say whose a report is.
_KIN = (
    {"no_cold_water", "no_hot_water", "burst_street_pipe", "discoloured_water"},
    {"no_hot_water", "heating_off", "school_cold"},
    {"power_cut", "voltage_drops", "street_lights_out"},
    {"sewage_in_yard", "plant_smell", "burning_rubbish", "uncollected_rubbish"},
    {"sewage_in_yard", "burst_street_pipe"},
    {"snow_not_cleared", "ice_on_pavement", "icicles_roof"},
    {"bus_route_cancelled", "morning_bus_no_show", "bridge_closed"},
    {"loud_bar", "fireworks", "night_construction_noise"},
    {"pothole_after_repair", "burst_street_pipe"},
    {"mobile_internet_down", "tv_signal_gone", "power_cut"},
    {"clinic_no_doctor", "pharmacy_no_insulin"},
    {"heating_off", "kindergarten_closed", "school_cold"},
)

# What real texts of a topic may be about, by the beginning of the topic's code.
_BY_TOPIC: dict[str, tuple[str, ...]] = {
    "water-supply": ("no_cold_water", "no_hot_water", "discoloured_water", "burst_street_pipe"),
    "heating": ("heating_off", "no_hot_water"),
    "power-supply": ("power_cut", "voltage_drops"),
    "mc-power-supply": ("power_cut", "voltage_drops"),
    "waste": ("uncollected_rubbish",),
    "illegal-dumps": ("uncollected_rubbish", "burning_rubbish"),
    "yard-cleaning": ("uncollected_rubbish", "snow_not_cleared"),
    "yard-snow": ("snow_not_cleared", "ice_on_pavement", "icicles_roof"),
    "road-snow": ("snow_not_cleared", "ice_on_pavement"),
    "street-cleaning": ("snow_not_cleared", "ice_on_pavement"),
    "street-lighting": ("street_lights_out",),
    "road-lighting": ("street_lights_out",),
    "road-potholes": ("pothole_after_repair",),
    "restoration-after-works": ("pothole_after_repair",),
    "yard-potholes": ("pothole_after_repair",),
    "sidewalk-potholes": ("pothole_after_repair",),
    "road-parking": ("parking_blocked",),
    "road-traffic-lights": ("broken_traffic_light",),
    "lift": ("lift_stopped",),
    "stray": ("stray_dogs",),
    "bus-": ("bus_route_cancelled", "morning_bus_no_show"),
    "sewerage": ("sewage_in_yard",),
    "liquid-waste": ("sewage_in_yard",),
    "storm-drains": ("flooded_underpass", "sewage_in_yard"),
    "odours": ("plant_smell", "burning_rubbish"),
    "fire-safety": ("burning_rubbish",),
    "mobile": ("mobile_internet_down",),
    "internet": ("mobile_internet_down",),
    "weeds": ("hogweed",),
    "flowerbeds": ("hogweed",),
    "parks": ("mosquito_tick_treatment",),
    "playground": ("playground_broken",),
    "trees": ("fallen_tree",),
    "doctor": ("clinic_no_doctor",),
    "health-staff": ("clinic_no_doctor",),
    "medical-care": ("clinic_no_doctor",),
    "medicines": ("pharmacy_no_insulin",),
    "kindergarten": ("kindergarten_closed",),
    "school-facilities": ("school_cold",),
    "utility-payments": ("double_utility_charge",),
    "housing-services-payments": ("double_utility_charge",),
    "current-repair": ("icicles_roof",),
}


@dataclass(frozen=True)
class Kind:
    """A kind of event: its name, its 19 texts, what it may hit, its topic's code, texts that are near it but no report."""

    name: str
    texts: tuple[str, ...]
    extents: tuple[Extent, ...]
    topic: str | None
    near: tuple[str, ...]


@cache
def all_kinds() -> dict[str, Kind]:
    """Every kind of `events.jsonl` by name."""
    near: dict[str, list[str]] = {}
    for line in (HERE / "negatives.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        near.setdefault(row["near"], []).extend(row["texts"])
    kinds: dict[str, Kind] = {}
    for line in (HERE / "events.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        name = row["event"]
        words, topic = _PROFILES[name]
        extents = tuple(extent for extent in get_args(Extent) if extent in words.split())
        kinds[name] = Kind(name, tuple(row["texts"]), extents, topic, tuple(near.get(name, ())))
    return kinds


def half_of(name: str) -> Half:
    """Which half a kind belongs to: judging where the first byte of its name's SHA-256 is even."""
    return "develop" if hashlib.sha256(name.encode()).digest()[0] % 2 else "judge"


def kinds_of(half: Half | None) -> list[Kind]:
    """The kinds of a half, of both with None."""
    return [kind for name, kind in all_kinds().items() if half in (None, half_of(name))]


@cache
def kin(name: str) -> frozenset[str]:
    """The kind itself and those a reader could take it for."""
    return frozenset({name}.union(*(group for group in _KIN if name in group)))


def kinds_of_topic(code: str) -> tuple[str, ...]:
    """Kinds that a real text of this topic may report."""
    return next((names for start, names in _BY_TOPIC.items() if code.startswith(start)), ())
