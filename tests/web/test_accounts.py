"""A closed account stays closed while it is changed; it is opened again by a button of its own."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.stand_in import FORM_KEY, PERSON_ID, StandIn, hidden_in, open_pages, person

_PATH = f"/people/{PERSON_ID}"
_PAGE = f"/settings{_PATH}"


def _account(*, active: bool) -> dict[str, Any]:
    return {
        "id": str(PERSON_ID),
        "login": "petrova",
        "name": "Петрова Анна",
        "position": "Специалист",
        "email": None,
        "role": "coordinator",
        "regions": ["46"],
        "municipalities": [],
        "organisation_id": None,
        "active": active,
        "has_password": True,
        "has_code": False,
        "version": 7,
    }


@pytest.mark.parametrize("active", [False, True])
async def test_changing_an_account_leaves_it_open_or_closed(active: bool) -> None:
    platform = StandIn({f"GET {_PATH}": _account(active=active), f"PUT {_PATH}": {}})
    sent = {
        "form_key": FORM_KEY,
        "version": "7",
        "login": "petrova",
        "name": "Петрова А.",
        "role": "coordinator",
        "regions": "46",
    }
    async with open_pages(platform, person(role="admin", regions=["*"])) as browser:
        assert (await browser.post(_PAGE, data=sent)).status_code == 303
    assert [(each["name"], each["active"]) for each in platform.sent("PUT", _PATH)] == [
        ("Петрова А.", active)
    ]


async def test_a_closed_account_is_opened_by_a_button() -> None:
    platform = StandIn({f"GET {_PATH}": _account(active=False), f"PUT {_PATH}": {}})
    async with open_pages(platform, person(role="admin", regions=["*"])) as browser:
        page = (await browser.get(_PAGE)).text
        assert "Открыть доступ снова" in page
        answer = await browser.post(f"{_PAGE}/reopen", data=hidden_in(page, f"{_PAGE}/reopen"))
        assert answer.headers["location"] == _PAGE
        platform.answers[f"PUT {_PATH}"] = (412, "version-mismatch")
        answer = await browser.post(f"{_PAGE}/reopen", data=hidden_in(page, f"{_PAGE}/reopen"))
        assert (answer.status_code, "Пока вы смотрели" in answer.text) == (422, True)
    body = platform.sent("PUT", _PATH)[0]
    assert (body["active"], body["login"], body["position"]) == (True, "petrova", "Специалист")
