"""Guarantee 1 and the conventions: commit before the answer, safe retries, versions, cursors, clear problems."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import time
from collections.abc import AsyncIterator
from typing import Annotated, Any

import httpx2
import jwt
import pytest
from fastapi import FastAPI, Query, Request, Response
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel
from sqlalchemy import text

from chassis.cursors import Cursors
from chassis.db import Transaction, create_engine
from chassis.idempotency import Idempotent
from chassis.logs import configure_logging
from chassis.principals import Principal
from chassis.problems import BadCursor, NotAllowedNow, install_problem_handlers
from chassis.security import AnyRole, allowed
from chassis.strict_routes import Router
from chassis.telemetry import RequestContext
from chassis.versions import ExpectedVersion, require_version
from harness.resources import give_database
from harness.tokens import TokenMint
from tests.chassis.conftest import House


class Note(BaseModel):
    """A body."""

    text: str


class Saved(BaseModel):
    """An answer."""

    number: int


@pytest.fixture
async def web(house: House, mint: TokenMint) -> AsyncIterator[httpx2.AsyncClient]:
    """A small app over the bare house: its routes write to `analytics.effect`."""
    app, routes = FastAPI(), Router()
    engine = create_engine(house.url, 10)
    configure_logging("test", "INFO")
    resources = give_database(app, engine)
    resources.verifier._keys["test"] = jwt.PyJWK.from_dict(mint.jwk)
    app.add_middleware(RequestContext)
    install_problem_handlers(app)

    @routes.post("/notes", status_code=201)
    async def save_note(
        principal: AnyRole, note: Note, session: Transaction, idempotency: Idempotent
    ) -> Response:
        async def act() -> Saved:
            statement = text("INSERT INTO analytics.effect (what) VALUES (:what)")
            await session.execute(statement, {"what": note.text})
            number = await session.scalar(text("SELECT count(*) FROM analytics.effect"))
            if note.text == "slow":
                await session.execute(text("SELECT pg_sleep(0.5)"))
            return Saved(number=number or 0)

        return await idempotency.run(session, principal, note, act, 201)

    @routes.post("/fails-at-commit")
    async def fail_at_commit(session: Transaction) -> Saved:
        await session.execute(
            text("CREATE TEMP TABLE late (id int PRIMARY KEY DEFERRABLE INITIALLY DEFERRED) ON COMMIT DROP")
        )
        await session.execute(text("INSERT INTO late VALUES (1), (1)"))
        return Saved(number=1)

    @routes.post("/refuses")
    async def refuse(note: Note, session: Transaction) -> Saved:
        await session.execute(text("INSERT INTO analytics.effect (what) VALUES ('refused')"))
        raise NotAllowedNow("not in this status")

    @routes.put("/versioned")
    async def put_version(seen: ExpectedVersion) -> Saved:
        require_version(3, seen)
        return Saved(number=3)

    @routes.get("/stored")
    async def store_anything(what: str, number: int, session: Transaction) -> Saved:
        await session.execute(text("SELECT CAST(:what AS text)"), {"what": what})
        await session.execute(text("SELECT CAST(:number AS bigint)"), {"number": number})
        return Saved(number=1)

    @routes.get("/agencies-only")
    async def agencies_only(principal: Annotated[Principal, allowed("agency")]) -> Saved:
        return Saved(number=1)

    @routes.get("/breaks")
    async def break_down(request: Request, secret: Annotated[str, Query()]) -> Saved:
        raise KeyError(secret)

    app.include_router(routes)
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://web") as client:
        yield client
    await engine.dispose()


async def test_a_commit_that_fails_is_never_answered_with_success(web: httpx2.AsyncClient) -> None:
    answer = await web.post("/fails-at-commit")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_problem_rolls_back(web: httpx2.AsyncClient, house: House) -> None:
    answer = await web.post("/refuses", json={"text": "x"})
    assert answer.status_code == 409
    assert answer.json()["type"] == "/problems/not-allowed-now"
    assert await house.count("analytics.effect") == 0


async def test_the_same_key_gives_the_first_answer_again(
    web: httpx2.AsyncClient, house: House, mint: TokenMint
) -> None:
    headers = {**mint.headers("portal"), "Idempotency-Key": "k-1"}
    first = await web.post("/notes", json={"text": "a"}, headers=headers)
    again = await web.post("/notes", json={"text": "a"}, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    other_body = await web.post("/notes", json={"text": "b"}, headers=headers)
    assert other_body.status_code == 422
    assert other_body.json()["type"] == "/problems/idempotency-key-reused"
    stranger = {**mint.headers("portal", client="somebody-else"), "Idempotency-Key": "k-1"}
    assert (await web.post("/notes", json={"text": "b"}, headers=stranger)).status_code == 201
    assert await house.count("analytics.effect") == 2


async def test_a_concurrent_repeat_waits_for_its_twin(
    web: httpx2.AsyncClient, house: House, mint: TokenMint
) -> None:
    headers = {**mint.headers("portal"), "Idempotency-Key": "twins"}
    answers = await asyncio.gather(
        *(web.post("/notes", json={"text": "slow"}, headers=headers) for _ in range(3))
    )
    assert [answer.status_code for answer in answers] == [201, 201, 201]
    assert len({answer.text for answer in answers}) == 1
    assert await house.count("analytics.effect") == 1


@pytest.mark.parametrize(
    ("sent", "status"), [(None, 428), ("2", 412), ('"3"', 200), ("3", 200), ('W/"3"', 200), ("three", 422)]
)
async def test_versions_are_checked(web: httpx2.AsyncClient, sent: str | None, status: int) -> None:
    headers = {"If-Match": sent} if sent else {}
    assert (await web.put("/versioned", headers=headers)).status_code == status


async def test_bad_input_is_a_422_without_an_echo(web: httpx2.AsyncClient) -> None:
    answer = await web.post("/refuses", json={"text": {"secret": "Иванов"}})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/text"
    assert "Иванов" not in answer.text
    nul = await web.get("/stored", params={"what": "a\x00b", "number": 1})
    assert nul.status_code == 422
    huge = await web.get("/stored", params={"what": "a", "number": 10**30})
    assert huge.status_code == 422
    not_json = await web.post("/refuses", content=b"{", headers={"Content-Type": "application/json"})
    assert not_json.status_code == 400
    assert (await web.get("/nowhere")).json()["type"] == "/problems/not-found"
    assert (await web.delete("/stored")).status_code == 405


async def test_a_bug_answers_500_and_tells_nothing(
    web: httpx2.AsyncClient, capfd: pytest.CaptureFixture[str]
) -> None:
    answer = await web.get("/breaks", params={"secret": "passport 1234"})
    assert answer.status_code == 500
    assert "1234" not in answer.text
    assert set(answer.json()) == {"type", "title", "status"}


async def test_request_ids_and_traces_come_back(web: httpx2.AsyncClient) -> None:
    trace = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"
    answer = await web.get("/nowhere", headers={"X-Request-ID": "req-7", "traceparent": trace})
    assert answer.headers["x-request-id"] == "req-7"
    assert answer.headers["traceparent"].split("-")[1] == "a" * 32
    foolish = await web.get("/nowhere", headers={"X-Request-ID": "x" * 500, "traceparent": "nonsense"})
    assert len(foolish.headers["x-request-id"]) == 24


def _changed(token: str, **header: Any) -> str:
    head, body, signature = token.split(".")
    decoded = json.loads(base64.urlsafe_b64decode(head + "=="))
    encoded = base64.urlsafe_b64encode(json.dumps({**decoded, **header}).encode()).decode().rstrip("=")
    return f"{encoded}.{body}.{signature}"


async def test_only_a_valid_token_of_an_admitted_role_passes(
    web: httpx2.AsyncClient, mint: TokenMint
) -> None:
    organisation = "01930000-0000-7000-8000-000000000001"
    good = mint.token("agency", organisation=organisation)

    async def status(token: str | None) -> int:
        headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
        return (await web.get("/agencies-only", headers=headers)).status_code

    assert await status(good) == 200
    assert await status(mint.token("admin", ["*"])) == 200
    assert await status(mint.token("admin", ["*"], iat=int(time.time()) + 2)) == 200, "clocks differ"
    assert await status(mint.token("portal")) == 403
    for bad in (
        None,
        "",
        "abc",
        good[:-4],
        _changed(good, alg="none"),
        _changed(good, crit=["exp"]),
        _changed(good, kid="other"),
        mint.token("agency", organisation=organisation, exp=1),
        mint.token("agency", organisation=organisation, exp=None),
        mint.token("agency", organisation=organisation, aud="someone"),
        mint.token("agency", organisation=organisation, iss="someone"),
        mint.token("agency", organisation=organisation, jti=None),
        mint.token("agency"),
        mint.token("owner"),
        mint.token("portal", regions="46"),  # type: ignore[arg-type]
        mint.token("portal", jti=None),
        mint.token("portal", iat=-5),
        mint.token("portal", iat=float("nan")),
        mint.token("portal", iat=float("-inf")),
        mint.token("portal", iat=time.time() + 61),
        mint.token("portal", iat=time.time() + 50, exp=int(time.time()) + 40),
    ):
        # A key we do not know makes the service ask the key server, which is away here.
        assert await status(bad) in (401, 503), bad
    assert await status(mint.token("agency", organisation=organisation, exp=1)) == 401


@given(
    values=st.lists(st.one_of(st.integers(-(2**53), 2**53), st.text(max_size=20)), max_size=4),
    position=st.integers(0, 200),
)
def test_cursors_come_back_whole_or_not_at_all(values: list[Any], position: int) -> None:
    cursors = Cursors("secret")
    cursor = cursors.encode("list", *values)
    assert cursors.decode("list", cursor) == values
    with pytest.raises(BadCursor):
        cursors.decode("another list", cursor)
    with pytest.raises(BadCursor):
        Cursors("another key").decode("list", cursor)
    place = position % len(cursor)
    changed = cursor[:place] + ("A" if cursor[place] != "A" else "B") + cursor[place + 1 :]
    with contextlib.suppress(BadCursor):
        assert cursors.decode("list", changed) == values  # only unused bits of the last letter differ


@pytest.mark.parametrize("cursor", ["x", "яя", "AAAA", "=" * 10, "!" * 50])
def test_a_foreign_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(BadCursor):
        Cursors("secret").decode("list", cursor)
