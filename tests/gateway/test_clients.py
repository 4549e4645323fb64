"""Clients: made, listed, rotated, revoked, and never beyond an admin's own reach."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

from sqlalchemy import text, update

from gateway.tables import client as client_table
from harness.databases import Database
from tests.gateway.conftest import ADMIN, RunningGateway, Services, credentials_of

StartGateway = Callable[..., Awaitable[RunningGateway]]
PORTAL = {"name": "Портал", "role": "portal", "regions": ["46"]}
REFUSED_BODIES: list[dict[str, Any]] = [
    {},
    {**PORTAL, "role": "king"},
    {**PORTAL, "regions": []},
    {**PORTAL, "regions": ["00"]},
    {**PORTAL, "regions": ["46\n"]},
    {**PORTAL, "regions": "46"},
    {**PORTAL, "regions": ["46"] * 101},
    {**PORTAL, "name": ""},
    {**PORTAL, "name": "a\x00b"},
    {**PORTAL, "name": "x" * 201},
    {**PORTAL, "role": "agency"},
    {**PORTAL, "role": "agency", "organisation_id": "not-a-uuid"},
    {**PORTAL, "role": "agency", "organisation_id": str(uuid4()), "regions": ["*"]},
    {**PORTAL, "organisation_id": str(uuid4())},
    {**PORTAL, "requests_per_minute": 0},
    {**PORTAL, "requests_per_minute": 2**40},
]


async def test_a_client_lives_from_creation_to_revocation(
    start_gateway: StartGateway, services: Services
) -> None:
    gateway = await start_gateway()
    await services.start("intake")
    admin = await gateway.headers()
    made = await gateway.make_client()
    assert (made["role"], made["regions"], made["revoked_at"]) == ("portal", ["46"], None)
    headers = await gateway.headers(credentials_of(made))
    assert (await gateway.client.get("/api/v1/appeals", headers=headers)).status_code == 200

    listed = (await gateway.client.get("/api/v1/clients?role=portal", headers=admin)).json()
    assert [item["id"] for item in listed["items"]] == [made["id"]]
    assert "secret" not in str(listed)

    gone = await gateway.client.delete(f"/api/v1/clients/{made['id']}", headers=admin)
    assert (gone.status_code, gone.content) == (204, b"")
    refused = await gateway.client.get("/api/v1/appeals", headers=headers)
    assert (refused.status_code, refused.headers["content-type"]) == (401, "application/problem+json")
    form = {"grant_type": "client_credentials", **credentials_of(made)}
    assert (await gateway.client.post("/oauth/token", data=form)).status_code == 401
    assert (await gateway.client.delete(f"/api/v1/clients/{made['id']}", headers=admin)).status_code == 204
    rotated = await gateway.client.post(f"/api/v1/clients/{made['id']}/secret", headers=admin)
    assert (rotated.status_code, rotated.json()["type"]) == (409, "/problems/not-allowed-now")


async def test_a_rotation_ends_the_old_secret_now_or_later(
    gateway: RunningGateway, shared_database: Database
) -> None:
    made = await gateway.make_client()
    admin = await gateway.headers()
    path = f"/api/v1/clients/{made['id']}/secret"

    async def works(secret: str) -> bool:
        form = {"grant_type": "client_credentials", "client_id": made["id"], "client_secret": secret}
        return (await gateway.client.post("/oauth/token", data=form)).status_code == 200

    second = (await gateway.client.post(path, headers=admin)).json()["client_secret"]
    assert not await works(made["client_secret"])
    assert await works(second)
    third = (await gateway.client.post(path, headers=admin, json={"keep_old_seconds": 60})).json()[
        "client_secret"
    ]
    assert await works(second)
    assert await works(third)
    async with shared_database.sessions("gateway").begin() as session:
        await session.execute(
            update(client_table)
            .where(client_table.c.id == made["id"])
            .values(previous_until=text("now() - interval '1 second'"))
        )
    assert not await works(second)
    assert await works(third)


async def test_the_same_key_makes_one_client_and_shows_the_same_secret(
    start_gateway: StartGateway, database: Database
) -> None:
    gateway = await start_gateway()
    headers = {**await gateway.headers(), "Idempotency-Key": "once"}
    answers = await asyncio.gather(
        *(gateway.client.post("/api/v1/clients", json=PORTAL, headers=headers) for _ in range(4))
    )
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["client_secret"] for answer in answers}) == 1
    assert sorted(answer.headers.get("idempotent-replayed", "") for answer in answers) == [
        "",
        "true",
        "true",
        "true",
    ]
    other = await gateway.client.post("/api/v1/clients", json={**PORTAL, "name": "Other"}, headers=headers)
    assert (other.status_code, other.json()["type"]) == (422, "/problems/idempotency-key-reused")
    async with database.sessions("gateway")() as session:
        kept = str((await session.execute(text("SELECT response FROM gateway.idempotency_key"))).all())
    assert answers[0].json()["client_secret"] not in kept


async def test_an_admin_of_a_region_stays_within_it(gateway: RunningGateway) -> None:
    regional = await gateway.headers(credentials_of(await gateway.make_client(role="admin", regions=["46"])))
    elsewhere = await gateway.make_client(regions=["59"])
    both = await gateway.make_client(regions=["46", "59"])
    own = await gateway.client.post("/api/v1/clients", json=PORTAL, headers=regional)
    assert own.status_code == 201
    for regions, role in (
        (["59"], "portal"),
        (["46", "59"], "portal"),
        (["*"], "coordinator"),
        ([], "federal"),
    ):
        body = {"name": "x", "role": role, "regions": regions}
        answer = await gateway.client.post("/api/v1/clients", json=body, headers=regional)
        assert (answer.status_code, answer.json()["type"]) == (403, "/problems/forbidden"), body
    seen = (await gateway.client.get("/api/v1/clients", headers=regional)).json()["items"]
    assert {tuple(item["regions"]) for item in seen} == {("46",)}
    for foreign in (elsewhere["id"], both["id"], ADMIN["client_id"], "nobody", "%00", "я"):
        for method, path in (("DELETE", ""), ("POST", "/secret")):
            answer = await gateway.client.request(
                method, f"/api/v1/clients/{foreign}{path}", headers=regional
            )
            assert answer.status_code in (404, 422), (foreign, answer.text)


async def test_only_admins_manage_clients(gateway: RunningGateway) -> None:
    headers = await gateway.headers(credentials_of(await gateway.make_client(role="coordinator")))
    for method, path in (
        ("GET", ""),
        ("POST", ""),
        ("DELETE", "/abc"),
        ("POST", "/abc/secret"),
    ):
        answer = await gateway.client.request(method, f"/api/v1/clients{path}", headers=headers, json={})
        assert answer.status_code == 403, (method, path)
        assert (await gateway.client.request(method, f"/api/v1/clients{path}", json={})).status_code == 401


async def test_bad_bodies_are_422_problems_that_name_the_field(gateway: RunningGateway) -> None:
    headers = await gateway.headers()
    for body in REFUSED_BODIES:
        answer = await gateway.client.post("/api/v1/clients", json=body, headers=headers)
        assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json"), body
        assert answer.json()["errors"], body
    for content in (b"", b"{", b"[]", b"\xff", b'{"name": "\\ud800", "role": "portal", "regions": ["46"]}'):
        json = {**headers, "Content-Type": "application/json"}
        answer = await gateway.client.post("/api/v1/clients", content=content, headers=json)
        assert (answer.status_code in (400, 422), answer.headers["content-type"]) == (
            True,
            "application/problem+json",
        )
    for query in ("limit=0", "limit=x", "role=king"):
        assert (await gateway.client.get(f"/api/v1/clients?{query}", headers=headers)).status_code == 422
    assert (await gateway.client.get("/api/v1/clients?cursor=abc", headers=headers)).status_code == 400


async def test_the_list_is_read_page_by_page(start_gateway: StartGateway) -> None:
    gateway = await start_gateway()
    headers = await gateway.headers()
    made = [(await gateway.make_client(name=f"Client {number}"))["id"] for number in range(5)]
    found: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        query = {"limit": "2", "cursor": cursor}
        page = (await gateway.client.get("/api/v1/clients", params=query, headers=headers)).json()
        found += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert sorted(found) == sorted([*made, ADMIN["client_id"]])
    assert len(set(found)) == len(found)


async def test_the_bootstrap_admin_takes_over_a_new_secret_but_not_its_revocation_back(
    start_gateway: StartGateway,
) -> None:
    await start_gateway()
    second = await start_gateway(bootstrap_admin_secret="another")
    old = {"grant_type": "client_credentials", **ADMIN}
    assert (await second.client.post("/oauth/token", data=old)).status_code == 401
    new = {"client_id": ADMIN["client_id"], "client_secret": "another"}
    headers = await second.headers(new)
    await second.client.delete(f"/api/v1/clients/{ADMIN['client_id']}", headers=headers)
    third = await start_gateway(bootstrap_admin_secret="third")
    form = {"grant_type": "client_credentials", **new, "client_secret": "third"}
    assert (await third.client.post("/oauth/token", data=form)).status_code == 401


async def test_a_thousand_token_checks_cost_little(gateway: RunningGateway) -> None:
    header = f"Bearer {await gateway.token(ADMIN)}".encode()
    keeper = gateway.app.resources.frontend.authenticator
    await keeper.authenticate(header)
    began = time.perf_counter()
    for _ in range(1000):
        assert keeper.recall(header, time.time())
    assert time.perf_counter() - began < 0.1
