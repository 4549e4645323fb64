"""A region with troubles and with what only looks like them: the troubles are found, with the appeals behind them, and once."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from chassis.db import open_work
from services.analytics.problems.actions.looking import LEAST_ROWS, REST_SECONDS, look_through_regions
from services.analytics.problems.queries.runs import find_run
from tests.analytics.problems.conftest import Centre, Tell
from tests.analytics.problems.town import FIRST, LAST, PLACES, REGION, ordinary, planted

CITY, DISTRICT = PLACES[:2]
CORNER = (51.7712, 36.2204)


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


async def test_troubles_are_found_and_floods_that_are_none_are_not(centre: Centre, tell: Tell) -> None:
    """A burst in a district and a crowd at one corner; beside them paper that clerks typed in, and a planned work."""
    await tell(
        [
            *ordinary(46),
            *planted(1, 12, 58, 3, 1, DISTRICT),
            *planted(2, 3, 59, 3, 2, CITY, point=CORNER),
            *planted(3, 30, 59, 2, 3, CITY, channel="paper"),
            *planted(4, 30, 58, 3, 4, CITY, by_work=True),
        ]
    )
    await centre.look()
    found = {(each["kind"], each["topic"]): each for each in await centre.problems("&from=" + str(day(52)))}
    assert set(found) == {("burst", "topic-1"), ("hotspot", "topic-2")}, sorted(found)
    burst, spot = found["burst", "topic-1"], found["hotspot", "topic-2"]
    assert burst["place"]["municipality"] == DISTRICT
    assert burst["detected_on"] == str(day(58))
    assert burst["last_on"] == str(day(60))
    assert burst["state"] == "new"
    assert burst["strength"] > 3
    assert burst["q_value"] <= 0.1
    assert burst["topic_name"] == "Тема 1"
    assert abs(spot["place"]["lat"] - CORNER[0]) < 0.005
    assert spot["place"]["radius_m"] in (150, 400, 1000)
    await _is_explained(centre, burst["id"], burst["evidence_count"])
    evidence = (await centre.get(f"/{spot['id']}/appeals?limit=1000")).json()["items"]
    assert len(evidence) == spot["evidence_count"] >= 8


async def _is_explained(centre: Centre, problem: str, evidence: int) -> None:
    details = (await centre.get(f"/{problem}")).json()
    assert "36" in " ".join(details["explanation"]) or "12" in " ".join(details["explanation"])
    days = {each["day"]: each for each in details["series"]}
    for number in (58, 59, 60):
        each = days[str(day(number))]
        assert each["observed"] >= 12
        assert each["expected"] < 4
    assert days[str(day(40))]["expected"] is not None
    assert [each["state"] for each in details["history"]] == ["new"]
    listed = (await centre.get(f"/{problem}/appeals?limit=1000")).json()["items"]
    assert len(listed) == evidence >= 36
    assert {each["municipality"] for each in listed} == {DISTRICT}


async def test_what_goes_on_is_one_problem_and_what_was_decided_stays(centre: Centre, tell: Tell) -> None:
    """Looked at every day while it goes on; facts made anew do not touch it."""
    await tell([*ordinary(7), *planted(5, 12, 56, 6, 1, DISTRICT)])
    await centre.look(day(56))
    (problem,) = await centre.problems("&from=" + str(day(52)))
    assert (await centre.decide(problem, "confirmed")).status_code == 200
    for number in (58, 61):
        await centre.look(day(number))
    (problem,) = await centre.problems("&from=" + str(day(52)))
    assert problem["state"] == "confirmed"
    assert problem["last_on"] == str(LAST)
    assert str(day(54)) <= problem["started_on"] <= str(day(56))


async def test_an_imported_past_is_looked_through_as_well(centre: Centre, tell: Tell) -> None:
    """It came after the region had been looked through: its problems are found all the same."""
    await tell(ordinary(8))
    await centre.look()
    assert not await centre.problems(f"&topic=topic-5&to={day(46)}&from={day(38)}")
    await tell(planted(6, 20, 40, 4, 5, DISTRICT))
    await centre.look(LAST + timedelta(days=1))
    (problem,) = await centre.problems(f"&topic=topic-5&to={day(46)}&from={day(38)}")
    assert problem["detected_on"] == str(day(40))
    assert (problem["started_on"], problem["last_on"]) == (str(day(40)), str(day(43)))


async def test_the_worker_takes_each_region_in_its_turn_and_rests(
    centre: Centre, tell: Tell, named: None
) -> None:
    """By its own clock, and not again before the pause is over; so little is asked of no child."""
    await tell(ordinary(9, days=2))
    assert await look_through_regions(centre.resources) == 0
    assert await look_through_regions(centre.resources) == 0  # the other region that reference data name
    assert await look_through_regions(centre.resources) == REST_SECONDS
    async with centre.resources.sessions.begin() as session:
        await open_work(session)
        run = await find_run(session, REGION)
    assert run is not None
    assert run.analysed_to is not None
    assert 0 < run.counted < LEAST_ROWS
    assert (
        timedelta(0) < datetime.now(ZoneInfo("Europe/Moscow")).date() - run.analysed_to <= timedelta(days=2)
    )
