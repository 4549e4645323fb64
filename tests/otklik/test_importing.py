"""`otklik import-history` against a stand-in: the plan comes first, somebody may be asked, an import is taken back."""

from __future__ import annotations

import io
import json
import sys
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from otklik_client.models import OrganisationView, TopicView
from tests.clients.filled import filled
from tests.clients.standin import serving_app
from tests.otklik.commandline import Run
from tests.otklik.test_files import written

ID = "019f0000-0000-7000-8000-000000000001"
FILE = "номер;дата регистрации;дата закрытия;исполнитель;результат\n1;01.02.2020;02.02.2020;Комитет;Отказано\n2;01.02.2020;;Комитет;\n"


@dataclass
class Register:
    """What was imported under which name, and what is answered about it."""

    url: str = ""
    sent: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    states: deque[Any] = field(default_factory=deque)  # answers about one import, the last one for ever

    def state(self) -> Any:
        """The next answer."""
        return self.states.popleft() if len(self.states) > 1 else self.states[0]

    def app(self) -> FastAPI:
        """The routes."""
        app = FastAPI()

        @app.post("/oauth/token")
        async def token() -> Any:
            return {"access_token": "t", "token_type": "Bearer", "expires_in": 600}

        @app.get("/api/v1/operations/{service}/backlog")
        async def backlog(service: str) -> Any:
            nothing = ("unsaid", "outbox_pending", "consumer_lag", "dead_letters", "replays")
            return dict.fromkeys(nothing, 0)

        @app.get("/api/v1/{kind}")
        async def names(kind: str) -> Any:
            if kind == "imports":
                return {"items": [view("taken_over")], "next_cursor": None}
            row = TopicView if kind == "topics" else OrganisationView
            return {"items": [filled(row, name="Комитет", code="committee")], "next_cursor": None}

        @app.post("/api/v1/imports")
        async def take_over(request: Request, import_id: str) -> Any:
            lines = (await request.body()).rstrip(b"\n").split(b"\n")
            self.sent += [(import_id, json.loads(line)) for line in lines]
            answers = [{"line": n, "status": 201, "number": "46-2020-1"} for n in range(1, len(lines) + 1)]
            return Response("".join(json.dumps(answer) + "\n" for answer in answers))

        @app.post("/api/v1/imports/{import_id}/undo", status_code=202)
        @app.get("/api/v1/imports/{import_id}")
        async def show(import_id: str) -> Any:
            return self.state()

        return app


def view(status: str, **changes: Any) -> dict[str, Any]:
    """An import as the register shows it."""
    return {
        "id": ID, "regions": ["46"], "began_at": "2026-11-24T12:00:00Z", "status": status, "cases": 3, "removed": 0,
        "kept": 0, "worked_on": 0, "worked_on_numbers": [],
    } | changes  # fmt: skip


@pytest.fixture
def register(monkeypatch: pytest.MonkeyPatch, run: Run) -> Iterator[Register]:
    """The stand-in, and an environment in which it is the running system."""
    world = Register()
    with serving_app(world.app()) as world.url:
        monkeypatch.setenv("OTKLIK_URL", world.url)
        monkeypatch.setenv("OTKLIK_CLIENT_ID", "admin")
        monkeypatch.setenv("OTKLIK_CLIENT_SECRET", "right")
        yield world


class Terminal(io.StringIO):
    """Somebody who types."""

    def isatty(self) -> bool:
        return True


def test_the_plan_is_shown_and_the_import_gets_a_name(run: Run, register: Register, tmp_path: Path) -> None:
    ended = run("import-history", written(tmp_path, FILE), "--json")
    assert ended.code == 0, ended.err
    assert ended.err.index("дата закрытия → closed_at") < ended.err.index("This import is called")
    result = ended.result
    assert {import_id for import_id, _ in register.sent} == {result["import_id"]}
    assert [case.get("outcome") for _, case in register.sent] == ["refused", None]
    assert (result["plan"]["outcomes"], result["plan"]["organisations"]["new"]) == ({"refused": 1}, [])
    assert f"--undo {result['import_id']}" in ended.err
    dry = run("import-history", written(tmp_path, FILE), "--dry-run", "--json")
    assert (dry.code, dry.result["organisations"]["new"], len(register.sent)) == (0, [], 2)


@pytest.mark.parametrize(("typed", "sent"), [("n\n", 0), ("\n", 0), ("", 0), ("y\n", 2), ("да\n", 2)])
def test_somebody_at_a_terminal_is_asked(
    run: Run, register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, typed: str, sent: int
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(typed))
    ended = run("import-history", written(tmp_path, FILE))
    assert (ended.code, len(register.sent)) == (0 if sent else 1, sent)
    assert "Take over 2 cases?" in ended.err
    monkeypatch.setattr(sys, "stdin", Terminal("n\n"))
    assert run("import-history", written(tmp_path, FILE), "--yes").code == 0


def test_columns_that_nobody_decided_about_send_nothing(run: Run, register: Register, tmp_path: Path) -> None:
    file = written(tmp_path, FILE.replace("номер", "дата осмотра"))
    ended = run("import-history", file)
    assert (ended.code, register.sent) == (1, [])
    assert "`дата осмотра` (a date)" in ended.err
    mapping = written(tmp_path, 'none = ["Дата осмотра"]', "m.toml")
    assert run("import-history", file, "--mapping", mapping).code == 0
    assert len(register.sent) == 2


def test_an_import_is_taken_back(run: Run, register: Register) -> None:
    register.states = deque([view("undoing"), view("undoing", removed=1), view("undone", removed=3)])
    ended = run("import-history", "--undo", ID)
    assert ended.code == 0
    assert "3 cases" in ended.err
    ended = run("import-history", "--undo", ID, "--json")
    assert (ended.result["status"], ended.result["unfinished"]) == ("undone", 0)
    assert run("import-history", "--list", "--json").result["items"][0]["id"] == ID
    assert ID in run("import-history", "--list").out


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (view("refused", worked_on=1, worked_on_numbers=["46-2020-0000002"]), "46-2020-0000002"),
        (JSONResponse({"title": "Worked on", "status": 409, "detail": "1 cases: 46-2020-0000002."}, 409), "46-2020-0000002"),
        (JSONResponse({"title": "Nothing", "status": 404}, 404), "There is no import"),
        (view("undone", removed=2, kept=1), "have stayed"),
    ],
)  # fmt: skip
def test_an_import_that_stays_says_why(run: Run, register: Register, answer: Any, message: str) -> None:
    register.states = deque([answer])
    ended = run("import-history", "--undo", ID)
    assert (ended.code, message in ended.err) == (1, True), ended.err


def test_what_is_meant_has_to_be_said(run: Run, tmp_path: Path) -> None:
    for arguments in (
        [],
        ["--undo", ID, "--list"],
        [written(tmp_path, FILE), "--list"],
        ["--undo", "nonsense"],
    ):
        assert run("import-history", *arguments).code == 2
