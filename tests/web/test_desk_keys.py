"""An act at the desk that was refused keeps its key; forms of other acts have one of their own."""

from __future__ import annotations

from tests.web.stand_in import FORM_KEY, PERSON_ID, StandIn, hidden_in, open_pages, person
from tests.web.things import ASSIGNMENT_ID, HERE, assignment


async def test_the_form_that_was_refused_keeps_its_key() -> None:
    item = assignment(status="accepted", person=str(PERSON_ID))
    platform = StandIn(
        {
            f"GET /assignments/{ASSIGNMENT_ID}": item,
            "GET /people/colleagues": {"items": []},
            f"POST /assignments/{ASSIGNMENT_ID}/clarify": (503, "unavailable"),
        }
    )
    async with open_pages(platform, person(role="agency", organisation_id=ASSIGNMENT_ID)) as browser:
        sent = {"form_key": FORM_KEY, "version": "3", "key": "mine", "question": "Где?"}
        page = (await browser.post(f"{HERE}/clarify", data=sent)).text
    assert hidden_in(page, f"{HERE}/clarify")["key"] == "mine"
    assert hidden_in(page, f"{HERE}/answer")["key"] not in ("", "mine")
