"""A page is watched by one connection, whoever asks and whatever they may see."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.intake.channels.conftest import channel_body

PATH = "/api/v1/channels"


def page_of(number: int) -> dict[str, str]:
    """A page of VK."""
    return {"id": str(number), "url": f"https://vk.com/club{number}", "title": "Город"}


async def connect(client: Any, headers: Any, region: str, number: int, **changes: Any) -> Any:
    """Watch a page; the answer."""
    body = channel_body("vk", region=region, page=page_of(number), municipality=None, **changes)
    return await client.post(PATH, json=body, headers=headers)


def is_taken(answer: Any) -> bool:
    """Whether somebody else watches the page."""
    return (answer.status_code, answer.json()["type"]) == (409, "/problems/channel-exists")


async def test_a_page_that_another_region_watches_is_taken(app_client: Any, mint: Any) -> None:
    client, _ = await app_client("intake")
    one, other = mint.headers("admin", ["46"]), mint.headers("admin", ["59"])
    first = await connect(client, one, "46", 1)
    assert first.status_code == 201, first.text
    assert is_taken(await connect(client, one, "46", 1))
    assert is_taken(await connect(client, other, "59", 1))
    second = await connect(client, other, "59", 2)
    assert second.status_code == 201, second.text
    moved = {**second.json(), "page": page_of(1)}
    path, expected = f"{PATH}/{second.json()['id']}", {**other, "If-Match": "1"}
    refused = await client.put(path, json=moved, headers=expected)
    assert is_taken(refused)
    assert "46" not in refused.text, "whose it is nobody learns"
    assert (await client.get(path, headers=other)).json()["page"]["id"] == "2"
    gone = await client.delete(f"{PATH}/{first.json()['id']}", headers={**one, "If-Match": "1"})
    assert gone.status_code == 204
    assert (await client.put(path, json=moved, headers=expected)).status_code == 200


async def test_of_two_at_once_one_watches(app_client: Any, mint: Any) -> None:
    client, _ = await app_client("intake")
    answers = await asyncio.gather(
        *(connect(client, mint.headers("admin", [region]), region, 5) for region in ("46", "59"))
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409]


async def test_a_key_that_was_refused_serves_again(app_client: Any, mint: Any) -> None:
    client, _ = await app_client("intake")
    one, other = mint.headers("admin", ["46"]), mint.headers("admin", ["59"])
    first = await connect(client, one, "46", 7)
    keyed = {**other, "Idempotency-Key": "k1"}
    assert is_taken(await connect(client, keyed, "59", 7))
    await client.delete(f"{PATH}/{first.json()['id']}", headers={**one, "If-Match": "1"})
    assert (await connect(client, keyed, "59", 7)).status_code == 201
