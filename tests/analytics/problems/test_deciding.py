"""What people make of problems, who may, and what statistics do with it afterwards."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta

from uuid_utils.compat import uuid7

from tests.analytics.problems.conftest import Centre, Find, burst
from tests.analytics.problems.town import LAST, PLACES, REGION

LATER = timedelta(days=30)


async def test_only_possible_moves_are_made_and_all_are_kept(centre: Centre, find: Find) -> None:
    (problem,) = await find(burst(LAST))
    for state in ("decided", "solved", "new"):
        answer = await centre.decide(problem, state)
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/not-allowed-now")
    person = uuid7()
    headers = centre.mint.headers("analyst", ["46"], person=str(person)) | {"If-Match": "1"}
    path = f"/api/v1/analytics/problems/{problem['id']}/state"
    confirmed = await centre.client.post(path, headers=headers, json={"state": "confirmed"})
    assert (confirmed.json()["state"], confirmed.json()["version"]) == ("confirmed", 2)
    stale = await centre.decide(problem, "solved")
    assert stale.status_code == 412
    for state in ("decided", "solved"):
        problem = (await centre.decide(confirmed.json() if state == "decided" else problem, state)).json()
    history = (await centre.get(f"/{problem['id']}")).json()["history"]
    assert [each["state"] for each in history] == ["new", "confirmed", "decided", "solved"]
    assert history[0]["client_id"] is None
    assert history[1]["person"] == str(person)
    without = await centre.client.post(
        path, headers=centre.mint.headers("analyst"), json={"state": "confirmed"}
    )
    assert without.status_code == 428


async def test_who_dismisses_says_why_and_names_nobody(centre: Centre, find: Find) -> None:
    """The federal centre sees the problem and not the words of those who decided."""
    (problem,) = await find(burst(LAST))
    for reason in (None, " ", "Спросите +7 910 123-45-67", "пишите на i.petrov@example.ru"):
        answer = await centre.decide(problem, "dismissed", **({} if reason is None else {"reason": reason}))
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == "/reason"
    assert (await centre.decide(problem, "dismissed", reason="Городской праздник")).status_code == 200
    for role, reason in (("coordinator", "Городской праздник"), ("federal", None)):
        details = (await centre.get(f"/{problem['id']}", role)).json()
        assert details["history"][-1]["reason"] == reason


async def test_two_problems_are_never_part_of_each_other(centre: Centre, find: Find) -> None:
    """Two coordinators tidy up at the same moment, each into the other's: one of them is told that it came too late. Were both
    taken for part of the other, nobody would see either any more."""
    for topic in range(6):
        found = await find(*(burst(LAST, topic=f"twin-{topic}", municipality=place) for place in PLACES[:2]))
        one, other = (each for each in found if each["topic"] == f"twin-{topic}")
        answers = await asyncio.gather(
            centre.decide(one, "dismissed", into=other["id"]),
            centre.decide(other, "dismissed", into=one["id"]),
        )
        assert sorted(each.status_code for each in answers) == [200, 422]
        states = [(await centre.get(f"/{each['id']}")).json()["state"] for each in (one, other)]
        assert sorted(states) == ["dismissed", "new"]


async def test_what_was_dismissed_is_silent_until_it_grows_or_weeks_have_passed(
    centre: Centre, find: Find
) -> None:
    (problem,) = await find(burst(LAST))
    dismissed = (await centre.decide(problem, "dismissed", reason="Праздник")).json()
    today = LAST + timedelta(days=3)
    (silent,) = await find(burst(LAST, last_on=today, observed=40), today=today)
    assert silent["state"] == "dismissed"
    (grown,) = await find(burst(LAST, last_on=today, observed=46), today=today)
    assert (grown["state"], grown["version"]) == ("new", dismissed["version"] + 1)
    assert (await centre.decide(grown, "dismissed", reason="Праздник")).status_code == 200


async def test_what_was_solved_comes_back_as_another_problem(centre: Centre, find: Find) -> None:
    """Which says what it was before."""
    (problem,) = await find(burst(LAST))
    for state in ("confirmed", "solved"):
        problem = (await centre.decide(problem, state)).json()
    (same,) = await find(burst(LAST))  # what had come before it was solved
    assert same["state"] == "solved"
    solved_on = (await centre.get(f"/{problem['id']}")).json()["history"][-1]["at"][:10]
    again = type(LAST).fromisoformat(solved_on) + timedelta(days=5)
    new, former = await find(burst(again), today=again + timedelta(days=2))
    assert (new["state"], new["follows"]) == ("new", former["id"])
    assert former["state"] == "solved"


async def test_parts_of_one_problem_are_put_together(centre: Centre, find: Find) -> None:
    """What is found of the part later counts for the whole."""
    part, whole = sorted(
        await find(burst(LAST), burst(LAST, municipality=None)), key=lambda each: each["place"] is None
    )
    for into in (part["id"], str(uuid7())):
        assert (await centre.decide(part, "dismissed", into=into)).status_code == 422
    merged = (await centre.decide(part, "dismissed", into=whole["id"])).json()
    assert merged["merged_into"] == whole["id"]
    longer = LAST + timedelta(days=6)
    found = {each["id"]: each for each in await find(burst(LAST, last_on=longer), today=longer)}
    assert len(found) == 2
    assert found[whole["id"]]["last_on"] == str(longer)
    assert (await centre.decide(whole, "dismissed", into=part["id"])).status_code == 422


async def test_everybody_sees_what_is_theirs(centre: Centre, find: Find) -> None:
    """404 for the rest, whether or not it is there; agencies and portals none at all."""
    inside, outside = burst(LAST), burst(LAST, municipality=PLACES[2])
    await find(inside, outside, burst(LAST, municipality=None, topic="topic-2"))
    own = {"municipalities": [PLACES[1]]}
    (seen,) = await centre.problems("", "coordinator", **own)
    assert seen["place"]["municipality"] == PLACES[1]
    assert len(await centre.problems("", "federal")) == 3
    hidden = next(
        each for each in await centre.problems() if (each["place"] or {}).get("municipality") == PLACES[2]
    )
    for path in ("", "/appeals"):
        assert (await centre.get(f"/{hidden['id']}{path}", "analyst", **own)).status_code == 404
        assert (await centre.get(f"/{uuid7()}{path}", "analyst")).status_code == 404
        for role in ("portal", "agency"):
            scope = {"organisation": uuid7()} if role == "agency" else {}
            assert (await centre.get(f"/{seen['id']}{path}", role, **scope)).status_code == 403
    stranger = centre.mint.headers("analyst", ["59"])
    path = "/api/v1/analytics/problems"
    assert (await centre.client.get(f"{path}?region=46", headers=stranger)).status_code == 403
    assert (await centre.client.get(path, headers=stranger)).json()["items"] == []
    for change in (stranger, centre.mint.headers("coordinator", **own)):
        answer = await centre.client.post(
            f"{path}/{hidden['id']}/state", headers=change | {"If-Match": "1"}, json={"state": "confirmed"}
        )
        assert answer.status_code == 404
    assert (await centre.decide(seen, "confirmed", "federal")).status_code == 403


async def test_a_settlement_has_the_problems_of_its_municipality(centre: Centre, find: Find) -> None:
    """What is found of a district is found of its villages: in the register, in the room and in the report, whose appendix names
    queries that are answered."""
    (problem,) = await find(burst(LAST))
    village, elsewhere = f"{PLACES[1]}101", f"{PLACES[2]}101"
    headers = centre.mint.headers("coordinator")
    for place, expected in ((village, [problem["id"]]), (elsewhere, [])):
        assert [each["id"] for each in await centre.problems(f"&municipality={place}")] == expected
        path = f"/api/v1/analytics/{{}}?region={REGION}&municipality={place}"
        room = (await centre.client.get(path.format("situation"), headers=headers)).json()
        assert [each["id"] for each in room["problems"]] == expected
        report = await centre.client.get(path.format("report") + "&format=md", headers=headers)
        assert ("Системные проблемы" in report.text) == bool(expected)
        for query in re.findall(r"(?<=\| )/api\S+", report.text.replace("\\", "")):
            assert (await centre.client.get(query, headers=headers)).status_code == 200, query


async def test_pages_and_filters(centre: Centre, find: Find) -> None:
    made = [
        burst(LAST - timedelta(days=3 * n), topic=f"topic-{n % 6}", municipality=PLACES[n // 6])
        for n in range(12)
    ]
    await find(*made)
    pages, query = [], "?limit=5"
    while query:
        page = (await centre.get(query)).json()
        pages += page["items"]
        query = f"?limit=5&cursor={page['next_cursor']}" if page["next_cursor"] else ""
    assert len({each["id"] for each in pages}) == 12
    assert [each["detected_on"] for each in pages] == sorted(
        (each["detected_on"] for each in pages), reverse=True
    )
    start, end = LAST - timedelta(days=9), LAST
    for query, expected in (
        (f"&from={start}&to={end}", 3),
        ("&topic=topic-3", 2),
        (f"&municipality={PLACES[0]}", 6),
        ("&state=confirmed", 0),
        ("&kind=burst", 12),
        ("&kind=chronic", 0),
    ):
        assert len(await centre.problems(query)) == expected, query
    for nonsense in (
        "?state=gone",
        "?kind=none",
        "?region=00",
        "?from=2026-02-01&to=2026-01-01",
        "?topic=%00",
    ):
        assert (await centre.get(nonsense)).status_code in (403, 422), nonsense
    assert (await centre.get("?cursor=AAAA")).status_code == 400


async def test_what_goes_on_is_not_hidden_behind_what_is_over(centre: Centre, find: Find) -> None:
    """The situation has the strongest of what goes on, however much was found after it that is over."""
    over = [
        burst(LAST - timedelta(days=20), topic=f"topic-{n % 6}", municipality=PLACES[n // 6])
        for n in range(13)
    ]
    long = burst(LAST - timedelta(days=40), topic="topic-7", last_on=LAST, observed=90)
    weak = burst(LAST - timedelta(days=4), topic="topic-8")
    await find(*over, long, weak)
    going_on = await centre.problems("&quiet=false")
    assert [each["topic"] for each in going_on] == ["topic-8", "topic-7"]
    assert len(await centre.problems("&quiet=true")) == 13
    assert len(await centre.problems()) == 15
    headers = centre.mint.headers("coordinator", [REGION])
    situation = await centre.client.get(f"/api/v1/analytics/situation?region={REGION}", headers=headers)
    assert [each["topic"] for each in situation.json()["problems"]] == ["topic-7", "topic-8"]
