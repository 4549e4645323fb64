"""The SDK against a real HTTP server: tokens, retries, feeds."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from fastapi.responses import JSONResponse, Response

from otklik.client import Assignment, AsyncClient, Client, NewAppeal, NotReachable, ProblemError
from otklik.client.errors import seconds_of
from tests.otklik.standin import Line, Standin, problem

APPEAL = {"text": "Не горит фонарь", "region": "46"}
CHANGE = {"change": "entered", "at": "2026-11-21T10:00:00+03:00"}


def test_the_sdk_needs_only_httpx2_and_pydantic() -> None:
    script = "import sys, otklik.client; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    heavy = {
        "sqlalchemy",
        "fastapi",
        "starlette",
        "typer",
        "numpy",
        "rich",
        "nats",
        "asyncpg",
        "sklearn",
        "orjson",
    }
    ours = {"contracts", "chassis", "meaning", "signals", "services", "gateway", "infra"}
    assert not loaded & (heavy | ours)


def test_an_appeal_is_registered(client: Client, standin: Standin) -> None:
    receipt = client.submit(NewAppeal(text="Яма", region="46", external_id="p-1"))
    assert (receipt.number, receipt.created) == ("46-2026-0000001", True)
    assert not client.submit({"text": "Яма", "region": "46", "external_id": "p-1"}).created
    sent = json.loads(standin.requests[0][3])
    assert sent == {"text": "Яма", "region": "46", "external_id": "p-1"}, "fields nobody set are not sent"


@pytest.mark.parametrize("value", [b"x", bytearray(b"x"), object(), {1, 2}])
def test_what_has_no_usual_text_is_refused_before_it_is_sent(
    client: Client, standin: Standin, value: object
) -> None:
    with pytest.raises(TypeError, match="cannot be sent"):
        client.submit({**APPEAL, "text": value})
    assert standin.requests == []


@pytest.mark.parametrize(
    "hindrance",
    [
        problem(503, "unavailable", headers={"Retry-After": "0"}),
        problem(429, "too-many-requests", headers={"Retry-After": "0"}),
        problem(409, "same-key-in-progress"),
        Response("<html>Bad gateway</html>", 502, media_type="text/html"),
    ],
    ids=lambda response: str(response.status_code),
)
def test_passing_hindrances_are_tried_again_under_the_same_key(
    client: Client, standin: Standin, hindrance: Response
) -> None:
    standin.instead.extend([hindrance, hindrance])
    assert client.submit(APPEAL).created
    keys = {request[2]["idempotency-key"] for request in standin.seen("/api/v1/appeals")}
    assert len(standin.requests) == 3
    assert len(keys) == 1


def test_retry_after_is_obeyed(client: Client, standin: Standin) -> None:
    standin.instead.append(problem(429, "too-many-requests", headers={"Retry-After": "1"}))
    began = time.monotonic()
    client.submit(APPEAL)
    assert time.monotonic() - began >= 1


def test_patience_has_an_end(standin: Standin) -> None:
    standin.instead.append(problem(503, "unavailable", headers={"Retry-After": "3600"}))
    began = time.monotonic()
    with Client(standin.url, "portal", "right", patience=1) as client, pytest.raises(ProblemError) as caught:
        client.submit(APPEAL)
    assert caught.value.status == 503
    assert time.monotonic() - began < 1, "waiting would have been in vain"


@pytest.mark.parametrize("cut", [0, 10, 200])
def test_a_lost_answer_registers_once(standin: Standin, line: Line, cut: int) -> None:
    with Client(line.url, "portal", "right", patience=5) as client:
        client.authenticate()
        line.cuts.extend([cut, cut])
        receipt = client.submit(APPEAL)
    assert line.lost == 2
    assert len(standin.register) == 1
    assert receipt.number == "46-2026-0000001"
    assert not receipt.created, "an earlier try had been heard"


def test_silence_is_told_apart_from_problems() -> None:
    refused = pytest.raises(NotReachable, match=r"127\.0\.0\.1:1 does not answer")
    with Client("http://127.0.0.1:1", "portal", "right", patience=0.3) as client, refused:
        client.submit(APPEAL)
    with Client("nonsense", "portal", "right", patience=0.3) as client, pytest.raises(NotReachable):
        client.submit(APPEAL)


def test_a_server_that_comes_back_is_found(standin: Standin) -> None:
    """Connection refused, then there: the call just takes longer."""
    port = int(standin.url.rsplit(":", 1)[1])
    late = Line(port)
    with ThreadPoolExecutor(1) as pool, late:
        url = late.url
        asyncio.run_coroutine_threadsafe(_close(late), late._loop).result(5)
        with Client(url, "portal", "right", patience=10) as client:
            submitted = pool.submit(client.submit, APPEAL)
            time.sleep(0.3)
            assert not submitted.done()
            again = asyncio.start_server(late._connected, "127.0.0.1", int(url.rsplit(":", 1)[1]))
            late._server = asyncio.run_coroutine_threadsafe(again, late._loop).result(5)
            assert submitted.result(10).created


async def _close(line: Line) -> None:
    line._server.close()
    await line._server.wait_closed()


def test_problems_keep_their_members(client: Client, standin: Standin) -> None:
    errors = [{"pointer": "/text", "message": "Field required"}]
    standin.instead.append(
        problem(
            422,
            "invalid",
            "Not acceptable",
            detail="See errors.",
            errors=errors,
            headers={"X-Request-ID": "r-1"},
        )
    )
    with pytest.raises(ProblemError) as caught:
        client.submit({"region": "46"})
    found = caught.value
    assert (found.status, found.slug, found.title) == (422, "invalid", "Not acceptable")
    assert (found.detail, found.errors[0].pointer, found.request_id) == ("See errors.", "/text", "r-1")
    assert str(found) == "422 Not acceptable – See errors. – /text: Field required"
    assert len(standin.requests) == 1, "what is wrong stays wrong"


def test_refused_credentials_are_a_problem(standin: Standin) -> None:
    with (
        Client(standin.url, "portal", "wrong") as client,
        pytest.raises(ProblemError, match="Wrong secret") as caught,
    ):
        client.authenticate()
    assert caught.value.status == 401


async def test_concurrent_callers_fetch_one_token(standin: Standin) -> None:
    async with AsyncClient(standin.url, "portal", "right") as client:
        await asyncio.gather(*(client.submit(APPEAL) for _ in range(20)))
    assert len(standin.tokens) == 1
    assert len(standin.register) == 20


def test_threads_share_one_token(client: Client, standin: Standin) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: client.submit(APPEAL), range(20)))
    assert len(standin.tokens) == 1


async def test_a_token_is_renewed_before_it_expires(standin: Standin) -> None:
    standin.token_seconds = 0.4
    async with AsyncClient(standin.url, "portal", "right") as client:
        await client.submit(APPEAL)
        await client.submit(APPEAL)
        assert len(standin.tokens) == 1
        await asyncio.sleep(0.35)  # not expired yet, but within the last quarter of its life
        await asyncio.gather(*(client.submit(APPEAL) for _ in range(5)))
    assert len(standin.tokens) == 2


async def test_a_refused_token_is_renewed_once(standin: Standin) -> None:
    async with AsyncClient(standin.url, "portal", "right") as client:
        await client.submit(APPEAL)
        standin.refused_tokens.add(standin.tokens[-1])
        await asyncio.gather(*(client.submit(APPEAL) for _ in range(5)))
        assert len(standin.tokens) == 2
        standin.refused_tokens.update({"token-1", "token-2"})
        with pytest.raises(ProblemError, match="401"):
            await client.submit(APPEAL)


def test_tracking_needs_no_token(client: Client, standin: Standin) -> None:
    assert client.track("a?b").number == "a?b", "a code is one segment of the path, whatever is in it"
    assert not standin.tokens


def test_queue_actions_carry_version_lease_and_key(client: Client, standin: Standin) -> None:
    [assignment] = client.claim(1)
    accepted = client.accept(assignment)
    client.answer(accepted, "Лампу заменили", outcome="solved")
    _, _, headers, body = standin.requests[1]
    assert headers["if-match"] == '"3"'
    assert headers["idempotency-key"]
    assert json.loads(body) == {"lease_token": "lease"}
    _, path, headers, body = standin.requests[2]
    assert path.endswith("/answer")
    assert headers["if-match"] == '"4"', "the version of the accepted one"
    assert json.loads(body) == {"text": "Лампу заменили", "outcome": "solved"}


def test_extending_keeps_the_lease(client: Client) -> None:
    [assignment] = client.claim(1)
    assert client.extend_lease(assignment).lease_token == "lease"


def test_the_queue_is_read_page_by_page(client: Client, standin: Standin) -> None:
    items = [{"id": str(uuid4()), "version": 1} for _ in range(3)]
    standin.pages = [{"items": items[:2], "next_cursor": "c"}, {"items": items[2:], "next_cursor": None}]
    assert [str(item.id) for item in client.queue(status="new")] == [item["id"] for item in items]


def test_following_names_the_cursor_to_resume_from(client: Client, standin: Standin) -> None:
    items = [{"assignment_id": str(uuid4()), **CHANGE} for _ in range(3)]
    standin.pages = [
        {"items": items[:2], "next_cursor": "c1"},
        {"items": items[2:], "next_cursor": "c2"},
        {"items": [], "next_cursor": "c2"},
    ]
    found = list(client.follow_queue("c0", wait=None))
    assert [change.cursor for change in found] == ["c0", "c1", "c2"], "a page half done comes again"


def test_following_waits_for_news(client: Client, standin: Standin) -> None:
    change = {"assignment_id": str(uuid4()), **CHANGE}
    empty: dict[str, Any] = {"items": [], "next_cursor": "c"}
    standin.pages = [empty, empty, {"items": [change], "next_cursor": "d"}]
    following = client.follow_queue(wait=0.01)
    assert str(next(following).assignment_id) == change["assignment_id"]
    following.close()  # type: ignore[attr-defined]


def test_answers_may_grow(client: Client, standin: Standin) -> None:
    standin.instead.append(JSONResponse({"items": [{"id": str(uuid4()), "version": 1, "colour": "red"}]}))
    [assignment] = client.claim(1)
    assert assignment.colour == "red"  # type: ignore[attr-defined]


def test_misspelt_fields_are_found_here() -> None:
    with pytest.raises(ValueError, match="adress"):
        NewAppeal(text="Яма", region="46", adress="ул. Ленина")  # type: ignore[call-arg]


def test_closing_twice_and_leaving_no_thread(standin: Standin) -> None:
    before = threading.active_count()
    client = Client(standin.url, "portal", "right")
    client.submit(APPEAL)
    client.close()
    client.close()
    assert threading.active_count() == before


def test_the_sync_client_has_every_call_and_its_documentation() -> None:
    calls = {name for name in dir(AsyncClient) if not name.startswith("_")}
    assert calls <= set(vars(Client))
    for name in calls:
        text = getattr(Client, name).__doc__
        assert text, name
        assert "await " not in text, name


@pytest.mark.parametrize(
    ("header", "seconds"),
    [(None, None), ("3", 3.0), ("-1", 0.0), ("soon", None), ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0)],
)
def test_retry_after_is_read(header: str | None, seconds: float | None) -> None:
    assert seconds_of(header) == seconds


def test_an_assignment_can_be_built_from_what_one_kept() -> None:
    assert Assignment(id=uuid4(), version=2).lease_token is None


def test_a_file_is_its_bytes_and_rows_are_typed(client: Client, standin: Standin) -> None:
    standin.instead.append(Response(b"PAR1", media_type="application/vnd.apache.parquet"))
    since = date(2026, 11, 1)
    assert client.export("parquet", "breakdown", header="names", by="topic", since=since) == b"PAR1"
    rows = [{"key": "k", "name": "Орган", "metric": "breached", "value": 3, "flagged": "worse", "sample": 12}]
    standin.instead.append(JSONResponse({"rows": rows, "as_of": None, "definition": {"breached": "…"}}))
    (row,) = client.figure_rows("ranking", metric="breached", by="organisation", region="46").rows
    assert (row.value, row.flagged, row.sample, row.at) == (3, "worse", 12, None)
    assert [path for _, path, *_ in standin.requests if "analytics" in path] == [
        "/api/v1/analytics/export",
        "/api/v1/analytics/ranking",
    ]
