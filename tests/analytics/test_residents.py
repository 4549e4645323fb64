"""So many per ten thousand residents: where everybody is counted, and nowhere else."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from contracts.routing import MunicipalityChanged
from tests.analytics.arithmetic import appeals_counted, between, of_region
from tests.analytics.conftest import Ask, Project
from tests.analytics.histories import PLACES, Case

METRIC = "received_per_10000"
KURSK, DISTRICT = PLACES["46"][0], PLACES["46"][1]
PEOPLE = {KURSK: 437_129, DISTRICT: 15_208}
# Days of histories that are long enough for both places.
FROM, TO = "2026-09-01", "2026-11-01"


def municipality(oktmo: str, population: int | None, version: int = 1) -> MunicipalityChanged:
    """Reference data as routing announces them."""
    return MunicipalityChanged(
        region="46",
        sequence=version,
        municipality_id=UUID(int=int(oktmo)),
        oktmo=oktmo,
        name=f"Место {oktmo}",
        population=population,
    )


async def of(ask: Ask, by: str, **filters: object) -> dict[str | None, float | None]:
    """The measure's values by key."""
    found = await ask("breakdown", metric=METRIC, by=by, region="46", **filters)
    return {item["key"]: item["value"] for item in found["items"]}


async def test_a_municipality_is_measured_by_its_own_residents(
    ask: Ask, projected: Project, cases: list[Case]
) -> None:
    """The newest number counts, whichever came last; the whole region's where all of it is known."""
    assert set((await of(ask, "municipality")).values()) == {None}, "nobody said how many"
    for events in (
        [municipality(KURSK, 400_000), municipality(DISTRICT, 15_208)],
        [municipality(KURSK, 437_129, 2)],
    ):
        await projected(events)
    await projected([municipality(KURSK, 400_000)])
    counted = of_region(appeals_counted(cases), "46")
    places = [one.place[:8] if one.place else None for one in counted]
    values = await of(ask, "municipality")
    assert values[None] is None
    for place, people in PEOPLE.items():
        assert values[place] == places.count(place) * 10_000 / people
    everybody = sum(PEOPLE.values())
    assert (await of(ask, "region")) == {"46": len(counted) * 10_000 / everybody}
    by_channel = await of(ask, "channel")
    assert abs(sum(each or 0 for each in by_channel.values()) - len(counted) * 10_000 / everybody) < 1e-9
    in_town = await of(ask, "channel", municipality=KURSK)
    total = places.count(KURSK) * 10_000 / PEOPLE[KURSK]
    assert abs(sum(each or 0 for each in in_town.values()) - total) < 1e-9
    names = (await ask("breakdown", metric="received", by="municipality", region="46"))["items"]
    assert {item["name"] for item in names if item["key"] in PEOPLE} == {f"Место {each}" for each in PEOPLE}


async def test_a_part_that_is_not_known_hides_the_whole(
    ask: Ask, projected: Project, cases: list[Case]
) -> None:
    """A sum of some residents would pass for all of them; the place that is known keeps its figure."""
    await projected([municipality(KURSK, 437_129), municipality(DISTRICT, None)])
    values = await of(ask, "municipality")
    assert values[KURSK] is not None
    assert values[DISTRICT] is None
    assert (await of(ask, "region")) == {"46": None}
    nation = await ask("breakdown", metric=METRIC, by="channel")
    assert {item["value"] for item in nation["items"]} == {None}
    series = await ask(
        "timeseries", metric=METRIC, region="46", municipality=KURSK, grain="month", from_=FROM, to=TO
    )
    [line] = series["series"]
    in_town = [one for one in of_region(appeals_counted(cases), "46") if (one.place or "")[:8] == KURSK]
    of_september = between(in_town, *(each.date() for each in (_day(FROM), _day("2026-10-01"))))
    assert line["points"][0]["value"] == len(of_september) * 10_000 / PEOPLE[KURSK]


def _day(text: str) -> datetime:
    return datetime.fromisoformat(text)


async def test_nobody_of_so_many_is_nought(ask: Ask, projected: Project, cases: list[Case]) -> None:
    """A day, and a period before, without an appeal of a place whose residents are known: nought, and not unknown."""
    await projected([municipality(KURSK, 437_129), municipality(DISTRICT, None)])
    in_town = [one for one in of_region(appeals_counted(cases), "46") if (one.place or "")[:8] == KURSK]
    first = min(one.case.local.date() for one in in_town)
    quiet = {"region": "46", "from_": first - timedelta(days=2), "to": first + timedelta(days=1)}
    [line] = (await ask("timeseries", metric=METRIC, municipality=KURSK, grain="day", **quiet))["series"]
    values = [point["value"] for point in line["points"]]
    assert values[:2] == [0, 0]
    assert values[2] > 0
    items = (await ask("breakdown", metric=METRIC, by="municipality", **quiet))["items"]
    assert {item["key"]: item["previous"] for item in items if item["key"] == KURSK} == {KURSK: 0}
    found = await ask("timeseries", metric=METRIC, municipality=DISTRICT, grain="day", **quiet)
    assert {point["value"] for point in found["series"][0]["points"]} == {None}
