"""Where regions lie: every capital is in its own, a point in the wrong place is told apart from one that is swapped."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.extents import BOXES, MARGIN_DEGREES, judge_point
from contracts.territories import REGIONS

# Centres of administration, to a tenth of a degree.
CAPITALS = {
    "01": (44.6, 40.1), "02": (54.7, 56.0), "03": (51.8, 107.6), "04": (52.0, 86.0), "05": (43.0, 47.5),
    "06": (43.2, 44.8), "07": (43.5, 43.6), "08": (46.3, 44.3), "09": (44.2, 42.1), "10": (61.8, 34.4),
    "11": (61.7, 50.8), "12": (56.6, 47.9), "13": (54.2, 45.2), "14": (62.0, 129.7), "15": (43.0, 44.7),
    "16": (55.8, 49.1), "17": (51.7, 94.4), "18": (56.8, 53.2), "19": (53.7, 91.4), "20": (43.3, 45.7),
    "21": (56.1, 47.2), "22": (53.3, 83.8), "23": (45.0, 39.0), "24": (56.0, 92.9), "25": (43.1, 131.9),
    "26": (45.0, 42.0), "27": (48.5, 135.1), "28": (50.3, 127.5), "29": (64.5, 40.5), "30": (46.3, 48.0),
    "31": (50.6, 36.6), "32": (53.2, 34.4), "33": (56.1, 40.4), "34": (48.7, 44.5), "35": (59.2, 39.9),
    "36": (51.7, 39.2), "37": (57.0, 41.0), "38": (52.3, 104.3), "39": (54.7, 20.5), "40": (54.5, 36.3),
    "41": (53.0, 158.7), "42": (55.4, 86.1), "43": (58.6, 49.7), "44": (57.8, 40.9), "45": (55.4, 65.3),
    "46": (51.7, 36.2), "47": (59.6, 30.1), "48": (52.6, 39.6), "49": (59.6, 150.8), "50": (55.8, 37.4),
    "51": (69.0, 33.1), "52": (56.3, 44.0), "53": (58.5, 31.3), "54": (55.0, 82.9), "55": (55.0, 73.4),
    "56": (51.8, 55.1), "57": (53.0, 36.1), "58": (53.2, 45.0), "59": (58.0, 56.2), "60": (57.8, 28.3),
    "61": (47.2, 39.7), "62": (54.6, 39.7), "63": (53.2, 50.2), "64": (51.5, 46.0), "65": (47.0, 142.7),
    "66": (56.8, 60.6), "67": (54.8, 32.0), "68": (52.7, 41.5), "69": (56.9, 35.9), "70": (56.5, 85.0),
    "71": (54.2, 37.6), "72": (57.2, 65.5), "73": (54.3, 48.4), "74": (55.2, 61.4), "75": (52.0, 113.5),
    "76": (57.6, 39.9), "77": (55.8, 37.6), "78": (59.9, 30.3), "79": (48.8, 132.9), "83": (67.6, 53.0),
    "86": (61.0, 69.0), "87": (64.7, 177.5), "89": (66.5, 66.6), "90": (46.8, 35.4), "91": (44.9, 34.1),
    "92": (44.6, 33.5), "93": (48.0, 37.8), "94": (48.6, 39.3), "95": (46.2, 34.8),
}  # fmt: skip


def test_every_region_has_a_box_with_its_capital_in_it() -> None:
    assert set(BOXES) == set(REGIONS) == set(CAPITALS)
    for region, capital in CAPITALS.items():
        assert judge_point(region, *capital) is None, region


@pytest.mark.parametrize("region", sorted(CAPITALS))
def test_a_capital_far_away_is_not_in_the_region(region: str) -> None:
    """Of a region with 10° of latitude or 20° of longitude between the capitals; by its own numbers it is outside."""
    lat, lon = CAPITALS[region]
    box = BOXES[region]
    wide = (box.east - box.west) % 360
    for other, (there_lat, there_lon) in CAPITALS.items():
        if (
            abs(there_lat - lat) > box.north - box.south + 1
            or min(abs(there_lon - lon), 360 - abs(there_lon - lon)) > wide + 1
        ):
            assert judge_point(region, there_lat, there_lon) in ("outside", "swapped"), other


@given(st.sampled_from(sorted(BOXES)), st.floats(-0.999, 0.999), st.floats(-0.999, 0.999))
def test_every_point_of_a_box_is_possible_also_across_the_180th_meridian(
    region: str, up: float, right: float
) -> None:
    box = BOXES[region]
    wide = (box.east - box.west) % 360
    lat = (box.south + box.north) / 2 + up * (box.north - box.south) / 2
    lon = (box.west + wide / 2 + right * wide / 2 + 180) % 360 - 180
    assert judge_point(region, lat, lon) is None
    beyond = box.north + MARGIN_DEGREES + 0.01
    assert judge_point(region, beyond, lon) in ("outside", "swapped")


@pytest.mark.parametrize(
    ("region", "lat", "lon", "note"),
    [
        ("46", 51.73, 36.19, None),
        ("46", 36.19, 51.73, "swapped"),
        ("46", 0.0, 0.0, "zero"),
        ("46", -0.0, 0.0, "zero"),
        ("46", 0.0001, 0.0, "outside"),
        ("46", 55.75, 37.62, "outside"),  # Moscow
        ("46", 50.6, 36.6, "outside"),  # Belgorod, next door
        ("46", -51.73, -36.19, "outside"),  # signs lost
        ("46", 51.73, 0.0, "outside"),
        ("39", 54.71, 20.51, None),
        ("39", 20.51, 54.71, "swapped"),
        ("39", 55.75, 37.62, "outside"),
        ("87", 66.0, -169.8, None),  # Uelen's cape, west longitude
        ("87", 64.73, 177.5, None),
        ("87", 64.73, 150.0, "outside"),
        ("87", 64.73, -150.0, "outside"),  # Alaska
        ("91", 44.95, 34.1, None),
        ("91", 51.73, 36.19, "outside"),
    ],
)
def test_points(region: str, lat: float, lon: float, note: str | None) -> None:
    assert judge_point(region, lat, lon) == note
