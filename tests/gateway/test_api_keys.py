"""A client's secret serves as `api_key` where the standard has it, and says of callers what they may not say themselves."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.proxy.api_keys import take_key
from tests.gateway.conftest import RunningGateway, Services, credentials_of

V2 = "/open311/v2/requests.json"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
StartGateway = Callable[..., Awaitable[RunningGateway]]


def sent_on(answer: Any) -> dict[str, Any]:
    """What the service was asked, its headers by name."""
    heard = answer.json()
    return {**heard, "headers": dict(heard["headers"])}


def client_of(heard: dict[str, Any]) -> str | None:
    token = heard["headers"].get("authorization", "").removeprefix("Bearer ")
    return jwt.decode(token, options={"verify_signature": False})["sub"] if token else None


async def test_a_secret_is_exchanged_for_a_token(gateway: RunningGateway) -> None:
    made = await gateway.make_client()
    secret = made["client_secret"]
    asked = sent_on(await gateway.client.get(V2, params={"a": "1", "api_key": secret, "b": "2"}))
    assert (client_of(asked), asked["query"]) == (made["client_id"], "a=1&b=2"), "the key goes no further"
    body = f"description=x&api_key={secret}&lat=1".encode()
    sent = sent_on(await gateway.client.post(V2, content=body, headers=FORM))
    assert (client_of(sent), sent["size"]) == (made["client_id"], len(body))
    assert sent["sha256"] == hashlib.sha256(body).hexdigest()
    bearer = await gateway.headers(credentials_of(made))
    both = sent_on(await gateway.client.post(V2, content=b"api_key=wrong", headers={**FORM, **bearer}))
    assert client_of(both) == made["client_id"], "a bearer token counts before a key"


async def test_no_other_key_is_anybodys(gateway: RunningGateway) -> None:
    made = await gateway.make_client()
    for key in (
        "",
        made["client_id"],
        made["client_secret"][:-1],
        made["client_secret"] + "x",
        "otk_" + "x" * 49,
        "я",
        "%00",
    ):
        assert client_of(sent_on(await gateway.client.get(V2, params={"api_key": key}))) is None, key
        assert client_of(sent_on(await gateway.client.post(V2, data={"api_key": key}))) is None, key
    json = await gateway.client.post(V2, json={"api_key": made["client_secret"]})
    assert client_of(sent_on(json)) is None
    elsewhere = await gateway.client.get("/api/v1/appeals", params={"api_key": made["client_secret"]})
    assert elsewhere.status_code == 401, "only where the standard has it"


async def test_a_revoked_client_has_no_key(gateway: RunningGateway) -> None:
    made = await gateway.make_client()
    key = {"api_key": made["client_secret"]}
    assert client_of(sent_on(await gateway.client.get(V2, params=key))) == made["client_id"]
    gone = await gateway.client.delete(
        f"/api/v1/clients/{made['client_id']}", headers=await gateway.headers()
    )
    assert gone.status_code == 204, gone.text
    assert client_of(sent_on(await gateway.client.get(V2, params=key))) is None, "remembered or not"


async def test_wrong_keys_are_counted(start_gateway: StartGateway, services: Services) -> None:
    gateway = await start_gateway(failed_logins_per_minute=1)
    await services.start("intake")
    answers = [
        await gateway.client.get(V2, params={"api_key": f"wrong-{number:030}"}) for number in range(14)
    ]
    assert [answer.status_code == 429 for answer in answers] == [False] * 10 + [True] * 4


async def test_a_form_is_read_within_limits(gateway: RunningGateway) -> None:
    large = b"api_key=" + b"x" * 200_000
    for content in (large, iter_of(large)):
        assert (await gateway.client.post(V2, content=content, headers=FORM)).status_code == 413


async def test_whoever_is_to_wait_has_no_form_read(start_gateway: StartGateway, services: Services) -> None:
    gateway = await start_gateway(open_requests_per_minute=1)
    await services.start("intake")
    assert (await gateway.client.post(V2, content=b"lat=1", headers=FORM)).is_success
    host, port = gateway.client.base_url.host, gateway.client.base_url.port
    reader, writer = await asyncio.open_connection(host, port)
    try:
        head = f"POST {V2} HTTP/1.1\r\nHost: x\r\nContent-Type: {FORM['Content-Type']}\r\nContent-Length: 9\r\n\r\n"
        writer.write(head.encode())  # and never the body
        async with asyncio.timeout(5):
            assert (await reader.readline()).startswith(b"HTTP/1.1 429")
    finally:
        writer.close()


async def iter_of(content: bytes) -> Any:
    yield content


async def test_a_service_is_told_the_callers_address(gateway: RunningGateway) -> None:
    lie = {"X-Otklik-Caller": "192.0.2.9"}
    told = sent_on(await gateway.client.get("/api/v1/widget/x", headers=lie))
    assert told["headers"]["x-otklik-caller"] == "127.0.0.1"
    for path in (V2, "/api/v1/track/x"):
        assert "x-otklik-caller" not in sent_on(await gateway.client.get(path, headers=lie))["headers"], path


async def test_a_widgets_service_says_which_pages_read_it(
    start_gateway: StartGateway, services: Services
) -> None:
    site = "https://portal.example.ru"
    gateway = await start_gateway(allowed_origins=site)
    await services.start("intake")
    asks = {"Origin": site, "Access-Control-Request-Method": "POST"}
    asked = await gateway.client.options("/api/v1/widget/x/appeals", headers=asks)
    assert asked.json()["method"] == "OPTIONS", "it is the service that answers"
    for answer in (asked, await gateway.client.get("/api/v1/widget/x", headers={"Origin": site})):
        assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    ("pairs", "key", "others"),
    [
        (b"", None, b""),
        (b"a=1", None, b"a=1"),
        (b"api_key=k", "k", b""),
        (b"a=1&api_key=k%2B&b=2&api_key=z", "k+", b"a=1&b=2"),
        (b"api_key=&a", None, b"a"),
        (b"api_keys=k", None, b"api_keys=k"),
        (b"api_key=%ff", "\ufffd", b""),
    ],
)
def test_taking_the_key_out(pairs: bytes, key: str | None, others: bytes) -> None:
    assert take_key(pairs) == (key, others)


_PARTS = st.sampled_from([b"api_key=k", b"api_key", b"api_key=", b"a=1", b"api_keys=1"]) | st.binary(
    max_size=20
)


@given(pairs=st.lists(_PARTS, max_size=8).map(b"&".join))
def test_any_bytes_may_stand_there(pairs: bytes) -> None:
    _, others = take_key(pairs)
    assert b"api_key" not in {part.partition(b"=")[0] for part in others.split(b"&")}
    assert take_key(others) == (None, others)
