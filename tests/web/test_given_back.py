"""A refused act on many gives back what was written and ticked, without scripts, too."""

from __future__ import annotations

from uuid import UUID

import pytest

from tests.web.conftest import Served
from tests.web.stand_in import FORM_KEY
from tests.web.things import assignment

ID = str(UUID(int=5))
OTHER = str(UUID(int=6))
COUNTS = {
    "assignments": 2,
    "whole": True,
    "overdue": 0,
    "due_today": 0,
    "statuses": [],
    "topics": [],
    "persons": [],
}
FORM = {
    "form_key": FORM_KEY,
    "key": "mine",
    "action": "answer",
    "chosen": f"{ID}:1:46-1",
    "text": "Двор убран, следы песка видны",
    "outcome": "postponed",
    "promised_on": "2026-12-09",
    "comment": "Не наша улица",
}


@pytest.mark.parametrize(
    ("changes", "status"),
    [({}, 503), ({"chosen": ""}, 422), ({"action": "assign"}, 422), ({"action": "redirect"}, 503)],
)
async def test_the_common_answer_comes_back(served: Served, changes: dict[str, str], status: int) -> None:
    served.sign_in("agency")
    items = [assignment(each) for each in (ID, OTHER)]
    served.answer("GET /queue", {"items": items, "next_cursor": None})
    served.answer("GET /queue/counts", COUNTS)
    served.answer("GET /people/colleagues", {"items": []})
    served.fail("POST /assignments/bulk", 503)
    answer = await served.client.post("/desk/bulk?status=accepted", data=FORM | changes)
    assert answer.status_code == status
    for written in (
        "Двор убран, следы песка видны</textarea>",
        "Не наша улица</textarea>",
        'value="2026-12-09"',
    ):
        assert written in answer.text
    assert 'name="key" value="mine"' in answer.text, "it may have been done all the same"
    assert '<option value="postponed" selected>' in answer.text
    assert '<option value="accepted" selected>' in answer.text
    assert 'action="/desk/bulk?status=accepted"' in answer.text
    assert answer.text.count('aria-label="Отметить 46-1" checked>') == (0 if "chosen" in changes else 1)
