"""Tokens: who gets one, what it says, and how its keys live."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx2
import jwt
from sqlalchemy import func, select, update

from chassis.tokens import TokenVerifier
from gateway.tables import client as client_table
from gateway.tables import signing_key
from gateway.tokens.secrets import is_mistyped, make_secret
from gateway.workers import refresh_keys
from harness.databases import Database
from harness.tokens import TokenMint
from tests.gateway.conftest import ADMIN, RunningGateway, credentials_of

StartGateway = Callable[..., Awaitable[RunningGateway]]


async def ask(gateway: RunningGateway, **form: str) -> httpx2.Response:
    return await gateway.client.post("/oauth/token", data=form)


async def test_a_token_says_what_the_client_may_and_is_checked_by_the_services_on_the_internal_listener(
    gateway: RunningGateway,
) -> None:
    organisation = str(uuid4())
    made = await gateway.make_client(role="agency", organisation_id=organisation)
    token = await gateway.token(credentials_of(made))
    verifier = TokenVerifier(f"unix:{gateway.internal}", "otklik", "otklik")
    principal = await verifier.verify(token)
    assert principal.client_id == made["id"]
    assert (principal.role, principal.regions, str(principal.organisation_id)) == (
        "agency",
        frozenset({"46"}),
        organisation,
    )
    claims = jwt.decode(token, options={"verify_signature": False})
    assert set(claims) == {
        "iss",
        "aud",
        "sub",
        "iat",
        "exp",
        "jti",
        "role",
        "regions",
        "generation",
        "organisation",
    }
    assert claims["exp"] - claims["iat"] == 600
    assert jwt.get_unverified_header(token)["alg"] == "EdDSA"


async def test_http_basic_works_as_well_as_the_form(gateway: RunningGateway) -> None:
    pair = base64.b64encode(f"{ADMIN['client_id']}:{ADMIN['client_secret']}".encode()).decode()
    answer = await gateway.client.post(
        "/oauth/token", data={"grant_type": "client_credentials"}, headers={"Authorization": f"Basic {pair}"}
    )
    assert answer.status_code == 200
    assert answer.json()["token_type"] == "Bearer"
    assert answer.headers["cache-control"] == "no-store"


GRANT = {"grant_type": "client_credentials"}
REFUSALS: list[tuple[dict[str, str], int, str]] = [
    ({}, 400, "invalid_request"),
    (ADMIN, 400, "invalid_request"),
    ({"grant_type": "password"}, 400, "unsupported_grant_type"),
    (GRANT, 401, "invalid_client"),
    ({**GRANT, "client_id": "admin-test"}, 400, "invalid_request"),
    ({**GRANT, **ADMIN, "client_secret": "wrong"}, 401, "invalid_client"),
    ({**GRANT, **ADMIN, "client_id": "nobody"}, 401, "invalid_client"),
    ({**GRANT, **ADMIN, "client_id": "a\x00b"}, 401, "invalid_client"),
    ({**GRANT, **ADMIN, "client_secret": "otk_" + "a" * 49}, 401, "invalid_client"),
    ({**GRANT, **ADMIN, "client_secret": "Я"}, 401, "invalid_client"),
]
UNREADABLE: list[tuple[bytes, dict[str, str]]] = [
    (b"grant_type=client_credentials&grant_type=x", {}),
    (b"grant_type=%ff%fe", {}),
    (b"\xff\xfe", {}),
    (b'{"grant_type": "client_credentials"}', {"Content-Type": "application/json"}),
    (b"grant_type=client_credentials", {"Authorization": "Basic !!!"}),
    (b"grant_type=client_credentials", {"Authorization": "Basic YWJj"}),
]


async def test_oauth_and_pages_ignore_what_they_do_not_know(gateway: RunningGateway) -> None:
    form = {"grant_type": "client_credentials", "scope": "all", "resource": "x", **ADMIN}
    assert (await gateway.client.post("/oauth/token?unheard_of=1", data=form)).status_code == 200
    for path in ("/docs", "/openapi.json", "/problems", "/health/live"):
        assert (await gateway.client.get(f"{path}?unheard_of=1")).status_code == 200, path
    assert (await gateway.client.get("/.well-known/jwks.json?unheard_of=1")).status_code == 422


async def test_refusals_are_those_of_oauth(gateway: RunningGateway) -> None:
    for form, status, error in REFUSALS:
        answer = await ask(gateway, **form)
        assert (answer.status_code, answer.json()["error"]) == (status, error), form
        assert ("www-authenticate" in answer.headers) == (status == 401)


async def test_an_unreadable_request_is_a_400(gateway: RunningGateway) -> None:
    for content, headers in UNREADABLE:
        kind = {"Content-Type": "application/x-www-form-urlencoded", **headers}
        answer = await gateway.client.post("/oauth/token", content=content, headers=kind)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request"), content


async def test_failed_attempts_are_limited_and_good_ones_are_not(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(failed_logins_per_minute=5)
    for _ in range(30):
        await gateway.token(ADMIN)
    wrong = {"grant_type": "client_credentials", **ADMIN, "client_secret": "wrong"}
    statuses = [(await ask(gateway, **wrong)).status_code for _ in range(8)]
    assert statuses == [401] * 5 + [429] * 3
    assert int((await ask(gateway, **wrong)).headers["retry-after"]) >= 1


async def test_the_signing_key_survives_a_restart_and_lies_encrypted(
    start_gateway: StartGateway, database: Database
) -> None:
    first = await start_gateway()
    token = await first.token(ADMIN)
    keys = (await first.client.get("/.well-known/jwks.json")).json()
    second = await start_gateway()
    assert (await second.client.get("/.well-known/jwks.json")).json() == keys
    answer = await second.client.get("/api/v1/clients", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    raw = first.app.resources.ring.keys[0].private.private_bytes_raw()
    async with database.sessions("gateway")() as session:
        stored = bytes((await session.scalars(select(signing_key.c.private_key))).one())
    assert raw not in stored
    assert "d" not in keys["keys"][0]


async def test_gateways_that_start_together_agree_on_one_key(start_gateway: StartGateway) -> None:
    first, second = await asyncio.gather(start_gateway(), start_gateway())
    answers = [(await gateway.client.get("/.well-known/jwks.json")).json() for gateway in (first, second)]
    assert answers[0] == answers[1]
    assert len(answers[0]["keys"]) == 1


async def test_a_rotation_keeps_old_tokens_valid_and_publishes_the_next_key_before_it_signs(
    start_gateway: StartGateway, database: Database
) -> None:
    gateway = await start_gateway(signing_key_days=1)
    old = await gateway.token(ADMIN)
    sessions = database.sessions("gateway")

    async def make_older(days: int) -> None:
        shift = timedelta(days=days)
        async with sessions.begin() as session:
            await session.execute(update(signing_key).values(signs_from=signing_key.c.signs_from - shift))
        await refresh_keys(gateway.app.resources)

    await make_older(2)
    assert len(gateway.app.resources.ring.keys) == 2
    kid = jwt.get_unverified_header(old)["kid"]
    assert jwt.get_unverified_header(await gateway.token(ADMIN))["kid"] == kid
    async with sessions.begin() as session:
        youngest = await session.scalar(select(func.max(signing_key.c.signs_from)))
        await session.execute(
            update(signing_key)
            .where(signing_key.c.signs_from == youngest)
            .values(signs_from=datetime.now(UTC))
        )
    await refresh_keys(gateway.app.resources)
    new = await gateway.token(ADMIN)
    assert jwt.get_unverified_header(new)["kid"] != kid
    verifier = TokenVerifier(f"unix:{gateway.internal}", "otklik", "otklik")
    for token in (old, new):
        assert (await verifier.verify(token)).client_id == ADMIN["client_id"]
    async with sessions.begin() as session:
        hour = timedelta(hours=1)
        await session.execute(update(signing_key).values(signs_from=signing_key.c.signs_from - hour))
    await refresh_keys(gateway.app.resources)
    assert len(gateway.app.resources.ring.keys) == 1


async def test_secrets_are_not_stored_and_carry_a_checksum(
    gateway: RunningGateway, shared_database: Database
) -> None:
    made = await gateway.make_client()
    secret = made["client_secret"]
    assert secret.startswith("otk_")
    assert not is_mistyped(secret)
    assert is_mistyped(secret[:-1] + ("a" if secret[-1] != "a" else "b"))
    assert len({make_secret() for _ in range(100)}) == 100
    async with shared_database.sessions("gateway")() as session:
        row = (await session.execute(select(client_table).where(client_table.c.id == made["id"]))).one()
    assert secret.encode() not in b"".join(
        bytes(part) for part in row if isinstance(part, bytes | memoryview)
    )


async def test_a_bad_token_is_a_401_problem(gateway: RunningGateway) -> None:
    for header in (
        "",
        "Bearer",
        "Basic abc",
        "Bearer a b",
        "Bearer a.b.c",
        "Bearer " + "x" * 5000,
        "Bearer é.é",
    ):
        answer = await gateway.client.get(
            "/api/v1/topics", headers=[(b"Authorization", header.encode("latin-1"))]
        )
        assert answer.status_code == 401, header
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.headers["x-request-id"]


async def test_tokens_of_foreign_keys_or_past_their_time_do_not_pass(
    gateway: RunningGateway, mint: TokenMint
) -> None:
    good = await gateway.token(ADMIN)
    key = gateway.app.resources.ring.keys[0]
    claims = jwt.decode(good, options={"verify_signature": False})
    past = jwt.encode(
        {**claims, "exp": claims["iat"] - 1}, key.private, algorithm="EdDSA", headers={"kid": key.id}
    )
    other = jwt.encode({**claims, "aud": "else"}, key.private, algorithm="EdDSA", headers={"kid": key.id})
    none = jwt.encode(claims, "", algorithm="none")
    for token in (past, other, none, mint.token("admin", ["*"])):
        answer = await gateway.client.get("/api/v1/topics", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 401


async def test_one_token_written_in_many_ways_is_remembered_once(gateway: RunningGateway) -> None:
    token = await gateway.token(ADMIN)
    spaced = [f"Bearer{' ' * spaces}{token}" for spaces in range(2, 30)]
    written = [f"bearer {token}", f"Bearer {token}="]
    for header in [f"Bearer {token}", *spaced, *written]:
        answer = await gateway.client.get("/api/v1/topics", headers={"Authorization": header})
        assert answer.status_code in (200, 401)
    assert list(gateway.app.resources.frontend.authenticator._known._known) == [f"Bearer {token}".encode()]


async def test_a_header_longer_than_any_token_is_a_401(gateway: RunningGateway) -> None:
    token = await gateway.token(ADMIN)
    header = "Bearer" + " " * 5000 + token
    assert (await gateway.client.get("/api/v1/topics", headers={"Authorization": header})).status_code == 401
