"""A form that is sent twice is sent once."""

from __future__ import annotations

import asyncio

import pytest

from web.citizen.sending import Sendings
from web.citizen.views import Sent
from web.platform.problems import Unreachable


class Counted:
    """Sends when it is let, and counts how often it was asked to."""

    def __init__(self) -> None:
        self.let = asyncio.Event()
        self.times = 0

    async def send(self) -> Sent:
        self.times += 1
        await self.let.wait()
        return Sent(tracking_code=f"code {self.times}")


async def test_a_double_click_has_one_receipt_even_when_the_first_browser_hangs_up() -> None:
    sendings, counted = Sendings(), Counted()
    first = asyncio.create_task(sendings.once(b"a", counted.send))
    second = asyncio.create_task(sendings.once(b"a", counted.send))
    await asyncio.sleep(0)
    first.cancel()
    counted.let.set()
    assert (await second).tracking_code == "code 1"
    assert (await sendings.once(b"a", counted.send)).tracking_code == "code 1"
    assert (await sendings.once(b"b", counted.send)).tracking_code == "code 2"


async def test_what_has_failed_is_tried_again_and_what_is_old_is_purged() -> None:
    now = [0.0]
    sendings, counted = Sendings(lambda: now[0]), Counted()
    counted.let.set()

    async def fail() -> Sent:
        raise Unreachable

    with pytest.raises(Unreachable):
        await sendings.once(b"a", fail)
    assert (await sendings.once(b"a", counted.send)).tracking_code == "code 1"
    now[0] = 3600.0
    assert (await sendings.once(b"a", counted.send)).tracking_code == "code 2"
