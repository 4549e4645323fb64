"""A question that the citizen does not answer: whoever waits for the reply, or watches over that, goes on without it."""

from __future__ import annotations

from typing import Any

from tests.web.stand_in import FORM_KEY, StandIn, hidden_in, open_pages, person
from tests.web.things import ASSIGNMENT_ID, HERE, assignment

_RESUME = f"POST /assignments/{ASSIGNMENT_ID}/resume"
_AT_THE_CENTRE = f"/centre/assignments/{ASSIGNMENT_ID}/resume"
_HOLDER = {"id": ASSIGNMENT_ID, "name": "Горсвет"}
_SENT = {"form_key": FORM_KEY, "version": "3", "once": "mine"}


def _platform(answer: Any = None) -> StandIn:
    waiting = assignment(status="clarifying", version=3, organisation=_HOLDER)
    return StandIn(
        {
            f"GET /assignments/{ASSIGNMENT_ID}": waiting,
            "GET /people/colleagues": {"items": []},
            _RESUME: answer or assignment(status="accepted", version=4, organisation=_HOLDER),
        }
    )


async def test_an_official_goes_on_without_the_reply() -> None:
    platform = _platform()
    async with open_pages(platform, person(role="agency", organisation_id=ASSIGNMENT_ID)) as browser:
        page = (await browser.get(HERE)).text
        assert "Продолжить без ответа" in page
        answer = await browser.post(f"{HERE}/resume", data=hidden_in(page, f"{HERE}/resume"))
        assert answer.headers["location"].startswith(f"{HERE}?")
        assert "Продолжаем без ответа заявителя" in (await browser.get(answer.headers["location"])).text
        platform.answers[f"GET /assignments/{ASSIGNMENT_ID}"] = assignment(status="accepted")
        assert "Продолжить без ответа" not in (await browser.get(HERE)).text


async def test_a_coordinator_does() -> None:
    platform = _platform()
    async with open_pages(platform, person()) as browser:
        answer = await browser.post(_AT_THE_CENTRE, data=_SENT)
    assert answer.status_code == 200
    assert "46-1: работа продолжается без ответа гражданина." in answer.text
    assert platform.sent("POST", f"/assignments/{ASSIGNMENT_ID}/resume") == [{}]


async def test_a_coordinator_whom_the_citizen_forestalled_is_told_so() -> None:
    platform = _platform((409, "not-allowed-now", "В состоянии «в работе» этого сделать нельзя."))
    async with open_pages(platform, person()) as browser:
        answer = await browser.post(_AT_THE_CENTRE, data=_SENT)
    assert answer.status_code == 409
    assert "этого сделать нельзя" in answer.text
