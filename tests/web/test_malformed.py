"""What a browser would never send is answered as foreign or unknown, not with an error of ours."""

from __future__ import annotations

import pytest

from tests.web.conftest import Served

UNREADABLE = ("http://[", "http://[::1", "https://x]/y", "//[")


@pytest.mark.parametrize("address", UNREADABLE)
async def test_an_origin_that_is_no_address_is_foreign(served: Served, address: str) -> None:
    answer = await served.client.post("/", headers={"Origin": address})
    assert (answer.status_code, answer.text) == (403, "Форма отправлена с чужой страницы.")


@pytest.mark.parametrize("address", UNREADABLE)
async def test_who_wants_to_go_on_to_no_address_goes_home(served: Served, address: str) -> None:
    answer = await served.client.get("/sign-in", params={"wanted": address})
    assert answer.status_code == 200
    answer = await served.client.post("/sign-in", data={"wanted": address, "login": "a", "password": "b"})
    assert answer.status_code < 500


@pytest.mark.parametrize("address", UNREADABLE)
async def test_a_sender_that_is_no_address_is_no_page_to_come_back_to(served: Served, address: str) -> None:
    answer = await served.client.post("/desk/next", headers={"Referer": address})
    assert answer.status_code == 200
    assert "Вход для сотрудников" in answer.text


async def test_a_query_of_odd_bytes_is_no_error(served: Served) -> None:
    for path in ("/desk?a=%ff%00[", "/desk/a/[?wanted=http://[", "/track/["):
        assert (await served.client.get(path)).status_code < 500
