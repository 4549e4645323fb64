"""Every page and every form × every role and nobody: as `contracts/pages.csv` has it, which a new route without a line fails."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from harness.system import System
from infra.page_list import differences, read_table
from tests.journeys.pages.walkers import FORGED, NOT_YOURS, SIGN_IN, Walker, fill, names_in, nobody, sign_in

ROLES = ("agency", "coordinator", "analyst", "federal", "admin")
TABLE = {line: who for line, who in read_table().items() if who != {"inside"}}
ENDLESS = "/room/stream"


@pytest.fixture(scope="module")
def walkers(system: System, pages_url: str) -> Iterator[dict[str, Walker]]:
    """One of each role, and nobody."""
    with ExitStack() as sessions:
        found = {role: sign_in(pages_url, role, system.person(role)) for role in ROLES}
        found["nobody"] = nobody(pages_url)
        for walker in found.values():
            sessions.callback(walker.client.close)
            walker.client.cookies.set("otklik-centre", "46")
        yield found


def may(role: str, who: frozenset[str]) -> bool:
    """Whether a role may use what a line of the table is about."""
    return who == {"everybody"} or (who == {"signed-in"} and role != "nobody") or role in who


def test_every_page_has_its_line_and_every_line_its_page() -> None:
    assert differences() == []
    assert len(TABLE) > 120


@pytest.mark.parametrize("role", [*ROLES, "nobody"])
def test_who_may_not_is_refused_and_sees_nothing(walkers: dict[str, Walker], role: str) -> None:
    refused = 0
    for (method, path), who in TABLE.items():
        if may(role, who):
            continue
        answer = walkers[role].send(method, fill(path, {}))
        status, words = (200, SIGN_IN) if role == "nobody" else (403, NOT_YOURS)
        assert (answer.status_code, words in answer.text) == (status, True), (
            role,
            method,
            path,
            answer.status_code,
        )
        refused += 1
    assert refused > 20


@pytest.mark.parametrize("role", [*ROLES, "nobody"])
def test_who_may_gets_the_page_and_nothing_breaks(walkers: dict[str, Walker], role: str) -> None:
    shown = 0
    for (method, path), who in TABLE.items():
        if method != "GET" or not may(role, who) or path == ENDLESS:
            continue
        answer = walkers[role].send("GET", fill(path, {}))
        seen = (role, path, answer.status_code, answer.text[:2000])
        assert answer.status_code in ((404, 200, 303) if names_in(path) else (200, 303, 307, 404, 422)), seen
        assert NOT_YOURS not in answer.text, seen
        assert (SIGN_IN in answer.text) == (path == "/sign-in" and role == "nobody"), seen
        shown += answer.status_code == 200
    assert shown >= 8


@pytest.mark.parametrize("role", ROLES)
def test_no_form_is_taken_that_is_not_of_this_session(walkers: dict[str, Walker], role: str) -> None:
    tried = 0
    for (method, path), who in TABLE.items():
        if method != "POST" or who == {"everybody"} or not may(role, who):
            continue
        answer = walkers[role].send(method, fill(path, {}), forged=True)
        assert (answer.status_code, FORGED in answer.text) == (403, True), (role, path, answer.status_code)
        tried += 1
    assert tried >= 3


def test_every_page_answers_head_and_names_its_methods(walkers: dict[str, Walker]) -> None:
    at_path: dict[str, set[str]] = {}
    for method, path in TABLE:
        at_path.setdefault(path, set()).add(method)
    for path, methods in at_path.items():
        expected = methods | {"OPTIONS"} | ({"HEAD"} if "GET" in methods else set())
        filled, person = fill(path, {}), walkers["admin"]
        wrong = person.send("DELETE", filled, {})
        assert wrong.status_code == 405, path
        # A path that two routes fit (`…/new` and `…/{id}`) has the methods of both.
        assert expected <= set(wrong.headers["allow"].split(", ")) <= {"GET", "HEAD", "OPTIONS", "POST"}, path
        assert person.send("OPTIONS", filled).headers["allow"] == wrong.headers["allow"]
        if "GET" in methods:
            head = person.send("HEAD", filled)
            assert (head.content, head.status_code < 500, head.status_code != 405) == (b"", True, True), path
