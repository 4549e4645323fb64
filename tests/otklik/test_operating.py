"""Operating a running system from the command line: dead letters, replays, status, verify."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid4, uuid5

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from otklik.cli.verify import Reading, compare
from otklik_client.models import Replay, Summary
from tests.clients.filled import filled
from tests.clients.standin import serving_app
from tests.otklik.commandline import Run


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
            return filled(Summary, received=self.received)

        @app.get("/api/v1/operations/{service}/{what:path}")
        @app.post("/api/v1/operations/{service}/{what:path}")
        async def operate(service: str, what: str, request: Request) -> Any:
            self.asked.append(f"{request.method} {service} {what} {request.url.query}".strip())
            letters = self.dead.get(service, 0)
            letter = {
                "event_id": str(uuid4()),
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
            finished_at = "2026-11-21T10:00:00Z"
            replay = filled(Replay, id=str(uuid5(NAMESPACE_URL, service)), events=10, finished_at=finished_at)
            answers: dict[str, Any] = {
                "dead-letters": {"items": [letter] * letters, "total": letters},
                "dead-letters/retry": {"handled": 1, "failed": letters},
                "replay": {"items": [replay]},
                "replays": {"items": [replay, {**replay, "id": str(uuid4()), "events": 99}]},
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
