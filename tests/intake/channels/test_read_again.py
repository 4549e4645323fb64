"""What one version could not read, or not take, the next one reads: no citizen's comment is lost to a new form of a network."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest

from services.intake.channels.rules import vk
from services.intake.channels.rules.reading import Unreadable
from services.intake.workers import read_unread_again
from tests.intake.channels.payloads import vk_comment, vk_event
from tests.intake.channels.test_neighbours import FILLER, arrived

COMMENT = vk_event("wall_reply_new", vk_comment(1, text="Во дворе не горит фонарь"))
EDITED = vk_event("wall_reply_edit", vk_comment(1, text="Во дворе не горит второй фонарь"))
JOIN = vk_event("group_join", {"user_id": 501, "join_type": "join"})


@contextmanager
def older_version(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """One that does not know the network's new form."""

    def read(*_: object) -> Any:
        raise Unreadable("object.text")

    with monkeypatch.context() as patched:
        patched.setattr(vk, "read_event", read)
        yield


async def appeals_of(page: Any) -> list[Any]:
    """What came of the page, with when it was received, and the deliveries about it."""
    found: list[Any] = await page.rows(
        "SELECT a.received_at, array_agg(d.change ORDER BY d.at) AS changes FROM intake.appeal a "
        f"JOIN intake.channel_delivery d ON d.appeal_id = a.id WHERE d.connection_id = '{page.view['id']}' GROUP BY a.id, a.received_at"
    )
    return found


async def test_a_comment_of_a_new_form_is_an_appeal_after_the_update(
    watch: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = await watch("vk")
    with older_version(monkeypatch):
        await page.taken(COMMENT, JOIN)
        await read_unread_again(page.app.state.resources)
    assert await page.counts() == {"unread": 2}
    came = await page.rows(
        "SELECT date_trunc('milliseconds', received_at) AS at FROM intake.channel_delivery"
    )
    for _ in range(2):
        await read_unread_again(page.app.state.resources)
    assert await page.counts() == {"registered": 1, "service": 1}
    [appeal] = await appeals_of(page)
    assert appeal["changes"] == ["created"]
    assert {"at": appeal["received_at"]} in came, "its days are counted from when it came"
    await page.taken(COMMENT)
    assert await page.counts() == {"registered": 1, "service": 1, "repeated": 1}


async def test_what_was_taken_from_a_later_edit_is_no_second_appeal(
    watch: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = await watch("vk")
    with older_version(monkeypatch):
        await page.taken(COMMENT)
    await page.taken(EDITED)
    await read_unread_again(page.app.state.resources)
    [appeal] = await appeals_of(page)
    assert sorted(appeal["changes"]) == ["created", "edited"]
    assert await page.counts() == {"registered": 1, "waiting": 1}


async def test_what_still_cannot_be_taken_keeps_no_other_back(
    watch: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = await watch("ok")
    resources = page.app.state.resources
    connection = await resources.connections.find(UUID(page.view["id"]))
    bad = [arrived(resources.secrets, connection, number, FILLER, "created") for number in range(3)]
    assert await resources.deliveries.commit(bad) == ["unread"] * 3
    other = await watch("vk")
    with older_version(monkeypatch):
        await other.taken(COMMENT)
    await read_unread_again(resources)
    assert await page.counts() == {"unread": 3}
    assert await other.counts() == {"registered": 1}


async def test_replicas_that_begin_together_take_it_once(
    watch: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = await watch("vk")
    comments = [vk_event("wall_reply_new", vk_comment(number, author=number)) for number in range(1, 20)]
    with older_version(monkeypatch):
        await page.taken(*comments)
    await asyncio.gather(*(read_unread_again(page.app.state.resources) for _ in range(3)))
    assert await page.counts() == {"registered": 19}


async def test_of_a_page_that_is_not_watched_now_nothing_is_taken(
    watch: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = await watch("vk")
    with older_version(monkeypatch):
        await page.taken(COMMENT)
    path = f"/api/v1/channels/{page.view['id']}"
    stated = (await page.client.get(path, headers=page.admin)).json()
    version = {**page.admin, "If-Match": str(stated["version"])}
    paused = await page.client.put(path, json={**stated, "state": "paused"}, headers=version)
    assert paused.status_code == 200, paused.text
    await read_unread_again(page.app.state.resources)
    assert await page.counts() == {"unread": 1}
