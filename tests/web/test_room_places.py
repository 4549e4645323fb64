"""Places of the room's map: named after the nearest settlement, leading to their appeals."""

from __future__ import annotations

from web.pictures.borders import Border
from web.room.places import outlines_of, places_of, spots_of
from web.room.rules import Subject
from web.room.views.figures import CellFeature, CellProperties, Heatmap, Polygon, Settlement, Settlements

KURSK = Settlement(name="Курск", kind="г", lat=51.73, lon=36.19)
KORENEVO = Settlement(name="Коренево", kind="пгт", lat=51.41, lon=34.9)


def feature(lon: float, lat: float, cell: str = "861191b6fffffff") -> CellFeature:
    ring = [(lon - 0.01, lat), (lon, lat + 0.01), (lon + 0.01, lat), (lon, lat - 0.01), (lon - 0.01, lat)]
    return CellFeature(geometry=Polygon(coordinates=[ring]), properties=CellProperties(cell=cell, received=7))


def names(*features: CellFeature, settlements: tuple[Settlement, ...] = (KURSK, KORENEVO)) -> list[str]:
    found = places_of(
        Heatmap(minimum=5, features=list(features)), Settlements(items=list(settlements)), Subject("46")
    )
    return [each.name for each in found]


def test_a_cell_is_called_after_the_nearest_settlement() -> None:
    assert names(feature(36.2, 51.74)) == ["г. Курск"]
    assert names(feature(34.9, 51.51)) == ["пгт Коренево, 11 км от центра"]
    assert names(feature(36.2, 51.74), settlements=()) == ["51,74° с. ш., 36,20° в. д."]


def test_a_cell_leads_to_its_appeals_of_the_same_screen() -> None:
    subject = Subject("46", municipality="38701000", days=7)
    [place] = places_of(Heatmap(minimum=5, features=[feature(36.2, 51.74)]), Settlements(items=[]), subject)
    assert place.cell.link.startswith("/room/appeals?region=46&municipality=38701000&days=7")
    assert place.cell.link.endswith("cell=861191b6fffffff")
    assert place.cell.value == 7


def test_borders_lead_to_municipalities_until_one_is_chosen() -> None:
    borders = [Border("38701000", "Курск", []), Border("38620000", "Район", [])]
    whole = outlines_of(borders, Subject("46"))
    assert [each.link for each in whole] == [
        "/room?region=46&municipality=38701000",
        "/room?region=46&municipality=38620000",
    ]
    [one] = outlines_of(borders, Subject("46", municipality="38620000"))
    assert (one.name, one.link) == ("Район", "")


def test_the_map_names_so_many_and_no_more() -> None:
    many = Settlements(items=[KURSK.model_copy(update={"name": str(each)}) for each in range(60)])
    assert [each.name for each in spots_of(many)][:2] == ["0", "1"]
    assert len(spots_of(many)) == 24
