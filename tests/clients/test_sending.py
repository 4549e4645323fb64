"""Sending against a real HTTP server: tokens, patience, repeats – and what is never repeated."""

from __future__ import annotations

import asyncio
import json
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from urllib.parse import unquote
from uuid import uuid4

import pytest
from fastapi.responses import JSONResponse, Response
from hypothesis import given
from hypothesis import strategies as st

from otklik_client import (
    AsyncClient,
    Client,
    Invalid,
    NotReachable,
    ProblemError,
    RateLimited,
    Unauthorised,
    Unavailable,
)
from otklik_client.calls import segment
from otklik_client.errors import UnexpectedAnswer, seconds_of
from otklik_client.exchange import LONGEST_PAUSE, Backoff
from otklik_client.models import AnswerCheck, Claim, NewAppeal, SignedAnswer
from tests.clients.standin import Line, Standin, problem

APPEAL = NewAppeal(text="Не горит фонарь", region="46")
CHECK = AnswerCheck(text="Лампу заменили", outcome="solved", region="46")
APPEALS = "/api/v1/appeals"


def test_an_appeal_is_registered(client: Client, standin: Standin) -> None:
    receipt = client.appeals.submit_appeal(NewAppeal(text="Яма", region="46", external_id="p-1"))
    assert receipt.number == "46-2026-0000001"
    again = client.appeals.submit_appeal(NewAppeal(text="Яма", region="46", external_id="p-1"))
    assert again.id == receipt.id
    sent = json.loads(standin.requests[0][3])
    assert sent == {"text": "Яма", "region": "46", "external_id": "p-1"}, "fields nobody set are not sent"


@pytest.mark.parametrize("value", [b"x", bytearray(b"x"), object(), {1, 2}])
def test_what_has_no_usual_text_is_refused_before_it_is_sent(
    client: Client, standin: Standin, value: object
) -> None:
    with pytest.raises(TypeError, match="cannot be sent"):
        client.request("POST", APPEALS, body={"text": value, "region": "46"})
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
    assert client.appeals.submit_appeal(APPEAL).number
    keys = {request[2]["idempotency-key"] for request in standin.seen(APPEALS)}
    assert len(standin.requests) == 3
    assert len(keys) == 1


def test_retry_after_is_obeyed(client: Client, standin: Standin) -> None:
    standin.instead.append(problem(429, "too-many-requests", headers={"Retry-After": "1"}))
    began = time.monotonic()
    client.appeals.submit_appeal(APPEAL)
    assert time.monotonic() - began >= 1


def test_who_is_asked_to_slow_down_has_not_been_heard(client: Client, standin: Standin) -> None:
    """So that a POST without a key is repeated then, and only then."""
    standin.instead.append(problem(429, "too-many-requests", headers={"Retry-After": "0"}))
    with pytest.raises(ProblemError):
        client.answers.check_answer(CHECK)
    assert len(standin.requests) == 2
    standin.instead.append(problem(503, "unavailable", headers={"Retry-After": "0"}))
    with pytest.raises(Unavailable):
        client.answers.check_answer(CHECK)
    assert len(standin.requests) == 3


@pytest.mark.parametrize(
    ("answered", "expected"), [(503, Unavailable), (429, RateLimited)], ids=["unavailable", "limited"]
)
def test_patience_has_an_end(standin: Standin, answered: int, expected: type[ProblemError]) -> None:
    standin.instead.append(problem(answered, "no", headers={"Retry-After": "3600"}))
    began = time.monotonic()
    with Client(standin.url, "portal", "right", patience=1) as client, pytest.raises(expected) as caught:
        client.appeals.submit_appeal(APPEAL)
    assert (caught.value.status, caught.value.retry_after) == (answered, 3600)
    assert time.monotonic() - began < 1, "waiting would have been in vain"


@pytest.mark.parametrize("cut", [0, 10, 200])
def test_a_lost_answer_registers_once(standin: Standin, line: Line, cut: int) -> None:
    with Client(line.url, "portal", "right", patience=5) as client:
        client.authenticate()
        line.cuts.extend([cut, cut])
        receipt = client.appeals.submit_appeal(APPEAL)
    assert line.lost == 2
    assert len(standin.register) == 1
    assert receipt.number == "46-2026-0000001"


async def test_a_lost_answer_registers_once_on_an_event_loop(standin: Standin, line: Line) -> None:
    async with AsyncClient(line.url, "portal", "right", patience=5) as client:
        await client.authenticate()
        line.cuts.extend([0, 200])
        receipt = await client.appeals.submit_appeal(APPEAL)
    assert (line.lost, len(standin.register), receipt.number) == (2, 1, "46-2026-0000001")


def test_what_nobody_knows_the_fate_of_is_not_sent_again(standin: Standin, line: Line) -> None:
    """A POST that takes no key may have been done."""
    with Client(line.url, "portal", "right", patience=5) as client:
        client.authenticate()
        line.cuts.append(0)
        with pytest.raises(NotReachable):
            client.request("POST", "/api/v1/queue/claim", body={"limit": 1})
        assert len(standin.seen("/api/v1/queue/claim")) == 1
        line.cuts.append(0)
        assert len(client.queue.claim_assignments(Claim(limit=1)).items) == 1
    keys = [request[2].get("idempotency-key") for request in standin.seen("/api/v1/queue/claim")]
    assert keys == [None, keys[1], keys[1]]
    assert keys[1]


def test_silence_is_told_apart_from_problems() -> None:
    refused = pytest.raises(NotReachable, match=r"127\.0\.0\.1:1 does not answer")
    with Client("http://127.0.0.1:1", "portal", "right", patience=0.3) as client, refused:
        client.appeals.submit_appeal(APPEAL)
    with Client("nonsense", "portal", "right", patience=0.3) as client, pytest.raises(NotReachable):
        client.appeals.submit_appeal(APPEAL)


def test_a_server_that_comes_back_is_found(standin: Standin) -> None:
    """Connection refused, then there: the call just takes longer."""
    port = int(standin.url.rsplit(":", 1)[1])
    late = Line(port)
    with ThreadPoolExecutor(1) as pool, late:
        url = late.url
        asyncio.run_coroutine_threadsafe(_close(late), late._loop).result(5)
        with Client(url, "portal", "right", patience=10) as client:
            submitted = pool.submit(client.appeals.submit_appeal, APPEAL)
            time.sleep(0.3)
            assert not submitted.done()
            again = asyncio.start_server(late._connected, "127.0.0.1", int(url.rsplit(":", 1)[1]))
            late._server = asyncio.run_coroutine_threadsafe(again, late._loop).result(5)
            assert submitted.result(10).number


async def _close(line: Line) -> None:
    line._server.close()
    await line._server.wait_closed()


def test_refused_credentials_are_a_problem(standin: Standin) -> None:
    with (
        Client(standin.url, "portal", "wrong") as client,
        pytest.raises(Unauthorised, match="Wrong secret") as caught,
    ):
        client.authenticate()
    assert caught.value.status == 401


async def test_concurrent_callers_fetch_one_token(standin: Standin) -> None:
    async with AsyncClient(standin.url, "portal", "right") as client:
        await asyncio.gather(*(client.appeals.submit_appeal(APPEAL) for _ in range(20)))
    assert len(standin.tokens) == 1
    assert len(standin.register) == 20


def test_threads_share_one_token(client: Client, standin: Standin) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: client.appeals.submit_appeal(APPEAL), range(20)))
    assert len(standin.tokens) == 1
    assert len(standin.register) == 20


async def test_a_token_is_renewed_before_it_expires(standin: Standin) -> None:
    standin.token_seconds = 4
    async with AsyncClient(standin.url, "portal", "right") as client:
        await client.appeals.submit_appeal(APPEAL)
        await client.appeals.submit_appeal(APPEAL)
        assert len(standin.tokens) == 1
        await asyncio.sleep(3.2)  # not expired yet, but within the last quarter of its life
        await asyncio.gather(*(client.appeals.submit_appeal(APPEAL) for _ in range(5)))
    assert len(standin.tokens) == 2


async def test_a_refused_token_is_renewed_once(standin: Standin) -> None:
    async with AsyncClient(standin.url, "portal", "right") as client:
        await client.appeals.submit_appeal(APPEAL)
        standin.refused_tokens.add(standin.tokens[-1])
        await asyncio.gather(*(client.appeals.submit_appeal(APPEAL) for _ in range(5)))
        assert len(standin.tokens) == 2
        standin.refused_tokens.update({"token-1", "token-2"})
        with pytest.raises(Unauthorised):
            await client.appeals.submit_appeal(APPEAL)


def test_a_token_of_ones_own_is_used_and_never_renewed(client: Client, standin: Standin) -> None:
    client.authenticate()
    with Client(standin.url, token=standin.tokens[0]) as given:
        assert given.appeals.submit_appeal(APPEAL).number
    with Client(standin.url, token="another") as given, pytest.raises(Unauthorised):
        given.appeals.submit_appeal(APPEAL)
    assert len(standin.tokens) == 1


async def test_who_one_is_may_stand_in_the_environment(
    standin: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("URL", standin.url), ("CLIENT_ID", "portal"), ("CLIENT_SECRET", "right")):
        monkeypatch.setenv(f"OTKLIK_{name}", value)
    async with AsyncClient.from_environment() as client:
        assert (await client.appeals.submit_appeal(APPEAL)).number
    monkeypatch.delenv("OTKLIK_CLIENT_ID")
    with pytest.raises(KeyError, match="OTKLIK_CLIENT_ID"):
        Client.from_environment()


def test_tracking_needs_no_token(client: Client, standin: Standin) -> None:
    assert client.tracking.track_appeal("a?b").number == "a?b", "a code is one segment, whatever is in it"
    assert not standin.tokens


def test_acts_carry_version_lease_and_key(client: Client, standin: Standin) -> None:
    """Of the object that was read: nobody has to copy them."""
    (task,) = client.queue.claim_assignments(Claim(limit=1)).items
    accepted = client.assignments.accept(task.id, if_match=task)
    answer = SignedAnswer(text="Лампу заменили", outcome="solved")
    client.assignments.answer(accepted.id, answer, if_match=accepted)
    _, path, headers, body = standin.requests[1]
    assert path == f"/api/v1/assignments/{task.id}/accept"
    assert headers["if-match"] == '"3"'
    assert headers["idempotency-key"]
    assert json.loads(body) == {"lease_token": "lease"}
    _, path, headers, body = standin.requests[2]
    assert path.endswith("/answer")
    assert headers["if-match"] == '"4"', "the version of the accepted one"
    assert json.loads(body) == {"text": "Лампу заменили", "outcome": "solved"}
    client.assignments.accept(uuid4(), if_match=7, idempotency_key="mine")
    assert standin.requests[3][2]["if-match"] == '"7"'
    assert standin.requests[3][2]["idempotency-key"] == "mine"


def test_problems_keep_their_members(client: Client, standin: Standin) -> None:
    errors = [{"pointer": "/text", "message": "Field required"}]
    refused = problem(
        422, "invalid", "Not acceptable", detail="See errors.", errors=errors, headers={"X-Request-ID": "r-1"}
    )
    standin.instead.append(refused)
    with pytest.raises(Invalid) as caught:
        client.appeals.submit_appeal(APPEAL)
    found = caught.value
    assert (found.status, found.slug, found.title) == (422, "invalid", "Not acceptable")
    assert (found.detail, found.errors[0].pointer, found.request_id) == ("See errors.", "/text", "r-1")
    assert str(found) == "422 Not acceptable – See errors. – /text: Field required"
    assert len(standin.requests) == 1, "what is wrong stays wrong"


def test_no_error_repeats_what_was_sent_or_came(client: Client, standin: Standin) -> None:
    """Both may be about a person, and errors end in logs."""
    with pytest.raises(ValueError, match="applicant") as wrong:
        NewAppeal.model_validate({"text": "Яма", "region": "46", "applicant": {"phone": 79105551234}})
    standin.instead.append(Response(b""))
    with pytest.raises(UnexpectedAnswer, match="Invalid JSON"):
        client.appeals.submit_appeal(APPEAL)
    standin.instead.append(JSONResponse({"id": "Мария Петрова", "number": 79105551234}))
    with pytest.raises(UnexpectedAnswer, match="number: Input should be a valid string") as other:
        client.appeals.submit_appeal(APPEAL)
    for error in (wrong.value, other.value):
        shown = f"{error} {error.__cause__} {error.__context__ if not error.__suppress_context__ else ''}"
        assert "79105551234" not in shown
        assert "Мария" not in shown


@given(st.text(max_size=30) | st.sampled_from([".", ".."]))
def test_whatever_stands_in_a_path_is_one_segment(text: str) -> None:
    made = segment(text)
    assert made not in (".", "..")
    assert not set(made) & set("/?#% &") - {"%"}
    assert unquote(made) == text


@given(st.floats(0, 1e6), st.floats(0, 1e6) | st.none())
def test_pauses_grow_and_end_with_the_patience(patience: float, asked: float | None) -> None:
    backoff = Backoff(patience)
    pauses = [pause for pause in (backoff.next_pause(asked) for _ in range(12)) if pause is not None]
    assert all(pause <= patience + 0.2 for pause in pauses)
    if asked is not None:
        assert all(asked <= pause <= asked + 0.1 for pause in pauses)
        assert bool(pauses) or asked + 0.2 > patience
    elif patience > LONGEST_PAUSE:
        assert len(pauses) == 12
        assert all(later > earlier / 2 for earlier, later in pairwise(pauses))
        assert max(pauses) <= LONGEST_PAUSE


@pytest.mark.parametrize(
    ("header", "seconds"),
    [(None, None), ("3", 3.0), ("-1", 0.0), ("soon", None), ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0)],
)
def test_retry_after_is_read(header: str | None, seconds: float | None) -> None:
    assert seconds_of(header) == seconds
