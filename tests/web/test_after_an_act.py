"""What follows an act that is done may fail: the page says that it is done all the same."""

from __future__ import annotations

from uuid import UUID

import pytest

from tests.web.conftest import Served
from tests.web.stand_in import FORM_KEY

ID = str(UUID(int=5))
ACTED = {"id": ID, "number": "46-1", "status": "answered", "version": 2}
FORM = {
    "form_key": FORM_KEY,
    "version": "1",
    "key": "once",
    "text": "Дорога отремонтирована",
    "outcome": "solved",
}
REFUSALS = (0, 401, 403, 404, 409, 429, 503)
PROBLEM = {
    "id": ID,
    "region": "46",
    "kind": "surge",
    "topic": None,
    "topic_name": None,
    "place": None,
    "organisation": None,
    "started_on": "2026-11-01",
    "detected_on": "2026-11-02",
    "observed": 10,
    "expected": 2,
    "state": "new",
    "evidence_count": 10,
    "version": 1,
}
DECISION = dict.fromkeys(
    ("text", "due_on", "started_on", "topic", "municipality", "organisation", "effect", "effect_note")
) | {
    "id": ID,
    "region": "46",
    "problem_id": ID,
    "title": "Чистить",
    "owner": "Комитет",
    "state": "planned",
    "metric": "received",
    "version": 1,
}


@pytest.mark.parametrize("refusal", REFUSALS)
@pytest.mark.parametrize(("origin", "next_one"), [("next", "POST /queue/claim"), ("", "GET /queue")])
async def test_an_answer_that_was_sent_is_sent_though_there_is_no_next_one(
    served: Served, origin: str, next_one: str, refusal: int
) -> None:
    served.sign_in("agency")
    served.answer(f"POST /assignments/{ID}/answer", ACTED)
    served.fail(next_one, refusal)
    answer = await served.client.post(f"/desk/a/{ID}/answer", data=FORM | {"origin": origin})
    assert served.was_asked(next_one)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/desk?done=answer&n=46-1&sent={ID}")


@pytest.mark.parametrize("refusal", REFUSALS)
async def test_what_was_accepted_is_accepted_though_it_is_nobodys_own(served: Served, refusal: int) -> None:
    served.sign_in("agency")
    served.answer(f"POST /assignments/{ID}/accept", ACTED)
    served.fail(f"POST /assignments/{ID}/assign", refusal)
    answer = await served.client.post(f"/desk/a/{ID}/accept", data=FORM)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/desk/a/{ID}?from=&done=taken"


@pytest.mark.parametrize("refusal", REFUSALS)
async def test_a_decision_stands_though_its_problem_is_not_marked(served: Served, refusal: int) -> None:
    served.sign_in("analyst")
    served.answer(f"GET /analytics/problems/{ID}", PROBLEM)
    served.answer("POST /analytics/decisions", DECISION)
    served.fail(f"POST /analytics/problems/{ID}/state", refusal)
    form = {"form_key": FORM_KEY, "title": "Чистить", "owner": "Комитет"}
    answer = await served.client.post("/room/decide", params={"problem": ID}, data=form)
    assert (answer.status_code, answer.headers.get("location")) == (303, f"/room/decisions/{ID}")


@pytest.mark.parametrize("refusal", REFUSALS)
async def test_a_secret_is_shown_though_the_list_of_clients_does_not_come(
    served: Served, refusal: int
) -> None:
    served.sign_in("admin")
    served.fail("GET /clients", refusal)
    for line, path in (("POST /clients", ""), ("POST /clients/x/secret", "/x/secret")):
        served.answer(line, {"client_id": "x", "client_secret": "shown once"})
        answer = await served.client.post(
            f"/settings/clients{path}", data={"form_key": FORM_KEY, "name": "x"}
        )
        assert (answer.status_code, "shown once" in answer.text) == (200, True)


async def test_an_interim_answer_that_was_sent_is_no_draft_any_more(served: Served) -> None:
    served.sign_in("agency")
    served.answer(f"POST /assignments/{ID}/interim", ACTED)
    answer = await served.client.post(f"/desk/a/{ID}/interim", data=FORM)
    assert answer.headers["location"] == f"/desk/a/{ID}?from=&done=interim&sent={ID}"
