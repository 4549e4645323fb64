"""An answer that waits for a second signature is signed at the desk, by who may; others read whose turn it is."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.stand_in import FORM_KEY, StandIn, hidden_in, open_pages, person
from tests.web.things import ASSIGNMENT_ID, HERE, assignment

_ANSWER_ID = "0190c42e-0000-7000-8000-0000000000a2"
_ORGANISATION_ID = "0190c42e-0000-7000-8000-0000000000a3"


def _unsigned(*, waits_for: str | None, may_sign: bool) -> dict[str, Any]:
    return {
        "id": _ANSWER_ID,
        "text": "Яма заделана.",
        "interim": False,
        "outcome": "solved",
        "promised_on": None,
        "cycle": 1,
        "answered_at": "2026-11-29T09:43:18+03:00",
        "state": "in_review",
        "waits_for": waits_for,
        "may_sign": may_sign,
    }


def _platform(*, waits_for: str | None, may_sign: bool) -> StandIn:
    return StandIn(
        {
            f"GET /assignments/{ASSIGNMENT_ID}": assignment(
                status="in_review", answers=[_unsigned(waits_for=waits_for, may_sign=may_sign)]
            ),
            "GET /people/colleagues": {"items": []},
            f"POST /answers/{_ANSWER_ID}/sign": {},
        }
    )


_OFFICIAL = person(role="agency", organisation_id=_ORGANISATION_ID)


async def test_a_colleague_signs() -> None:
    platform = _platform(waits_for="signature", may_sign=True)
    async with open_pages(platform, _OFFICIAL) as browser:
        page = (await browser.get(HERE)).text
        assert "Подписать" in page
        answer = await browser.post(f"{HERE}/sign", data=hidden_in(page, f"{HERE}/sign"))
        assert answer.headers["location"].startswith(f"{HERE}?")
        assert "Ответ подписан" in (await browser.get(answer.headers["location"])).text
        platform.answers[f"POST /answers/{_ANSWER_ID}/sign"] = (
            409,
            "not-allowed-now",
            "Ответ не ждёт подписи.",
        )
        answer = await browser.post(f"{HERE}/sign", data=hidden_in(page, f"{HERE}/sign"))
        assert (answer.status_code, "Ответ не ждёт подписи. Обновите страницу." in answer.text) == (409, True)
        answer = await browser.post(f"{HERE}/sign", data={"form_key": FORM_KEY, "answer": ASSIGNMENT_ID})
        assert (answer.status_code, "больше не ждёт подписи" in answer.text) == (409, True)
    assert len(platform.keys("POST", f"/answers/{_ANSWER_ID}/sign")) == 2


@pytest.mark.parametrize(
    ("waits_for", "words"), [("signature", "Ответ ждёт второй подписи"), ("review", "Ответ на проверке")]
)
async def test_others_read_whose_turn_it_is(waits_for: str, words: str) -> None:
    async with open_pages(_platform(waits_for=waits_for, may_sign=False), _OFFICIAL) as browser:
        page = (await browser.get(HERE)).text
    assert words in page
    assert "Подписать" not in page
