"""How often a page asks the platform: three times at most, as its Server-Timing header says of every page there is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import Any, Final

import httpx2
import pytest

from harness.system import System
from infra.page_list import read_table
from tests.journeys.foreign.callers import home_values
from tests.journeys.foreign.things import HOME, make_incident
from tests.journeys.pages.strange_forms import KINDS
from tests.journeys.pages.walkers import WHO, Walker, fill, looked_at_by, nobody, sign_in
from tests.journeys.pages.workplace import new_task, official
from tests.journeys.steps import submitted, until

MOST: Final = 3
# A page renews a token that is about to end, and asks for names that none has shown for five minutes: one call more, now and then.
# So a page that has asked more often is looked at once more.
LOOKS: Final = 2
ENDLESS: Final = "/room/stream"
# Nobody can make these here: the page of what does not exist is counted.
NOT_THERE: Final = frozenset(
    {"answer_id", "attachment_id", "client_id", "audit_id", "extension_id", "template_id"}
)
Things = Mapping[str, Mapping[str, str]]
PAGES: Final = [
    (path, looked_at_by(who))
    for (method, path), who in read_table().items()
    if method == "GET" and who != {"inside"} and path != ENDLESS
]
_CALLS: Final = re.compile(r'platform;dur=[\d.]+;desc="(\d+) calls"')


def taken_to_work(system: System) -> dict[str, Any]:
    """An assignment that a person has taken: whose history, queue and figures name somebody."""
    task, who = new_task(system), official(system)
    path, version = f"/api/v1/assignments/{task.item['id']}", {"If-Match": str(task.item["version"])}
    accepted = who.post(f"{path}/accept", headers=version)
    assert accepted.status_code == 200, accepted.text
    own = {"person": who.get("/api/v1/people/me").json()["id"]}
    given = who.post(f"{path}/assign", json=own, headers={"If-Match": str(accepted.json()["version"])})
    assert given.status_code == 200, given.text
    asked = {"days": 3, "reason": "Ждём технику."}
    version = {"If-Match": str(given.json()["version"])}
    assert who.post(f"{path}/request-extension", json=asked, headers=version).status_code == 200
    coordinator = system.account("coordinator")
    history = f"/api/v1/appeals/{task.item['appeal_id']}/history"
    until(lambda: any(each["person"] for each in coordinator.get(history).json()["items"]), 60)
    return task.item


@pytest.fixture(scope="module")
def things(system: System) -> Things:
    """What each role's pages are about."""
    home, item = home_values(system), taken_to_work(system)
    policies = system.account("admin").get("/api/v1/policies", params={"region": HOME}).json()["items"]
    shared = home | {
        "code": submitted(system)["tracking_code"],
        "policy": policies[0]["id"],
        "appeal": item["appeal_id"],
    }
    own = {
        "assignment": item["id"],
        "incident": make_incident(system, HOME, official(system).organisation_id),
    }
    judged = system.person("analyst").post(
        f"/api/v1/analytics/problems/{home['problem']}/state",
        json={"state": "confirmed"},
        headers={"If-Match": "1"},
    )
    assert judged.status_code == 200, judged.text  # by a person, whom the page of the problem names
    return {role: shared | (own if role == "agency" else {}) for role in WHO}


@pytest.fixture(scope="module")
def walkers(system: System, pages_url: str) -> Iterator[dict[str, Walker]]:
    """One of each role, and nobody."""
    with ExitStack() as sessions:
        found = {role: sign_in(pages_url, role, system.person(role)) for role in WHO if role != "nobody"}
        found["nobody"] = nobody(pages_url)
        for walker in found.values():
            sessions.callback(walker.client.close)
            walker.client.cookies.set("otklik-centre", HOME)
        yield found


def calls_of(answer: httpx2.Response) -> int:
    """How often the platform was asked for a page."""
    found = _CALLS.search(answer.headers["server-timing"])
    assert found is not None, answer.headers["server-timing"]
    return int(found[1])


@pytest.mark.parametrize(("path", "role"), PAGES)
def test_a_page_asks_three_times_at_most(
    things: Things, walkers: dict[str, Walker], path: str, role: str
) -> None:
    values = things[role]
    named = {name: values[kind or name] for name, kind in KINDS.items() if (kind or name) in values}
    query = (
        f"?region={HOME}&appeal={values['appeal']}&problem={values['problem']}" if role != "nobody" else ""
    )
    where = fill(path, named) + query
    for _ in range(LOOKS):
        answer = walkers[role].send("GET", where)
        if calls_of(answer) <= MOST:
            break
    if not any(name in path for name in NOT_THERE) and role != "nobody":
        assert answer.status_code in (200, 303), (where, answer.status_code)
    assert calls_of(answer) <= MOST, where


def test_names_are_asked_for_once(things: Things, walkers: dict[str, Walker]) -> None:
    """The first look at an appeal is the only one that takes a call more."""
    path = f"/centre/a/{things['coordinator']['appeal']}"
    first, again = (walkers["coordinator"].send("GET", path) for _ in range(2))
    assert calls_of(first) <= MOST + 1
    assert calls_of(again) == MOST
    name = walkers["agency"].client.get("/account").text
    shown = re.search(r"<h1[^>]*>([^<]+)</h1>", name)
    assert shown is not None
    assert shown[1] in again.text
