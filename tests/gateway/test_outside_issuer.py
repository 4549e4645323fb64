"""Tokens of an outside OIDC issuer: accepted by configuration, and exchanged for ours with the same scope."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import jwt
import orjson
import pytest

from harness.tokens import TokenMint
from tests.gateway.conftest import RunningGateway, Services

StartGateway = Callable[..., Awaitable[RunningGateway]]
ISSUER = "https://id.example"
PERSON = "0190b8f0-0000-7000-8000-000000000001"


class serving_json:
    def __init__(self, document: Any) -> None:
        self.body = orjson.dumps(document)

    async def __aenter__(self) -> str:
        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            head = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\nconnection: close\r\n\r\n" % len(self.body)
            writer.write(head + self.body)
            writer.close()

        self.server = await asyncio.start_server(handle, "127.0.0.1", 0)
        return f"http://127.0.0.1:{self.server.sockets[0].getsockname()[1]}/certs"

    async def __aexit__(self, *_: object) -> None:
        self.server.close()


async def test_an_outside_issuer_is_accepted_by_configuration_and_its_tokens_are_exchanged(
    start_gateway: StartGateway, services: Services, mint: TokenMint
) -> None:
    await services.start("intake")
    keys = {"keys": [mint.jwk, {"kty": "oct", "kid": "other"}]}
    async with serving_json(keys) as url:
        gateway = await start_gateway(
            oidc_issuer="https://id.example", oidc_jwks_url=url, oidc_role_claim="otklik_role"
        )
        outside: dict[str, Any] = {
            "iss": "https://id.example",
            "otklik_role": "portal",
            "jti": None,
        }
        token = mint.token("portal", client="somebody", **outside)
        headers = {"Authorization": f"Bearer {token}"}
        answer = await gateway.client.get("/api/v1/appeals", headers=headers)
        assert answer.status_code == 200, answer.text
        forwarded = dict(answer.json()["headers"])["authorization"].removeprefix("Bearer ")
        claims = jwt.decode(forwarded, options={"verify_signature": False})
        assert (claims["iss"], claims["sub"], claims["role"]) == ("otklik", "oidc:somebody", "portal")
        wrong = mint.token("portal", client="x", **{**outside, "otklik_role": "king"})
        assert (
            await gateway.client.get("/api/v1/appeals", headers={"Authorization": f"Bearer {wrong}"})
        ).status_code == 401


@pytest.mark.parametrize(("sent", "kept"), [(["38701000"], ["38701000"]), ("38701000", ["38701000"])])
async def test_who_is_limited_to_municipalities_outside_is_limited_to_them_here(
    start_gateway: StartGateway, services: Services, mint: TokenMint, sent: object, kept: list[str]
) -> None:
    await services.start("intake")
    async with serving_json({"keys": [mint.jwk]}) as url:
        gateway = await start_gateway(
            oidc_issuer=ISSUER, oidc_jwks_url=url, oidc_municipalities_claim="towns", oidc_person_claim="uid"
        )

        async def ask(role: str, **claims: Any) -> Any:
            token = mint.token(role, client="somebody", iss=ISSUER, jti=None, **claims)
            return await gateway.client.get("/api/v1/appeals", headers={"Authorization": f"Bearer {token}"})

        answer = await ask("coordinator", towns=sent, uid=PERSON)
        forwarded = dict(answer.json()["headers"])["authorization"].removeprefix("Bearer ")
        claims = jwt.decode(forwarded, options={"verify_signature": False})
        assert (claims["municipalities"], claims["person"]) == (kept, PERSON)
        assert (await ask("portal", towns=sent)).status_code == 401  # not a role that can be limited so
        assert (await ask("coordinator", towns=[])).status_code == 401
        assert (await ask("coordinator", uid="somebody")).status_code == 401
