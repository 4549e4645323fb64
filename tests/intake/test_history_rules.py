"""An appeal's state follows from what happened, not from the order in which it was heard."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.intake.history.rules.entries import HistoryEntry
from services.intake.history.rules.narrative import Registered, narrate, narrate_to_citizens
from services.intake.history.rules.projection import fold_appeal
from services.intake.tracking.rules import may_clarify, reopens

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
BODIES = [{"id": str(UUID(int=number)), "name": f"Орган {number}"} for number in (1, 2, 3)]
REGISTERED = Registered("46-2026-0000001", NOW)
TOPIC = {"code": "roads", "name": "Дороги", "group": "g", "group_name": "G"}
FIRST, SECOND = UUID(int=101), UUID(int=102)


def entry(
    kind: str, minute: int, assignment: UUID | None = FIRST, sequence: int = 0, **data: Any
) -> HistoryEntry:
    event_id = UUID(int=minute * 1000 + hash(kind) % 997 + (assignment.int if assignment else 0))
    return HistoryEntry(event_id, kind, NOW + timedelta(minutes=minute), sequence or minute, assignment, data)


def created(
    minute: int = 1, assignment: UUID = FIRST, body: int | None = 0, role: str = "lead"
) -> HistoryEntry:
    organisation: Any = {} if body is None else {"organisation": BODIES[body]}
    return entry("created", minute, assignment, role=role, topic=TOPIC, **organisation)


def answered(minute: int, assignment: UUID = FIRST, outcome: str = "solved", **data: Any) -> HistoryEntry:
    return entry(
        "answered",
        minute,
        assignment,
        answer_id=str(UUID(int=minute)),
        organisation=BODIES[0],
        outcome=outcome,
        text="Ответ",
        **data,
    )


def deadline(minute: int, day: str, assignment: UUID | None = FIRST, sequence: int = 1) -> HistoryEntry:
    clock = {"clock": "answer", "cycle": 1, "state": "running", "due_on": day, "reason": f"до {day}"}
    return entry("deadline_set", minute, assignment, sequence, lead=True, clocks=[clock])


def status_of(*entries: HistoryEntry, on_moderation: bool = False) -> str:
    return fold_appeal(entries, on_moderation=on_moderation).state.status


@pytest.mark.parametrize(
    ("history", "status"),
    [
        ([], "registered"),
        ([created(body=None)], "registered"),
        ([created()], "in_work"),
        ([created(), entry("accepted", 2)], "in_work"),
        ([created(), answered(2)], "answered"),
        ([created(), answered(2, outcome="explained")], "answered"),
        ([created(), answered(2, outcome="refused")], "refused"),
        ([created(), answered(2, outcome="postponed", promised_on="2027-05-01")], "postponed"),
        ([created(), answered(2), entry("appeal_reopened", 3, answer_id=str(UUID(int=2)))], "reopened"),
        ([created(), answered(2), entry("reopened", 3, answer_id=str(UUID(int=2)))], "reopened"),
        (
            [created(), answered(2), entry("appeal_reopened", 3, answer_id=str(UUID(int=2))), answered(4)],
            "answered",
        ),
        ([created(), entry("cancelled", 2)], "closed"),
        (
            [
                created(),
                entry("redirected", 2, organisation=BODIES[0]),
                created(3, SECOND, 1),
                entry("cancelled", 4, SECOND),
            ],
            "closed",
        ),
        (
            [
                created(),
                created(2, SECOND, 1, role="co_executor"),
                answered(3, SECOND),
                entry("cancelled", 4),
            ],
            "closed",
        ),
        ([created(), entry("withdrawn", 2, None)], "withdrawn"),
        ([created(), entry("moderated", 2, None, decision="reject", reason="мат")], "rejected"),
        ([created(), entry("redirected", 2, organisation=BODIES[0]), created(3, SECOND, 1)], "in_work"),
        ([created(), answered(2), created(3, SECOND, 1, role="co_executor")], "answered"),
        ([created(), answered(2), created(3, SECOND, 1)], "in_work"),
    ],
)
def test_statuses(history: list[HistoryEntry], status: str) -> None:
    assert status_of(*history) == status


def test_moderation_holds_the_status_until_a_decision() -> None:
    assert status_of(created(), on_moderation=True) == "on_moderation"
    assert (
        status_of(created(), entry("moderated", 2, None, decision="accept", reason=""), on_moderation=True)
        == "in_work"
    )


def test_the_lead_governs_topic_body_and_deadline() -> None:
    history = [
        created(1),
        created(2, SECOND, 1, role="co_executor"),
        deadline(3, "2026-12-21"),
        deadline(4, "2026-12-01", SECOND),
        deadline(5, "2026-12-25", sequence=2),
    ]
    state = fold_appeal(history).state
    assert (state.organisation_name, state.topic_code) == ("Орган 1", "roads")
    assert (state.due_on, state.due_reason) == (date(2026, 12, 25), "до 2026-12-25")


def test_the_sequence_of_an_assignment_beats_the_clock() -> None:
    """The publisher's clock may have been set back between two facts; its version was not."""
    answer = answered(5)
    accepted_before = HistoryEntry(UUID(int=9), "accepted", NOW + timedelta(minutes=7), 3, FIRST, {})
    assert status_of(created(), answer, accepted_before) == "answered"


def test_holders_are_those_whose_assignment_goes_on() -> None:
    history = [
        created(1),
        entry("redirected", 2, organisation=BODIES[0]),
        created(3, SECOND, 1),
        entry(
            "corrected",
            4,
            SECOND,
            organisation=BODIES[2],
            previous_organisation_id=BODIES[1]["id"],
            reason="",
        ),
    ]
    assert fold_appeal(history).holders == {UUID(int=1): False, UUID(int=2): False, UUID(int=3): True}


def test_what_went_back_to_triage_is_nobodys() -> None:
    history = [created(), entry("corrected", 2, previous_organisation_id=BODIES[0]["id"], topic=TOPIC)]
    projection = fold_appeal(history)
    assert projection.state.organisation_id is None
    assert projection.assignments[0].status.name == "TRIAGE"
    assert projection.holders == {UUID(int=1): False}
    assert narrate(history, REGISTERED)[-1].what == "Вопрос снова распределяет координатор"


@st.composite
def histories(draw: st.DrawFn) -> list[HistoryEntry]:
    """Plausible and implausible histories of two assignments, several facts at the same minute."""
    minute = st.integers(1, 6)
    assignment = st.sampled_from([FIRST, SECOND])
    body = st.sampled_from([0, 1, 2])
    kinds = [
        st.builds(created, minute, assignment, body | st.none(), st.sampled_from(["lead", "co_executor"])),
        st.builds(answered, minute, assignment, st.sampled_from(["solved", "refused", "postponed"])),
        st.builds(
            deadline, minute, st.sampled_from(["2026-12-01", "2026-12-02"]), assignment | st.none(), minute
        ),
        st.builds(lambda m, a: entry("accepted", m, a, organisation=BODIES[0]), minute, assignment),
        st.builds(lambda m, a: entry("redirected", m, a, organisation=BODIES[0]), minute, assignment),
        st.builds(lambda m, a: entry("cancelled", m, a, reason=""), minute, assignment),
        st.builds(
            lambda m, n: entry("appeal_reopened", m, FIRST, answer_id=str(UUID(int=n)), reason=""),
            minute,
            minute,
        ),
        st.builds(lambda m: entry("moderated", m, None, decision="accept", reason=""), minute),
    ]
    found = draw(st.lists(st.one_of(kinds), max_size=12))
    return list({item.event_id: item for item in found}.values())


@given(histories(), st.randoms(use_true_random=False), st.booleans())
@settings(max_examples=300, deadline=None)
def test_order_and_doubles_do_not_matter(
    history: list[HistoryEntry], random: Any, on_moderation: bool
) -> None:
    arrived: Sequence[HistoryEntry] = [*history, *random.sample(history, len(history) // 2)]
    random.shuffle(arrived)
    assert fold_appeal(arrived, on_moderation=on_moderation) == fold_appeal(
        history, on_moderation=on_moderation
    )
    said = narrate(history, REGISTERED)
    shuffled = list(history)
    random.shuffle(shuffled)
    assert narrate(shuffled, REGISTERED) == said
    assert narrate_to_citizens(shuffled, REGISTERED) == narrate_to_citizens(history, REGISTERED)


def test_history_speaks_russian_and_tells_a_deadline_once() -> None:
    history = [
        created(),
        deadline(2, "2026-12-21"),
        deadline(3, "2026-12-21", sequence=2),
        entry("deadline_breached", 4, clock="answer", cycle=1, version=1),
        entry("deadline_corrected", 5, clock="answer", cycle=1, version=1, reason="ответ был дан вовремя"),
        answered(6),
    ]
    sentences = [line.what for line in narrate(history, REGISTERED)]
    assert sentences == [
        "Обращение зарегистрировано под номером 46-2026-0000001",
        "Направлено ответственному исполнителю: Орган 1",
        "Срок ответа – до 21.12.2026",
        "Отметка о нарушении срока снята",
        "Орган 1: дан ответ – вопрос решён",
    ]


@pytest.mark.parametrize("kind", ["deadline_reminded", "deadline_escalated"])
def test_who_is_told_of_a_deadline_is_named_in_russian(kind: str) -> None:
    for whom, said in (("executor", "исполнителю"), ("head", "руководителю"), ("federal", "федеральному")):
        (_, line) = narrate([created(), entry(kind, 2, whom=whom)], REGISTERED)[-2:]
        assert f": {said}" in line.what


@pytest.mark.parametrize(
    ("score", "solved", "days", "expected"),
    [
        (5, True, 1, False),
        (2, True, 1, True),
        (5, False, 1, True),
        (1, False, 30, True),
        (1, False, 31, False),
    ],
)
def test_reopening_window(score: int, solved: bool, days: int, expected: bool) -> None:
    assert reopens(score, solved, NOW, NOW + timedelta(days=days), 30) is expected


def test_a_question_may_be_answered_once() -> None:
    asked = entry("clarification_asked", 2, organisation=BODIES[0], question="Где?")
    said = entry("clarified", 3, None, text="Там")
    assert may_clarify("in_work", [created(), asked])
    assert not may_clarify("in_work", [created(), asked, said])
    assert not may_clarify("in_work", [created()])
