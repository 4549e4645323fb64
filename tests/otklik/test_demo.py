"""The demo region: what is sent, what is created, what is written. The gateway and routing are stood in for."""

from __future__ import annotations

import json
import re
import stat
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid4, uuid5

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from otklik.demo import ROLES, executors, load_demo, read_reference
from otklik_client import AsyncClient, ProblemError
from otklik_client.models import (
    Accepted,
    ClientWithSecret,
    Link,
    OrganisationView,
    PersonView,
    RoutingSettings,
    SignedIn,
    TopicView,
    WidgetView,
)
from tests.clients.filled import filled
from tests.clients.standin import serving_app

FIELDS = {
    "groups": {"code", "name"},
    "topics": {"code", "name", "group"},
    "organisations": {"code", "name", "kind", "parent", "municipality"},
    "municipalities": {"oktmo", "name", "kind", "stems"},
    "settlements": {
        *("code", "name", "kind", "municipality", "oktmo", "formation"),
        *("lat", "lon", "population", "aliases", "namesakes"),
    },
    "streets": {"settlement", "name"},
    "rules": {
        *("topic", "group", "municipality", "organisation", "role", "comment"),
        *("season_from", "season_to", "service"),
    },
    "service_areas": {"organisation", "service", "municipality", "street", "houses", "comment"},
}


class Outside:
    """The two services the demo talks to, in memory."""

    def __init__(self) -> None:
        self.reference: dict[str, Any] = {}
        self.settings: dict[str, Any] = {}
        self.clients: dict[str, dict[str, Any]] = {}
        self.people: dict[str, dict[str, Any]] = {}
        self.passwords: dict[str, str] = {}
        self.widgets: list[dict[str, Any]] = []
        self.puts = 0
        self.refused_logins = 0
        self.sessions = 0
        self.broken_after: int | None = None

    def app(self) -> FastAPI:
        """The routes."""
        app = FastAPI()

        @app.post("/oauth/token")
        async def token(request: Request) -> Any:
            form = dict(pair.split("=") for pair in (await request.body()).decode().split("&"))
            known = {"bootstrap": "boot"} | {id: one["client_secret"] for id, one in self.clients.items()}
            if known.get(form["client_id"]) != form["client_secret"]:
                self.refused_logins += 1
                return JSONResponse({"error": "invalid_client"}, 401)
            return {"access_token": "t", "token_type": "Bearer", "expires_in": 600}

        @app.get("/api/v1/topics")
        async def topics() -> Any:
            return {
                "items": [filled(TopicView, **row) for row in self.reference.get("topics", [])[:1]],
                "next_cursor": None,
            }

        @app.put("/api/v1/reference/46")
        async def put(request: Request) -> Any:
            self.reference = await request.json()
            self.puts += 1
            return {}

        @app.get("/api/v1/settings/46/routing")
        async def settings() -> Any:
            return filled(RoutingSettings, **{"version": 0, "review_mode": "none", **self.settings})

        @app.put("/api/v1/settings/46/routing")
        async def set_up(request: Request) -> Any:
            assert request.headers["If-Match"] == '"0"'
            self.settings = await request.json()
            return filled(RoutingSettings, **self.settings)

        @app.get("/api/v1/organisations")
        async def organisations(cursor: str = "0") -> Any:
            items = [
                filled(
                    OrganisationView,
                    id=str(uuid5(NAMESPACE_URL, one["code"])),
                    code=one["code"],
                    name=one["name"],
                )
                for one in self.reference["organisations"]
            ]
            start = int(cursor or 0)
            following = start + 50
            return {
                "items": items[start:following],
                "next_cursor": str(following) if following < len(items) else None,
            }

        @app.post("/api/v1/clients", status_code=201)
        async def create(request: Request) -> Any:
            body = await request.json()
            if self.broken_after is not None and len(self.clients) >= self.broken_after:
                return JSONResponse({"title": "Broken", "status": 500}, 500)
            named = str(uuid4())
            made = filled(ClientWithSecret, **body, id=named, client_id=named, client_secret=uuid4().hex)
            self.clients[named] = made
            return made

        @app.get("/api/v1/clients")
        async def clients() -> Any:
            return {"items": list(self.clients.values()), "next_cursor": None}

        @app.get("/api/v1/widgets")
        async def widgets() -> Any:
            return {"items": self.widgets, "next_cursor": None}

        @app.post("/api/v1/widgets", status_code=201)
        async def offer(request: Request) -> Any:
            self.widgets.append(filled(WidgetView, **await request.json()))
            return self.widgets[-1]

        @app.get("/api/v1/people")
        async def people() -> Any:
            items = [{**one, "has_password": one["id"] in self.passwords} for one in self.people.values()]
            return {"items": items, "next_cursor": None}

        @app.post("/api/v1/people", status_code=201)
        async def hire(request: Request) -> Any:
            body = await request.json()
            made = filled(PersonView, **body, id=str(uuid4()), active=True, version=1, has_password=False)
            self.people[made["login"]] = made
            return made

        @app.post("/api/v1/people/{kind}", status_code=201)
        async def link(kind: str, request: Request) -> Any:
            person_id = (await request.json())["person_id"]
            assert (kind == "reset") == (person_id in self.passwords)
            return filled(Link, token=person_id)

        @app.post("/api/v1/people/{kind}/accept")
        async def accept(request: Request) -> Any:
            body = await request.json()
            self.passwords[body["token"]] = body["password"]
            return filled(Accepted)

        @app.post("/api/v1/sessions", status_code=201)
        async def sign_in(request: Request) -> Any:
            body = await request.json()
            person = self.people[body["login"]]
            if self.passwords.get(person["id"]) != body["password"]:
                return JSONResponse({"title": "Refused", "status": 401}, 401)
            self.sessions += 1
            return filled(SignedIn, access_token="t", person=person | {"has_password": True})

        @app.delete("/api/v1/sessions/current", status_code=204)
        async def sign_out() -> None:
            self.sessions -= 1

        return app


@pytest.fixture
async def outside() -> AsyncIterator[tuple[Outside, AsyncClient]]:
    outside = Outside()
    with serving_app(outside.app()) as url:
        async with AsyncClient(url, "bootstrap", "boot", patience=2) as admin:
            yield outside, admin


def quiet(what: str, done: int, total: int) -> None:
    """No progress wanted."""


def test_the_reference_has_the_promised_fields() -> None:
    reference = read_reference()
    assert reference.keys() == FIELDS.keys()
    for table, fields in FIELDS.items():
        assert all(row.keys() == fields for row in reference[table]), table
    assert len(reference["topics"]) == 160
    assert all(isinstance(one["stems"], list) and all(one["stems"]) for one in reference["municipalities"])
    assert not any(value == "" for table in FIELDS for row in reference[table] for value in row.values())


async def test_everybody_gets_a_client(outside: tuple[Outside, AsyncClient], tmp_path: Path) -> None:
    world, admin = outside
    file = tmp_path / "credentials.json"
    await load_demo(admin, file, quiet)
    assert world.settings["review_mode"] == "risk"
    written = json.loads(file.read_text())
    assert list(written) == ["portal", "coordinator", "analyst", "federal", "admin", "agencies", "people"]
    for role, regions in ROLES.items():
        assert written[role].keys() == {"client_id", "client_secret"}
        made = world.clients[written[role]["client_id"]]
        assert (made["role"], made["regions"]) == (role, regions)
        assert made["requests_per_minute"] >= 1_000_000
    reference = read_reference()
    by_code = {one["code"]: one["name"] for one in reference["organisations"]}
    expected = sorted(by_code[code] for code in executors(reference))
    assert [agency["organisation"] for agency in written["agencies"]] == expected
    assert by_code["cur-46"] not in expected, "the coordinating centre executes nothing"
    for agency in written["agencies"]:
        assert list(agency) == ["organisation", "organisation_id", "client_id", "client_secret"]
        made = world.clients[agency["client_id"]]
        assert (made["role"], made["regions"]) == ("agency", ["46"])
        assert made["organisation_id"] == agency["organisation_id"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["credentials.json"]


async def test_one_of_each_role_can_sign_in(outside: tuple[Outside, AsyncClient], tmp_path: Path) -> None:
    world, admin = outside
    file = tmp_path / "credentials.json"
    await load_demo(admin, file, quiet)
    first = json.loads(file.read_text())
    assert [each["role"] for each in first["people"]] == [
        "agency",
        "coordinator",
        "analyst",
        "federal",
        "admin",
    ]
    for each in first["people"]:
        person = world.people[each["login"]]
        assert world.passwords[person["id"]] == each["password"]
        assert person["regions"] == ROLES.get(each["role"], ["46"])
        assert each.get("organisation_id") == person.get("organisation_id")
    assert first["people"][0]["organisation_id"] == first["agencies"][0]["organisation_id"]

    changed = world.people[first["people"][1]["login"]]["id"]
    world.passwords[changed] = "another by now"
    await load_demo(admin, file, quiet)
    second = json.loads(file.read_text())
    pairs = zip(first["people"], second["people"], strict=True)
    assert [before == after for before, after in pairs] == [True, False, True, True, True]
    assert world.passwords[changed] == second["people"][1]["password"]
    assert world.sessions == 0


async def test_a_second_start_creates_nothing(outside: tuple[Outside, AsyncClient], tmp_path: Path) -> None:
    world, admin = outside
    file = tmp_path / "credentials.json"
    await load_demo(admin, file, quiet)
    before, clients = file.read_text(), set(world.clients)
    stamp = file.stat().st_mtime_ns
    await load_demo(admin, file, quiet)
    assert (file.read_text(), set(world.clients), world.puts) == (before, clients, 1)
    assert file.stat().st_mtime_ns == stamp


async def test_only_what_does_not_answer_is_created_again(
    outside: tuple[Outside, AsyncClient], tmp_path: Path
) -> None:
    world, admin = outside
    file = tmp_path / "credentials.json"
    first = await load_demo(admin, file, quiet)
    world.clients[first["portal"]["client_id"]]["client_secret"] = "rotated"
    world.clients[first["agencies"][3]["client_id"]]["revoked_at"] = "2026-11-21T10:00:00Z"
    second = await load_demo(admin, file, quiet)
    assert second["portal"] != first["portal"]
    changed = [
        a["organisation"] for a, b in zip(first["agencies"], second["agencies"], strict=True) if a != b
    ]
    assert changed == [first["agencies"][3]["organisation"]]
    assert second["admin"] == first["admin"]


async def test_another_database_gets_new_clients_without_a_storm_of_refusals(
    outside: tuple[Outside, AsyncClient], tmp_path: Path
) -> None:
    world, admin = outside
    file = tmp_path / "credentials.json"
    await load_demo(admin, file, quiet)
    count = len(world.clients)
    world.clients.clear()
    await load_demo(admin, file, quiet)
    assert len(world.clients) == count
    assert world.refused_logins == 0


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"portal": 1, "agencies": {}}', '{"agencies": [1, {}]}']
)
async def test_a_broken_file_is_replaced(
    outside: tuple[Outside, AsyncClient], tmp_path: Path, content: str
) -> None:
    world, admin = outside
    file = tmp_path / "credentials.json"
    file.write_text(content)
    await load_demo(admin, file, quiet)
    assert len(json.loads(file.read_text())["agencies"]) == 76
    assert len(world.clients) == 81


async def test_half_done_leaves_no_half_file(outside: tuple[Outside, AsyncClient], tmp_path: Path) -> None:
    world, admin = outside
    file = tmp_path / "credentials.json"
    world.broken_after = 40
    with pytest.raises(ProblemError):
        await load_demo(admin, file, quiet)
    assert not file.exists()
    world.broken_after = None
    await load_demo(admin, file, quiet)
    assert len(json.loads(file.read_text())["agencies"]) == 76


async def test_progress_is_told(outside: tuple[Outside, AsyncClient], tmp_path: Path) -> None:
    _, admin = outside
    told: list[tuple[str, int, int]] = []
    await load_demo(admin, tmp_path / "credentials.json", lambda *what: told.append(what))
    assert told[:2] == [("Loading region 46", 0, 1), ("Loading region 46", 1, 1)]
    assert ("Creating clients", 81, 81) in told
    assert told[-1] == ("Creating people", 1, 1)


def test_codes_are_the_ones_replay_would_send() -> None:
    for topic in read_reference()["topics"]:
        assert re.fullmatch(r"[a-z0-9-]+", topic["code"])
