"""The command line as its user meets it: arguments in, exit code, stdout and stderr out."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import typer.main
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from otklik.cli.commands import app
from otklik.cli.verify import Reading, compare
from tests.otklik.commandline import Run
from tests.otklik.standin import Standin, serving_app

COMMANDS = [
    "up",
    "replay",
    "import-history",
    "train",
    "evaluate",
    "token",
    "verify",
    "status",
    "replay-events",
    "openapi",
    "dead list",
    "dead retry",
]


def test_the_list_of_commands_is_complete() -> None:
    found = []
    for name, command in typer.main.get_command(app).commands.items():  # type: ignore[attr-defined]
        found += [f"{name} {sub}" for sub in getattr(command, "commands", {})] or [name]
    assert sorted(found) == sorted(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(run: Run, command: str) -> None:
    ended = run(*command.split(), "--help")
    assert ended.code == 0
    assert "--json" in ended.out
    assert len(ended.out.splitlines()) > 8
    assert ended.err == ""


def test_help_is_quick_because_nothing_heavy_is_imported() -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-m", "otklik", "--help"], check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    assert seconds < 0.3, "processor time; on an idle machine the same as the wall's"


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["replay"],
        ["replay", "missing.csv"],
        ["up", "--port", "0"],
        ["dead", "list", "--service", "billing"],
        ["replay-events", "--since", "yesterday"],
    ],
)
def test_wrong_usage_is_2(run: Run, arguments: list[str]) -> None:
    ended = run(*arguments)
    assert ended.code == 2
    assert ended.out == ""
    assert "Error" in ended.err


def test_no_system_is_explained(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("text\nЯма\n")
    there = ["--url", "http://127.0.0.1:1", "--client-id", "a", "--client-secret", "b"]
    for command in (["status"], ["openapi"]):
        ended = run(*command, "--url", "http://127.0.0.1:1")
        assert (ended.code, ended.out) == (1, "")
        assert "make run" in ended.err
        assert "OTKLIK_URL" in ended.err
    ended = run("dead", "list", *there, "--json")
    assert (ended.code, ended.out) == (1, "")
    assert "make run" in ended.err


def test_no_credentials_are_explained(run: Run, standin: Standin) -> None:
    ended = run("dead", "list", "--url", standin.url)
    assert ended.code == 1
    assert "credentials.json" in ended.err
    ended = run("dead", "list", "--url", standin.url, "--client-id", "a")
    assert "both" in ended.err


def test_wrong_credentials_are_explained(run: Run, standin: Standin) -> None:
    ended = run("dead", "list", "--url", standin.url, "--client-id", "a", "--client-secret", "wrong")
    assert ended.code == 1
    assert "401" in ended.err
    assert "OTKLIK_HOME" in ended.err


def test_the_system_of_a_home_is_found(run: Run, standin: Standin, tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "run").mkdir(parents=True)
    (home / "run" / "addresses.json").write_text(json.dumps({"url": standin.url, "pid": 1}))
    (home / "credentials.json").write_text(
        json.dumps({"portal": {"client_id": "p", "client_secret": "right"}})
    )
    file = tmp_path / "a.csv"
    file.write_text("text\nЯма\n")
    assert run("replay", file, "--home", home, "--json").result["created"] == 1


@pytest.mark.usefixtures("as_portal")
def test_a_file_is_replayed_once(run: Run, standin: Standin, tmp_path: Path) -> None:
    file = tmp_path / "appeals.csv"
    rows = "".join(f"Обращение {n},Аварийные деревья,3\n" for n in range(1, 1202))
    file.write_text("text,topic,category\n" + rows)
    first = run("replay", file, "--json")
    assert first.code == 0
    result = first.result
    assert {name: result[name] for name in ("rows", "created", "existing", "refused", "refusals")} == {
        "rows": 1201,
        "created": 1201,
        "existing": 0,
        "refused": 0,
        "refusals": [],
    }
    assert result["ignored"] == {"topic (not a code)": 1201, "category": 1201}
    assert set(standin.register) == {f"appeals-{n}" for n in range(1, 1202)}
    second = run("replay", file, "--json")
    assert (second.code, second.result["created"], second.result["existing"]) == (0, 0, 1201)
    third = run("replay", file, "--prefix", "other", "--json")
    assert third.result["created"] == 1201
    assert "other-1" in standin.register


@pytest.mark.usefixtures("as_portal")
def test_refused_rows_are_named(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "a.ndjson"
    file.write_text('{"text": "Яма"}\nnonsense\n{"text": ""}\n{"text": "Свет", "external_id": "x"}\n')
    ended = run("replay", file, "--json")
    assert ended.code == 1
    result = ended.result
    assert (result["rows"], result["created"], result["refused"]) == (4, 2, 2)
    assert [(one["row"], one["external_id"], one["status"]) for one in result["refusals"]] == [
        (2, None, 0),
        (3, "a-3", 422),
    ]
    ended = run("replay", file)
    assert ended.code == 1
    assert ended.out == ""
    assert "row 3 (a-3): 422 No text" in ended.err
    assert "0 new, 2 already there, 2 refused" in ended.err


@pytest.mark.usefixtures("as_portal")
def test_an_unusable_file_is_explained(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("название\nЯма\n")
    ended = run("replay", file)
    assert ended.code == 1
    assert "no column `text`" in ended.err


@dataclass
class Operations:
    """Services as an operator sees them, in memory."""

    url: str = ""
    asked: list[str] = field(default_factory=list)
    ready: bool = True
    dead: dict[str, int] = field(default_factory=dict)
    pending: int = 0
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    received: int = 10

    def app(self) -> FastAPI:
        """The routes."""
        app = FastAPI()

        @app.post("/oauth/token")
        async def token() -> Any:
            return {"access_token": "t", "token_type": "Bearer", "expires_in": 600}

        @app.get("/health/ready")
        async def ready() -> Any:
            if self.ready:
                return {"status": "ready"}
            return JSONResponse({"status": "not ready", "problems": {"sla": {"nats": "not connected"}}}, 503)

        @app.get("/api/v1/analytics/summary")
        async def summary() -> Any:
            return {"received": self.received}

        @app.get("/api/v1/operations/{service}/{what:path}")
        @app.post("/api/v1/operations/{service}/{what:path}")
        async def operate(service: str, what: str, request: Request) -> Any:
            self.asked.append(f"{request.method} {service} {what} {request.url.query}".strip())
            letters = self.dead.get(service, 0)
            letter = {
                "event_id": "e",
                "handler": "h",
                "subject": "s",
                "error": "[oops]",
                "attempts": 5,
                "created_at": "2026-11-21T10:00:00Z",
            }
            if what == "backlog":
                self.pending = max(0, self.pending - 1)
                backlog = {"unsaid": 0, "outbox_pending": self.pending, "consumer_lag": 0}
                return {**backlog, "dead_letters": letters, "replays": 0}
            replay = {"id": service, "events": 10, "reached": None, "finished_at": "2026-11-21T10:00:00Z"}
            answers: dict[str, Any] = {
                "dead-letters": {"items": [letter] * letters, "total": letters},
                "dead-letters/retry": {"handled": 1, "failed": letters},
                "replay": {"items": [replay]},
                "replays": {"items": [replay, {**replay, "id": "other", "events": 99}]},
                "counts": {"counts": self.counts.get(service, {})},
            }
            return answers[what]

        return app


@pytest.fixture
def operations(monkeypatch: pytest.MonkeyPatch, run: Run) -> Iterator[Operations]:
    world = Operations()
    with serving_app(world.app()) as world.url:
        monkeypatch.setenv("OTKLIK_URL", world.url)
        monkeypatch.setenv("OTKLIK_CLIENT_ID", "admin")
        monkeypatch.setenv("OTKLIK_CLIENT_SECRET", "right")
        yield world


def test_dead_letters_are_listed(run: Run, operations: Operations) -> None:
    operations.dead = {"sla": 2}
    ended = run("dead", "list", "--json")
    assert ended.code == 0
    assert ended.result["total"] == 2
    assert {item["service"] for item in ended.result["items"]} == {"sla"}
    text = run("dead", "list").out
    assert "Dead letters: 2" in text
    assert "[oops]" in text, "square brackets are no markup"


def test_dead_letters_are_retried(run: Run, operations: Operations) -> None:
    ended = run("dead", "retry", "--json")
    assert (ended.code, ended.result["handled"], ended.result["failed"]) == (0, 4, 0)
    operations.dead = {"sla": 1}
    ended = run("dead", "retry", "--service", "sla", "--json")
    assert (ended.code, ended.result["failed"]) == (1, 1)


def test_events_are_replayed_by_everybody(run: Run, operations: Operations) -> None:
    operations.pending = 6
    ended = run("replay-events", "--json")
    assert (ended.code, ended.result["events"], ended.result["unfinished"]) == (0, 30, 0)
    assert [asked for asked in operations.asked if asked.startswith("POST")] == [
        f"POST {name} replay" for name in ("intake", "routing", "sla")
    ]


def test_a_replay_goes_to_the_consumer_that_is_named(run: Run, operations: Operations) -> None:
    ended = run("replay-events", "--consumer", "routing", "--json")
    assert (ended.code, ended.result["events"]) == (0, 20)
    assert [asked for asked in operations.asked if asked.startswith("POST")] == [
        f"POST {name} replay consumer=routing" for name in ("intake", "sla")
    ]


def test_replay_from_a_day_on(run: Run, operations: Operations) -> None:
    run("replay-events", "--consumer", "sla", "--since", "2026-11-01")
    assert operations.asked[0] == "POST intake replay consumer=sla&since=2026-11-01T00%3A00%3A00%2B00%3A00"


def test_replay_that_takes_longer_says_so(run: Run, operations: Operations) -> None:
    operations.pending = 1000
    ended = run("replay-events", "--wait", "0")
    assert ended.code == 1
    assert "go on with them" in ended.err


def test_status(run: Run, operations: Operations) -> None:
    ended = run("status", "--json")
    assert ended.code == 0
    assert ended.result["ready"]
    assert ended.result["backlogs"]["sla"] == {
        "unsaid": 0,
        "outbox_pending": 0,
        "consumer_lag": 0,
        "dead_letters": 0,
        "replays": 0,
    }
    operations.ready = False
    ended = run("status", "--json")
    assert (ended.code, ended.result["ready"]) == (1, False)
    told = run("status").err
    assert "NOT ready" in told
    assert "sla: nats – not connected" in told


def test_openapi(run: Run, operations: Operations, tmp_path: Path) -> None:
    assert "/health/ready" in run("openapi", "--json").result["paths"]
    run("openapi", "--out", tmp_path / "openapi.json")
    assert "paths" in json.loads((tmp_path / "openapi.json").read_text())


AGREED = {
    "intake": {"appeals": 10, "numbers": 10, "unmasked": 0, "feed": 20, "feed_readable": 20},
    "routing": {"appeals": 10, "assignments": 12, "feed": 12, "feed_readable": 12},
    "sla": {"appeals": 10, "assignments": 12, "feed": 0, "feed_readable": 0},
    "analytics": {"appeals": 10, "assignments": 12},
}


def test_verify(run: Run, operations: Operations) -> None:
    operations.counts = AGREED
    ended = run("verify", "--json")
    assert (ended.code, ended.result["ok"]) == (0, True)
    assert len(ended.result["checks"]) == 15
    operations.counts = AGREED | {"sla": AGREED["sla"] | {"appeals": 9}}
    ended = run("verify", "--wait", "0", "--json")
    assert (ended.code, ended.result["ok"]) == (1, False)
    assert [check for check in ended.result["checks"] if not check["ok"]] == [
        {
            "service": "sla",
            "what": "appeals whose deadlines are watched",
            "expected": 10,
            "found": 9,
            "ok": False,
        }
    ]
    assert "NOT OK" in run("verify", "--wait", "0").out


def test_verify_waits_for_work_on_its_way(run: Run, operations: Operations) -> None:
    class Late(dict[str, Any]):
        """Answers with one appeal more each time."""

        asked = 0

        def get(self, service: str, default: Any = None) -> Any:
            if service == "sla":
                self.asked += 1
                return AGREED["sla"] | {"appeals": min(10, 8 + self.asked)}
            return super().get(service, default)

    operations.counts = Late(AGREED)
    assert run("verify", "--wait", "20", "--json").code == 0


def test_verify_of_another_version(run: Run, operations: Operations) -> None:
    operations.counts = AGREED | {"sla": {}}
    ended = run("verify")
    assert (ended.code, ended.out) == (1, "")
    assert "another version" in ended.err


@pytest.mark.parametrize(
    ("service", "name", "value", "wrong"),
    [
        ("intake", "numbers", 11, 1),  # a gap
        ("intake", "appeals", 11, 5),
        ("intake", "unmasked", 1, 1),
        ("routing", "appeals", 9, 1),
        ("routing", "assignments", 13, 2),
        ("analytics", "appeals", 11, 1),
        ("analytics", "assignments", 0, 1),
    ],
)
def test_sums_are_compared(service: str, name: str, value: int, wrong: int) -> None:
    counts = AGREED | {service: AGREED[service] | {name: value}}
    assert sum(not check.ok for check in compare(Reading(counts, {"sla": 0}, 10))) == wrong


def test_dead_letters_and_hidden_figures_are_differences() -> None:
    assert sum(not check.ok for check in compare(Reading(AGREED, {"sla": 1, "intake": 0}, 9))) == 2
