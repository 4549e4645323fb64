"""What the workplace of an organisation decides by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.routing.assignments.rules.statuses import TRANSITIONS, Action
from web.desk import rules
from web.desk.case_views import Deadlines
from web.desk.rules import Filters
from web.desk.views import Answer, Assignment, Details, Explanation
from web.desk.works import instant_of

# Moscow's evening: 22:00 there.
NOW = datetime(2026, 12, 1, 19, 0, tzinfo=UTC)
ID = UUID("01a22d53-c388-772a-80c3-6f46a26df21b")


def assignment(**changes: Any) -> Assignment:
    """Something in the queue."""
    return Assignment.model_validate(
        {
            "id": ID,
            "appeal_id": ID,
            "number": "46-2026-0000001",
            "region": "46",
            "status": "new",
            "role": "lead",
            "topic": None,
            "topic_name": None,
            "channel": "portal",
            "regime": "message",
            "importance": "normal",
            "text": "Яма",
            "address": None,
            "due_at": None,
            "due_on": None,
            "due_reason": None,
            "received_at": NOW,
            "hops": 0,
            "cycle": 1,
            "lease_expires_at": None,
            "person": None,
            "unaccepted_since": None,
            "version": 1,
            **changes,
        }
    )


@pytest.mark.parametrize(
    ("act", "actions"),
    [
        ("accept", [Action.ACCEPT]),
        ("answer", [Action.ANSWER]),
        ("interim", [Action.INTERIM]),
        ("clarify", [Action.CLARIFY]),
        ("redirect", [Action.REDIRECT]),
        ("extension", [Action.REQUEST_EXTENSION]),
    ],
)
def test_pages_offer_what_the_platform_allows(act: str, actions: list[Action]) -> None:
    for action in actions:
        assert set(rules.ALLOWED[act]) == set(TRANSITIONS[action])


@pytest.mark.parametrize(
    ("hours", "expected"), [(-1, "overdue"), (1, "today"), (3, "soon"), (24 * 3, "soon"), (24 * 4, "later")]
)
def test_how_near_a_deadline_is_is_told_by_the_regions_days(hours: int, expected: str) -> None:
    assert rules.urgency(NOW + timedelta(hours=hours), NOW, "46") == expected


def test_a_deadline_that_is_not_known_is_not_urgent() -> None:
    assert rules.urgency(None, NOW, "46") == "unknown"


def test_filters_keep_what_is_understood() -> None:
    asked = {"status": "nonsense", "due": "today", "mine": "1", "topic": "holes & co"}
    filters = Filters.of(asked)
    assert (filters.status, filters.due, filters.mine, filters.topic) == ("", "today", True, "holes & co")
    assert rules.filters_in(filters.query()) == filters
    assert not Filters().any


def test_until_when_a_filter_looks() -> None:
    assert Filters().due_before(NOW, "46") is None
    assert Filters(due="overdue").due_before(NOW, "46") == NOW.isoformat()
    assert Filters(due="today").due_before(NOW, "46") == "2026-12-02T00:00:00+03:00"
    assert Filters(due="week").due_before(NOW, "46") == "2026-12-09T00:00:00+03:00"


@pytest.mark.parametrize("asked", ["https://evil.example", "//evil", "status=nonsense&x=1", ""])
def test_where_a_page_came_from_is_never_somebody_elses_word(asked: str) -> None:
    assert rules.origin_of(asked) == ""


def test_the_next_one_waits_for_us_and_is_free() -> None:
    others = [UUID(int=number) for number in range(4)]
    items = [
        assignment(),
        assignment(id=others[0], status="clarifying"),
        assignment(id=others[1], lease_expires_at=NOW + timedelta(minutes=1)),
        assignment(id=others[2], status="accepted", lease_expires_at=NOW - timedelta(minutes=1)),
        assignment(id=others[3]),
    ]
    found = rules.next_of(items, ID, NOW)
    assert found is not None
    assert found.id == others[2]
    assert rules.next_of(items[:3], ID, NOW) is None


def test_what_was_chosen_is_read_once_each_and_nonsense_left_out() -> None:
    sent = [f"{ID}:3:46-2026-0000001", f"{ID}:3:46-2026-0000001", "-" * 36 + ":1:", "x", f"{ID}:1:<b>"]
    assert rules.read_chosen(sent) == [rules.Chosen(ID, 3, "46-2026-0000001")]


def test_a_number_is_shown_only_if_it_is_one() -> None:
    assert rules.number_shown("46-2026-0005682") == "46-2026-0005682"
    assert rules.number_shown("46-2026-0005682 <b>") == ""


def test_the_answer_that_came_back_is_the_last_of_this_round() -> None:
    def answer(number: int, state: str, cycle: int = 1) -> Answer:
        return Answer(
            id=UUID(int=number),
            text="",
            interim=False,
            outcome="solved",
            promised_on=None,
            cycle=cycle,
            answered_at=NOW,
            state=state,
        )

    def details(*answers: Answer, cycle: int = 1) -> Details:
        shown = assignment(cycle=cycle).model_dump()
        more = {"explanation": Explanation(), "hops_history": [], "clarifications": [], "answers": answers}
        return Details.model_validate(shown | more)

    assert details().last_returned() is None
    returned = details(answer(1, "published"), answer(2, "returned")).last_returned()
    assert returned is not None
    assert returned.id == UUID(int=2)
    assert details(answer(1, "returned"), answer(2, "in_review")).last_returned() is None
    assert details(answer(1, "returned"), cycle=2).last_returned() is None


def test_deadlines_of_one_assignment_come_in_order() -> None:
    def deadline(clock: str, hours: int, state: str = "running", of: UUID = ID) -> dict[str, Any]:
        due = NOW + timedelta(hours=hours)
        return {
            "clock": clock,
            "assignment_id": of,
            "due_at": due,
            "due_on": due.date(),
            "state": state,
            "explanation": [],
        }

    found = Deadlines.model_validate(
        {
            "items": [
                deadline("answer", 9),
                deadline("react", 1),
                deadline("promise", 3, "cancelled"),
                deadline("documents", 2, of=UUID(int=9)),
            ]
        }
    )
    assert [each.clock for each in found.of(ID)] == ["react", "answer"]


def test_times_of_a_form_are_the_regions() -> None:
    assert instant_of("2026-12-01T10:00", "46") == "2026-12-01T07:00:00+00:00"
    assert instant_of("2026-12-01T10:00", "54") == "2026-12-01T03:00:00+00:00"
    assert instant_of("2026-12-01T10:00", "") == "2026-12-01T07:00:00+00:00"
    for nonsense in ("tomorrow", "", "0001-01-01T00:00"):
        assert instant_of(nonsense, "46") == nonsense


@pytest.mark.parametrize(("typed", "days"), [("10", 10), ("", 0), ("-1", 0), ("ten", 0), ("9" * 5000, 0)])
def test_days_are_a_short_number(typed: str, days: int) -> None:
    assert rules.days_asked(typed) == days
