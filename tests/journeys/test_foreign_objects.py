"""Every operation × every role × objects that exist but are somebody else's: nothing is told, nothing is changed.

Generated from the OpenAPI document. An object out of reach answers like one that does not exist (404); only a region,
which everybody knows, is refused by name (403).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from harness.system import System
from tests.journeys.foreign.bodies import body_of
from tests.journeys.foreign.callers import Caller, Foreign, make_callers
from tests.journeys.foreign.places import Region59
from tests.journeys.foreign.slots import Operation, Slot, put, read_operations
from tests.journeys.foreign.things import CANARY, HOME, SECRET
from tests.journeys.steps import whole_document

pytestmark = pytest.mark.in_order

CALLERS = (
    *(f"{role} of 46" for role in ("portal", "agency", "coordinator", "analyst", "federal", "admin")),
    "another portal of 59",
    "another body of 59",
)
REQUIRED = {"by": "organisation", "topic": "t-none"}
AS_TEXT = {"GET /api/v1/analytics/report": {"format": "md"}}  # two documents are never alike, byte for byte
SAME_ROWS = {"metric", "grain"}  # another figure of the same rows
UNKNOWN = {"municipality": "57999999", "topic": "t-none", "group": "g-none"}
# Arithmetic that anybody may ask for any region.
OF_ANY_REGION = {("POST /api/v1/deadlines/preview", "/region")}
# No operation makes one yet, or none does at once: models, audits and proposals come of many appeals, and strangers to
# them are in tests/routing/learning.
NOTHING_OF_THE_KIND = {"attachment", "audit", "delivery", "model", "person", "proposal"}
# Names in bodies that need not exist: the contract takes them as a wish (the question goes to a coordinator), or they
# stay a word in the caller's own region.
WISHES = {
    ("POST /api/v1/appeals", "/complained_about"),
    ("POST /api/v1/appeals/batch", "/complained_about"),
    ("POST /api/v1/imports", "import_id"),
    ("POST /api/v1/assignments/{assignment_id}/redirect", "/suggested_organisation"),
    *(("POST /api/v1/assignments/bulk", f"{place}/suggested_organisation") for place in ("", "/items/0")),
    ("POST /api/v1/policies/dry-run", "/policy_id"),
    ("POST /api/v1/widgets", "/organisation"),
    ("PUT /api/v1/widgets/{widget_id}", "/organisation"),
    ("POST /api/v1/channels", "/organisation"),
    ("PUT /api/v1/channels/{channel_id}", "/organisation"),
    ("GET /api/v1/channels", "organisation"),
    ("POST /api/v1/rules/dry-run", "/remove/0"),
    ("PUT /api/v1/calendars/{region}/organisations/{organisation_id}", "organisation_id"),
}
# Fits only with a channel and a day that no other slot's call has: strangers to it are in tests/intake/test_receptions.py.
TRIED_ELSEWHERE = {("POST /api/v1/appeals", "/reception_id")}
FORMS = {"POST /api/v1/attachments"}
BULK = ("/api/v1/assignments/bulk", "/api/v1/moderation/decisions")
# Organisations write their own, administrators their region's.
FOR_REGIONS_TOO = {"/api/v1/templates", "/api/v1/templates/{template_id}"}
BOUND_OPERATIONS = {"POST /api/v1/operations/sla/rebuild"}


@dataclass
class Matrix:
    """What the module works on, and what it has done so far."""

    system: System
    region: Region59
    operations: list[Operation]
    callers: dict[str, Caller]
    before: dict[str, str]
    versions: dict[str, str]
    done: set[tuple[str, str, str]] = field(default_factory=set)  # caller, operation, slot
    calls: int = 0


@dataclass(frozen=True)
class Cell:
    """One call to come: one slot of an operation names a foreign object, every other one of the caller's own."""

    caller: Caller
    operation: Operation
    slot: Slot
    foreign: Foreign

    def __str__(self) -> str:
        return f"{self.caller.name}: {self.operation.name} with {self.foreign.name} {self.slot.name}"


@pytest.fixture(scope="module")
def matrix(system: System, region59: Region59) -> Matrix:
    """Region 59, the callers, and how everything there is read before anybody calls."""
    region = region59
    callers = make_callers(region)
    operations = read_operations(whole_document(system))
    return Matrix(system, region, operations, callers, region.snapshot(), region.versions())


def cells_of(matrix: Matrix, caller: Caller) -> Iterator[Cell]:
    """Every slot of every operation the caller's role may use × every foreign object of the kind."""
    for operation in matrix.operations:
        for slot in operation.slots if caller.role in operation.roles else ():
            for foreign in caller.foreign:
                key = (operation.name, slot.name)
                if slot.kind in foreign.values and key not in OF_ANY_REGION | TRIED_ELSEWHERE:
                    yield Cell(caller, operation, slot, foreign)


def call(matrix: Matrix, cell: Cell, value: str) -> httpx2.Response:
    """The call with `value` in the cell's slot."""
    caller, operation, slot = cell.caller, cell.operation, cell.slot
    named = {each.name: caller.home[each.kind] for each in operation.slots if each.kind in caller.home}
    named |= {each.name: str(uuid4()) for each in operation.slots if each.kind in NOTHING_OF_THE_KIND}
    named |= {name: REQUIRED[name] for name in operation.required - named.keys() - {slot.name}}
    if slot.where != "body":
        named[slot.name] = value
    path = re.sub(r"{(\w+)}", lambda found: named[found[1]], operation.path)
    in_query = {each.name for each in operation.slots if each.where == "query"} | operation.required
    query = {
        name: text
        for name, text in named.items()
        if name in in_query
        and f"{{{name}}}" not in operation.path
        and (name in (slot.name, "region") or name in operation.required)
    }
    headers = {"Idempotency-Key": str(uuid4()), "If-Match": version_of(matrix, cell, path)}
    options: dict[str, Any] = {}
    if operation.has_body:
        body = body_of(operation.name, {"organisation": str(uuid4()), **caller.home})
        if slot.where == "body":
            put(body[0] if isinstance(body, list) else body, slot.name, value)
        options = as_form(body) if operation.name in FORMS else as_content(body, headers)
    matrix.calls += 1
    query |= AS_TEXT.get(operation.name, {})
    return caller.account.request(operation.method, path, params=query, headers=headers, **options)


def version_of(matrix: Matrix, cell: Cell, path: str) -> str:
    """The true version of what a call is about, so that no 412 hides a hole; of the caller's own as it stands now."""
    for known, version in matrix.versions.items():
        if known in path:
            return version
    of_one = re.match(r"(/api/v1/(?:assignments|organisations)/[0-9a-f-]{36})", path)
    if cell.slot.where == "body" and of_one:
        return str(matrix.system.account("admin").get(of_one[1]).json()["version"])
    return "1"


def as_form(body: Any) -> dict[str, Any]:
    """Fields, and a file that is none."""
    return {"data": body, "files": {"file": ("photo.jpg", b"no photo", "image/jpeg")}}


def as_content(body: Any, headers: dict[str, str]) -> dict[str, Any]:
    """JSON, or NDJSON for a list of lines."""
    if not isinstance(body, list):
        return {"json": body}
    headers["Content-Type"] = "application/x-ndjson"
    return {"content": "\n".join(json.dumps(line) for line in body).encode()}


def outcome(answer: httpx2.Response) -> tuple[int, str, list[str]]:
    """Status, type of problem and pointers of an answer, or of the one line of an NDJSON or bulk answer."""
    found = answer.json() if "json" in answer.headers.get("content-type", "") else {}  # or a file
    status = answer.status_code
    if "ndjson" in answer.headers.get("content-type", ""):
        status = found["status"]
        found = found.get("problem") or {}
    elif status == 200 and answer.url.path in BULK:
        (item,) = found["items"]
        status, found = item["status"], item.get("problem") or {}
    pointers = [error["pointer"] for error in found.get("errors", ())] if isinstance(found, dict) else []
    return status, found.get("type", ""), pointers


def timeless(answer: httpx2.Response) -> str:
    """A body without what differs from call to call, and without what was asked, which may stand in it."""
    values = sorted(answer.request.url.params.values(), key=len, reverse=True)  # one may begin another
    asked = "|".join(map(re.escape, values))
    return re.sub(r'"as_of":("[^"]*"|null)|Данные на [0-9.]+ [0-9:]+|' + asked, "", answer.text)


def expected(cell: Cell) -> set[int]:
    """The statuses that a cell may answer with."""
    operation, slot = cell.operation, cell.slot
    if slot.kind == "region":
        return {403}
    if (operation.name, slot.name) in WISHES:
        return {200, 201, 404, 412, 422}
    if slot.where == "query":
        # An organisation's own figures are refused by role; a filter that fits nothing gives an empty list.
        return {200, 403, 404}
    acts_for_an_organisation = (
        operation.roles == {"agency", "admin"} and operation.path not in FOR_REGIONS_TOO
    )
    if acts_for_an_organisation and cell.caller.role == "admin":
        return {403}
    return {404} if slot.where == "path" else {404, 422}


def try_cell(matrix: Matrix, cell: Cell) -> str | None:
    """Call with what is foreign and with what does not exist; what is wrong with the answers."""
    kind, key = cell.slot.kind, (cell.operation.name, cell.slot.name)
    matrix.done.add((cell.caller.name, *key))
    answer = call(matrix, cell, cell.foreign.values[kind])
    status, _, pointers = outcome(answer)
    told = f"{cell}: {status} {answer.text}"
    if status not in expected(cell) or cell.foreign.canary in answer.text or SECRET in answer.text:
        return told
    if status == 422 and pointers != [cell.slot.name]:
        return f"{told}: something else was refused"
    if kind == "region" or key in WISHES:
        return None
    unknown = call(matrix, cell, UNKNOWN.get(kind) or str(uuid4()))
    same = outcome(unknown) == outcome(answer)
    if cell.slot.where == "query":
        same = same and timeless(unknown) == timeless(answer)
    return None if same else f"{told}: existence shows, what does not exist gives {unknown.text}"


@pytest.mark.parametrize("name", CALLERS)
def test_what_is_somebody_elses_is_out_of_reach(matrix: Matrix, name: str) -> None:
    """Refused like something that does not exist, with not a word of it."""
    cells = list(cells_of(matrix, matrix.callers[name]))
    findings = [finding for cell in cells if (finding := try_cell(matrix, cell))]
    assert findings == []
    assert len(cells) >= 4


def readings_of(operation: Operation, caller: Caller) -> Iterator[dict[str, str]]:
    """The ways to read a list that names nothing: with and without the own region, as long as can be, every status."""
    in_query = {slot.name for slot in operation.slots}
    required = {name: REQUIRED[name] for name in operation.required - {"region"}}
    whole = {**required, **({"limit": "1000"} if "limit" in operation.plain else {})}
    own = {**whole, "region": caller.home["region"]} if "region" in in_query else whole
    yield own
    if "region" not in operation.required:
        yield whole
    for name, choices in operation.plain.items():
        yield from ({**own, name: choice} for choice in choices if name not in SAME_ROWS)


def names_nothing(operation: Operation) -> bool:
    """Whether one need not know of any object to ask."""
    objects = {slot.name for slot in operation.slots} - {"region"}
    return "{" not in operation.path and not operation.required & objects


@pytest.mark.parametrize("name", CALLERS)
def test_no_list_holds_what_is_somebody_elses(matrix: Matrix, name: str) -> None:
    """Every operation that names nothing, in all its variants."""
    caller = matrix.callers[name]
    words = {SECRET, *(foreign.canary for foreign in caller.foreign)}
    lists = [
        (operation, params)
        for operation in matrix.operations
        if operation.method == "GET" and names_nothing(operation) and caller.role in operation.roles
        for params in readings_of(operation, caller)
    ]
    read = 0
    for operation, params in lists:
        answer = caller.account.get(operation.path, params=params)
        assert answer.status_code in (200, 403, 422), (operation.name, params, answer.text)
        assert not [word for word in words if word in answer.text], (operation.name, params, answer.text)
        read += answer.status_code == 200
    assert read >= 4
    assert read >= len(lists) / 2


def test_an_admin_of_one_region_does_nothing_that_concerns_all(matrix: Matrix) -> None:
    """Dead letters, replays, counts."""
    admin = matrix.callers["admin of 46"].account
    national = [
        operation
        for operation in matrix.operations
        if operation.path.startswith("/api/v1/operations/") and operation.name not in BOUND_OPERATIONS
    ]
    for operation in national:
        answer = admin.request(operation.method, operation.path)
        assert answer.status_code == 403, (operation.name, answer.status_code, answer.text)
    assert len(national) > 15


def test_nothing_of_it_has_changed(matrix: Matrix) -> None:
    """Its owners read everything as before, version for version."""
    after = matrix.region.snapshot()
    assert after.keys() == matrix.before.keys()
    for path, text in matrix.before.items():
        assert after[path] == text, path
    assert matrix.region.versions() == matrix.versions


def test_the_matrix_is_whole(matrix: Matrix) -> None:
    """Every slot of every operation was tried by somebody, by all roles that may."""
    tried = {(operation, slot) for _, operation, slot in matrix.done}
    for operation in matrix.operations:
        for slot in operation.slots:
            if (
                slot.kind in NOTHING_OF_THE_KIND
                or (operation.name, slot.name) in OF_ANY_REGION | TRIED_ELSEWHERE
            ):
                continue
            assert (operation.name, slot.name) in tried, (operation.name, slot.name)
    assert len({operation for operation, _ in tried}) > 55
    assert {name for name, _, _ in matrix.done} == set(CALLERS)
    assert matrix.calls > 400
    assert CANARY != SECRET
    assert matrix.region.values["region"] != HOME
