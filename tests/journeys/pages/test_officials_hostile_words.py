"""What officials write is shown as text, too: pieces of pages and scripts in every field of every form, then on every page that shows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest

from harness.system import System
from infra.page_list import read_table
from tests.journeys.foreign.callers import home_values
from tests.journeys.foreign.things import HOME, make_problem
from tests.journeys.pages.hostile import SHORT, TOGETHER, WORDS, WRITTEN, fields_of_forms, raw_in
from tests.journeys.pages.strange_forms import FORMS, KINDS, MAKING, NAMED
from tests.journeys.pages.walkers import Walker, fill, names_in, sign_in
from tests.journeys.pages.workplace import new_task, official
from tests.journeys.steps import act, until

pytestmark = pytest.mark.in_order
TABLE = read_table()
FIELDS = dict(fields_of_forms())
# These end the session, or close for good what others here are tried on.
_ENDS = ("/sign-out", "/account/sign-out-everywhere", "/settings/people/{person_id}/deactivate")
_READ_BY = {
    "assignment_id": "/api/v1/assignments/",
    "incident_id": "/api/v1/incidents/",
    "work_id": "/api/v1/works/",
    "problem_id": "/api/v1/analytics/problems/",
    "decision_id": "/api/v1/analytics/decisions/",
    "person_id": "/api/v1/people/",
}


@dataclass
class Office:
    """Officials, each at pages of their own with things of their own."""

    system: System
    walkers: dict[str, Walker]
    things: dict[str, dict[str, str]]

    def role_for(self, path: str) -> str:
        """Who fills in a form."""
        who = TABLE["POST", path]
        return next((role for role in self.walkers if role in who), "admin")

    def send(self, path: str, form: Mapping[str, str]) -> Any:
        """The form, with the version that stands."""
        things = self.things[role := self.role_for(path)]
        filled = fill(path, {name: things[kind] for name, kind in KINDS.items() if kind in things})
        named = {name: things[kind] for name, kind in NAMED.get(("POST", path), {}).items() if kind in things}
        query = f"?problem={named['problem']}" if "problem" in named else ""
        version = self._version(path, things)
        return self.walkers[role].send("POST", filled + query, {"version": version, **named, **form})

    def _version(self, path: str, things: Mapping[str, str]) -> str:
        read = next((_READ_BY[name] for name in names_in(path) if name in _READ_BY), None)
        kind = next((KINDS[name] for name in names_in(path)), "")
        who = official(self.system) if path.startswith("/desk") else self.system.account("admin")
        found = who.get(read + things[kind]).json() if read and kind in things else {}
        return str(found.get("version", 1))


@pytest.fixture(scope="module")
def office(system: System, pages_url: str) -> Iterator[Office]:
    """Everybody signed in, beside things that nobody else works on."""
    roles = ("agency", "coordinator", "admin", "analyst", "federal")
    home, task = home_values(system), new_task(system)
    topic = system.account("coordinator").get("/api/v1/topics", params={"region": HOME}).json()["items"][0]
    home |= {
        "topic": topic["code"],
        "topic_name": topic["name"],
        "organisation_name": system.agencies()[0].organisation,
        "problem": make_problem(system, HOME),
        "organisation": _new_organisation(system),
    }
    own = {"appeal": task.item["appeal_id"], "assignment": task.item["id"], "topic": "yard-snow-mkd"}
    with ExitStack() as sessions:
        walkers = {role: sign_in(pages_url, role, system.person(role)) for role in roles}
        for walker in walkers.values():
            sessions.callback(walker.client.close)
            walker.client.cookies.set("otklik-centre", HOME)
        things = {role: home | own if role == "agency" else home for role in roles}
        yield Office(system, walkers, things)


def _new_organisation(system: System) -> str:
    """One that nobody else needs: it gets another name here."""
    body = {
        "region": HOME,
        "code": f"x.{uuid4().hex[:8]}",
        "name": f"Орган {uuid4().hex[:8]}",
        "kind": "regional",
    }
    made = system.account("admin").post("/api/v1/organisations", json=body)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


def test_every_field_of_every_form_shows_them_as_text(office: Office) -> None:
    """All of them in all fields at once: what is refused comes back with what was written."""
    wrong, echoed = [], 0
    for path, fields in FIELDS.items():
        if not fields or path in _ENDS or path == "/":
            continue
        answer = office.send(path, dict.fromkeys(fields, TOGETHER))
        if raw_in(answer.text) or answer.status_code == 500:
            wrong.append((path, answer.status_code, raw_in(answer.text)[:3]))
        echoed += "&lt;script&gt;hit(1)&lt;/script&gt;" in answer.text
    assert wrong == []
    assert echoed >= 15
    assert len(set(WORDS)) >= 100


def test_whatever_they_are_kept_in_is_shown_as_text_on_every_page(office: Office) -> None:
    kept = [path for path in (*FORMS, *MAKING) if _keep(office, path)]
    assert len(kept) >= 12, kept
    # What was asked for above has ended with its question.
    act(official(office.system), new_task(office.system, 16).item, "request-extension", days=5, reason=SHORT)
    until(lambda: _extension(office.system), 60)
    wrong, shown = [], 0
    for (method, path), who in TABLE.items():
        if method != "GET" or path in ("/room/stream", "/room/export", "/room/report"):
            continue
        for role in who & office.walkers.keys():
            things = office.things[role]
            values = {name: things[kind] for name, kind in KINDS.items() if kind in things}
            query = f"?region={HOME}&appeal={things['appeal']}&problem={things['problem']}"
            answer = office.walkers[role].send("GET", fill(path, values) + query)
            if raw_in(answer.text) or answer.status_code == 500:
                wrong.append((role, path, answer.status_code, raw_in(answer.text)[:3]))
            shown += "hit(66)" in answer.text
    assert wrong == []
    assert shown >= 12


def _keep(office: Office, path: str) -> bool:
    """Whether a form that is filled in well, but for its words, was taken."""
    if path in _ENDS:
        return False
    things = {**office.things[office.role_for(path)], "new_login": f"x.{uuid4().hex[:8]}"}
    form = {name: things.get(value, value) for name, value in ({**FORMS, **MAKING})[path].items()}
    worded = {name: SHORT for name in form if name in WRITTEN}
    return bool(worded) and int(office.send(path, form | worded).status_code) == 303


def _extension(system: System) -> bool:
    asked = {"region": HOME, "status": "pending", "limit": 1000}
    items = system.account("coordinator").get("/api/v1/extensions", params=asked).json()["items"]
    return any("hit(66)" in each["reason"] for each in items)
