"""What lies in another region, or in another organisation, is on no page: it is answered as what does not exist, and stays as it was."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import uuid4

import httpx2
import pytest

from harness.system import System
from infra.page_list import read_table
from tests.journeys.foreign.callers import home_values
from tests.journeys.foreign.places import Region59, Values
from tests.journeys.foreign.things import AWAY, CANARY, HOME, SECRET, announced, make_incident, queued
from tests.journeys.pages.centre import made_person
from tests.journeys.pages.strange_forms import FORMS, KINDS, NAMED, SAME_FOR_ALL
from tests.journeys.pages.walkers import Walker, fill, names_in, sign_in
from tests.journeys.pages.workplace import new_task, official
from tests.journeys.steps import holder, submitted

pytestmark = pytest.mark.in_order
ROLES = ("agency", "coordinator", "analyst", "federal", "admin")
TABLE = read_table()
# What differs from one showing of a page to the next, or is what was asked for.
_PASSING = re.compile(r'name="(?:once|key)" value="[^"]*"|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}')
_ROOM = ("", "/live", "/wall", "/appeals", "/report", "/export")
_SETTINGS = ("organisations", "topics", "rules", "deadlines", "calendar", "templates")
REGIONAL = (*(f"/room{name}" for name in _ROOM), *(f"/settings/{name}" for name in _SETTINGS))


@dataclass
class Strangers:
    """Who looks, what is whose, and how everything of region 59 is read before anybody looks."""

    walkers: dict[str, Walker]
    region: Region59
    home: Values
    tasks: Values
    others: Values
    before: dict[str, str]
    versions: dict[str, str]

    def send(self, role: str, method: str, path: str, values: Mapping[str, str]) -> httpx2.Response:
        """A page or a form that names these objects."""
        form = {name: values.get(value, value) for name, value in FORMS.get(path, {}).items()}
        named = {name: values[kind] for name, kind in NAMED.get((method, path), {}).items()}
        filled = fill(path, {name: values[kind] for name, kind in KINDS.items() if kind in values})
        version = next((v for id, v in self.versions.items() if id in filled), "1")
        query = "?" + urlencode(named) if named else ""
        return self.walkers[role].send(method, filled + query, {"version": version, **form, **named})


@pytest.fixture(scope="module")
def walkers(system: System, pages_url: str) -> Iterator[dict[str, Walker]]:
    """Everybody bound to region 46."""
    bound = {role: system.person(role) for role in ("agency", "coordinator", "analyst")}
    bound |= {role: made_person(system, [HOME], role=role) for role in ("federal", "admin")}
    with ExitStack() as sessions:
        found = {role: sign_in(pages_url, role, person) for role, person in bound.items()}
        for walker in found.values():
            sessions.callback(walker.client.close)
        yield found


@pytest.fixture(scope="module")
def strangers(system: System, region59: Region59, walkers: dict[str, Walker]) -> Strangers:
    """Things of region 59, and of another organisation of region 46."""
    topic = system.account("coordinator").get("/api/v1/topics", params={"region": HOME}).json()["items"][0]
    names = {"organisation_name": system.agencies()[0].organisation, "topic_name": topic["name"]}
    home, task = home_values(system) | names, new_task(system)
    home["rule_body"] = json.dumps({"organisation": home["organisation"], "active": False})
    tasks = {
        "region": HOME,
        "appeal": task.item["appeal_id"],
        "assignment": task.item["id"],
        "incident": make_incident(system, HOME, official(system).organisation_id),
        "organisation": home["organisation"],
    }
    others = _of_another(system, topic["code"])
    return Strangers(walkers, region59, home, tasks, others, region59.snapshot(), region59.versions())


def _of_another(system: System, topic: str) -> Values:
    appeal = submitted(system)
    agency = holder(system, appeal["id"])
    return {
        "region": HOME,
        "appeal": appeal["id"],
        "assignment": queued(agency, appeal["id"])["id"],
        "incident": make_incident(system, HOME, agency.organisation_id),
        "work": announced(agency, HOME, topic),
        "organisation": agency.organisation_id,
    }


def lines_of(role: str) -> Iterator[tuple[str, str, set[str]]]:
    """Method, path and kinds of objects of every page and form of a role that names one."""
    for (method, path), who in TABLE.items():
        kinds = {KINDS[name] for name in names_in(path)} | set(NAMED.get((method, path), {}).values())
        kinds -= {""}
        if role in who and kinds:
            assert method == "GET" or path in FORMS, f"{path}: what a form sends stands in strange_forms.py"
            yield method, path, kinds


def plain(answer: httpx2.Response) -> str:
    """A page without what differs each time."""
    return _PASSING.sub("", answer.text)


def try_line(
    strangers: Strangers, role: str, method: str, path: str, foreign: Values, kinds: set[str]
) -> list[str]:
    """What is wrong with how a page takes foreign objects, one at a time, its others being the caller's own."""
    home = strangers.tasks if role == "agency" else strangers.home
    wrong = []
    for kind in kinds & foreign.keys():
        answer = strangers.send(role, method, path, _nothing() | home | {kind: foreign[kind]})
        missing = strangers.send(role, method, path, _nothing() | home | {kind: str(uuid4())})
        seen = f"{role} {method} {path} with another's {kind}: {answer.status_code}"
        if CANARY in answer.text or SECRET in answer.text:
            wrong.append(f"{seen} shows it")
        if answer.status_code != 404 and path not in SAME_FOR_ALL:
            wrong.append(f"{seen} {answer.text}")
        if (answer.status_code, plain(answer)) != (missing.status_code, plain(missing)):
            wrong.append(f"{seen} beside {missing.status_code} for what does not exist")
    return wrong


def _nothing() -> dict[str, str]:
    """An id of nothing for every kind."""
    return {kind: str(uuid4()) for kind in KINDS.values()}


@pytest.mark.parametrize("role", ROLES)
def test_another_regions_things_are_answered_as_if_there_were_none(strangers: Strangers, role: str) -> None:
    lines = list(lines_of(role))
    wrong = [
        each
        for method, path, kinds in lines
        for each in try_line(strangers, role, method, path, strangers.region.values, kinds)
    ]
    assert wrong == []
    assert len(lines) >= 3


def test_another_organisations_things_are_answered_as_if_there_were_none(strangers: Strangers) -> None:
    wrong = [
        each
        for method, path, kinds in lines_of("agency")
        for each in try_line(strangers, "agency", method, path, strangers.others, kinds)
    ]
    assert wrong == []


@pytest.mark.parametrize("role", ["analyst", "federal", "coordinator", "admin"])
def test_another_region_by_name_is_refused(strangers: Strangers, role: str) -> None:
    walker, tried = strangers.walkers[role], 0
    for path in REGIONAL:
        if role not in TABLE["GET", path]:
            continue
        answer = walker.send("GET", f"{path}?region={AWAY}")
        assert (answer.status_code in (403, 404), CANARY in answer.text) == (True, False), (role, path)
        tried += 1
    assert tried >= 6


def test_who_has_them_reaches_ones_own(strangers: Strangers) -> None:
    """Else the refusals above would prove nothing. The version is stale, so that little is done."""
    for role, home in (
        ("agency", strangers.tasks),
        ("coordinator", strangers.home),
        ("admin", strangers.home),
    ):
        reached = 0
        for method, path, kinds in lines_of(role):
            if kinds <= home.keys():
                strangers.versions = {home[kind]: "999" for kind in kinds}
                answer = strangers.send(role, method, path, home)
                assert answer.status_code != 404, (role, method, path)
                reached += 1
        assert reached >= 8, role


def test_nothing_of_it_has_changed(strangers: Strangers) -> None:
    after = strangers.region.snapshot()
    for path, text in strangers.before.items():
        assert after[path] == text, path
