"""`otklik models` against a system in memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from otklik.cli import models
from otklik_client.models import Figures, HoldOut, Judged, ModelView
from tests.clients.filled import filled
from tests.clients.standin import problem, serving_app
from tests.otklik.commandline import Run

NEW, SHIPPED = "01a22f03-0000-7000-8000-000000000002", "01a22f03-0000-7000-8000-000000000001"
HOLD_OUT = filled(
    HoldOut,
    rows=90,
    candidate=filled(Judged, topic=filled(Figures, top1=0.7)),
    current=filled(Judged, topic=filled(Figures, top1=0.5)),
    better=True,
)
LIVE = {"all": {"precision": 0.84, "low": 0.78, "high": 0.89, "sample": 124}, "topics": []}


def model(id: str, status: str, **more: Any) -> dict[str, Any]:
    stated = {"id": id, "region": "46", "status": status, "rows": 450, "live": LIVE, "version": 2, **more}
    return filled(ModelView, **stated)


@dataclass
class World:
    """Models of region 46. `asked`: what was changed, with the version it was seen in."""

    url: str = ""
    items: list[dict[str, Any]] = field(
        default_factory=lambda: [model(SHIPPED, "current", shipped=True, version=1)]
    )
    asked: list[tuple[str, str | None, Any]] = field(default_factory=list)
    becomes: str = "shadow"
    refuses: bool = False

    def app(self) -> FastAPI:
        """The routes."""
        app = FastAPI()

        @app.post("/oauth/token")
        async def token() -> Any:
            return {"access_token": "t", "token_type": "Bearer", "expires_in": 600}

        @app.get("/api/v1/models")
        async def listed() -> Any:
            answer = {"items": list(self.items), "next_cursor": None}
            if self.items[0]["status"] == "training":
                ended = {"hold_out": HOLD_OUT} if self.becomes == "shadow" else {"error": "too few"}
                self.items[0] = {**self.items[0], "status": self.becomes, **ended}
            return answer

        @app.post("/api/v1/models")
        async def train() -> Any:
            self.items.insert(0, model(NEW, "training"))
            return JSONResponse(self.items[0], 202)

        @app.post("/api/v1/models/{model_id}/{verb}")
        async def change(model_id: str, verb: str, request: Request) -> Response:
            body = await request.json() if await request.body() else None
            self.asked.append((f"{verb} {model_id}", request.headers.get("if-match"), body))
            if self.refuses:
                return problem(409, "not-better", "The model is not better", detail="12 right, 37 wrong.")
            statuses = {"promote": ("current", "retired"), "rollback": ("retired", "current")}[verb]
            for item, status in zip(self.items, statuses, strict=False):
                item["status"] = status
            return JSONResponse(self.items[0])

        return app


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, run: Run) -> Iterator[World]:
    made = World()
    monkeypatch.setattr(models, "POLL_SECONDS", 0.01)
    with serving_app(made.app()) as made.url:
        monkeypatch.setenv("OTKLIK_URL", made.url)
        monkeypatch.setenv("OTKLIK_CLIENT_ID", "admin")
        monkeypatch.setenv("OTKLIK_CLIENT_SECRET", "right")
        yield made


def test_a_model_is_trained_put_in_use_and_taken_back(run: Run, world: World) -> None:
    trained = run("models", "train", "--json")
    assert (trained.code, trained.result["id"], trained.result["status"]) == (0, NEW, "shadow")
    promoted = run("models", "promote", NEW, "--json")
    assert (promoted.code, promoted.result["status"]) == (0, "current")
    back = run("models", "rollback", "--json")
    assert (back.code, back.result["id"]) == (0, SHIPPED)
    assert world.asked == [(f"promote {NEW}", '"2"', {"force": False}), (f"rollback {NEW}", '"2"', None)]


def test_people_read_what_came_out(run: Run, world: World) -> None:
    ended = run("models", "train")
    assert "is better (0.700 of 90 unseen appeals right, the current one 0.500)" in ended.err
    assert "runs in shadow" in ended.err
    listed = run("models", "list").out
    assert "Models of region 46" in listed
    assert len(run("models", "list", "--json").result["items"]) == 2


def test_what_fails_ends_with_1(run: Run, world: World) -> None:
    world.becomes = "failed"
    ended = run("models", "train")
    assert (ended.code, "has failed: too few" in ended.err) == (1, True)
    ended = run("models", "train", "--wait", "0")
    assert (ended.code, "still being trained" in ended.err) == (1, True)
    ended = run("models", "promote", "unknown")
    assert (ended.code, "has no model unknown" in ended.err) == (1, True)
    world.refuses = True
    ended = run("models", "promote", NEW)
    assert (ended.code, "12 right, 37 wrong" in ended.err) == (1, True)


def test_there_is_nothing_before_the_shipped_model(run: Run, world: World) -> None:
    ended = run("models", "rollback")
    assert (ended.code, "there is none before it" in ended.err) == (1, True)
    assert world.asked == []
