"""Every body that the reference shows is sent to the running system as it stands, but for the ids of what there is."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from gateway.reference.bodies import BODIES
from harness import system as systems
from harness.system import Account, System
from tests.journeys.foreign.callers import home_values
from tests.journeys.foreign.slots import Operation, put, read_operations
from tests.journeys.steps import holder, submitted, whole_document

# Of a region of its own: what these set would count for every other test.
OF_A_REGION = ("calendars", "reference", "settings", "service-definitions", "topics")
ELSEWHERE = "60"
# A form with a file, and forms that are no JSON: each has a journey of its own.
FORMS = {"POST /api/v1/attachments", "POST /oauth/token"}
# Names appeals that this very incident has: a journey of its own.
OF_AN_INCIDENT = {"POST /api/v1/incidents/{incident_id}/split"}
# Names an address of the world, which no test asks for: a journey of its own.
OF_THE_WORLD = {"POST /api/v1/webhooks"}
# What is wrong with a body itself.
REFUSED = {"/problems/invalid", "/problems/malformed-json", "/problems/unsupported-media-type"}
# Read, and then refused for what it is about: nothing of the kind is there, or it is not its turn.
NOT_ITS_TURN = {404, 409, 412}
# What ends the work on an assignment or an appeal comes after what goes on with it.
ENDINGS = ("/answer", "/redirect", "/release", "/correct", "/forward", "/stop-correspondence")
TOO_FEW = "/problems/too-few-labels"
# With the token of a person who has signed in: a journey of its own.
OF_ONESELF = "/api/v1/people/me/"


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A system of its own: what the examples set – rules, organisations' names, works – would count for all other journeys."""
    with systems.running(tmp_path_factory.mktemp("examples")) as running:
        yield running


@pytest.fixture(scope="module")
def operations(system: System) -> list[Operation]:
    found = read_operations(whole_document(system))
    tried = BODIES.keys() - FORMS - OF_AN_INCIDENT - OF_THE_WORLD
    shown = [each for each in found if each.name in tried and not each.path.startswith(OF_ONESELF)]
    return sorted(shown, key=lambda each: each.path.endswith(ENDINGS))


@pytest.fixture(scope="module")
def home(system: System) -> dict[str, str]:
    return home_values(system)


@pytest.fixture(scope="module")
def executor(system: System, home: dict[str, str]) -> Account:
    """Whose the assignment is."""
    return holder(system, home["appeal"])


def caller_of(system: System, operation: Operation, executor: Account) -> Account:
    """Whoever does it every day, not the administrator where there is anybody else."""
    if "agency" in operation.roles and (
        "coordinator" not in operation.roles or operation.path.endswith("/bulk")
    ):
        return executor
    role = next((each for each in ("portal", "coordinator", "analyst") if each in operation.roles), "admin")
    return system.account(role)


def filled(operation: Operation, home: dict[str, str]) -> tuple[str, Any]:
    """The address and the example, with what is there in the places of ids."""
    named = {slot.name: home.get(slot.kind, str(uuid4())) for slot in operation.slots if slot.where == "path"}
    body = copy.deepcopy(BODIES[operation.name])
    if operation.path.startswith(tuple(f"/api/v1/{name}" for name in OF_A_REGION)):
        named["region"] = ELSEWHERE
        body |= {"region": ELSEWHERE} if "region" in body else {}
        named["topic"] = "road-signs"
    taken = {slot.kind for slot in operation.slots if slot.where == "path"}
    for slot in operation.slots:
        if (
            slot.where == "body"
            and slot.kind in home.keys() - taken
            and slot.kind != "region"
            and shown_at(body, slot.name)
        ):
            put(body, slot.name, home[slot.kind])
    return re.sub(r"{(\w+)}", lambda found: named[found[1]], operation.path), body


def shown_at(body: Any, pointer: str) -> bool:
    """Whether the example has something there."""
    for part in pointer.strip("/").split("/"):
        try:
            body = body[int(part)] if part.isdigit() else body[part]
        except (LookupError, TypeError):
            return False
    return body is not None


def version_of(account: Account, path: str) -> str:
    """The version of what a path names, by the lists or the object that show it."""
    thing = re.match(r"/api/v1/[a-z-]+(?:/[a-z]+)?/[^/]+", path)
    read = account.get(thing[0]) if thing else None
    if read is not None and read.status_code == 200 and "json" in read.headers["content-type"]:
        return str(read.json().get("version", 0))
    return "0"


def send(account: Account, operation: Operation, home: dict[str, str]) -> httpx2.Response:
    path, body = filled(operation, home)
    headers = {"Idempotency-Key": str(uuid4()), "If-Match": version_of(account, path)}
    return account.request(operation.method, path, json=body, headers=headers)


def test_every_body_of_the_reference_is_read(
    system: System, operations: list[Operation], home: dict[str, str], executor: Account
) -> None:
    done, wrong = set(), []
    for operation in operations:
        answer = send(caller_of(system, operation, executor), operation, home)
        problem = answer.json().get("type", "") if answer.is_error else ""
        if answer.is_success:
            done.add(operation.name)
        elif problem in REFUSED or (answer.status_code not in NOT_ITS_TURN and problem != TOO_FEW):
            wrong.append(f"{operation.name}: {answer.status_code} {answer.text}")
    assert not wrong, "\n".join(wrong)
    assert len(operations) >= 75
    assert len(done) >= 45, sorted({each.name for each in operations} - done)


def test_what_needs_no_token_is_read_too(system: System) -> None:
    code = submitted(system)["tracking_code"]
    rest = {name for name in BODIES if "/track/" in name or "/sessions" in name or "/accept" in name}
    for name, path in addresses(rest, code):
        answer = system.http.post(path, json=BODIES[name])
        problem = answer.json().get("type", "") if answer.is_error else ""
        assert problem not in REFUSED, (name, answer.text)
        assert answer.status_code in {200, 201, 401, *NOT_ITS_TURN}, (name, answer.text)


def addresses(names: set[str], code: str) -> Iterator[tuple[str, str]]:
    return ((name, name.removeprefix("POST ").replace("{code}", code)) for name in sorted(names))
