"""What is taken back has never been: an incident that is undone leaves its appeals the clocks they had."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from services.sla.clocks.rules import facts as f
from services.sla.clocks.rules.fact_codec import dump_fact, parse_fact
from services.sla.clocks.rules.fold import Clock
from tests.conftest import FULL
from tests.sla.story import at, created, due, fold, on, registered

_REACT = "one:react:1"


def _moves(*moments: str, first: int = 2) -> list[f.Fact]:
    """To a lead and back, two by two."""
    return [
        on(
            f.AssignmentCorrected,
            moment,
            organisation_id="body" if number % 2 else "lead",
            sequence=first + number,
            back_to=first + number - 2 if number % 2 else None,
        )
        for number, moment in enumerate(moments)
    ]


def test_an_incident_that_is_undone_leaves_the_term() -> None:
    alone = [registered(), created(sequence=1), on(f.AssignmentAccepted, "2026-09-01T11:00", sequence=2)]
    moves = _moves("2026-09-25T10:00", "2026-09-26T10:00", first=3)
    again = on(f.AssignmentAccepted, "2026-09-26T10:00", sequence=5)
    now = at("2026-09-26T12:00")
    before, after = fold(alone, now), fold([*alone, *moves, again], now)
    assert after == before
    assert fold([*alone, moves[0]], now)["one:answer:1"].due_on != before["one:answer:1"].due_on


def test_who_had_not_reacted_has_the_time_that_was_left() -> None:
    facts = [registered(), created(sequence=1), *_moves("2026-09-01T12:00", "2026-09-03T12:00")]
    now = at("2026-09-03T12:30")
    alone, after = fold(facts[:2], now), fold(facts, now)
    assert after.keys() == alone.keys()
    assert (due(alone[_REACT]), due(after[_REACT])) == ("2026-09-02T10:05:00", "2026-09-04T10:05:00")
    assert after[_REACT].state == "running"
    late = fold([*facts[:2], *_moves("2026-09-02T12:00", "2026-09-03T12:00")], now)[_REACT]
    assert (late.state, late.due_at) == ("breached", alone[_REACT].due_at), "it was late before it was moved"


def test_what_waited_for_an_organisation_waits_again() -> None:
    facts = [registered("statutory"), created(body=None, regime="statutory", sequence=1)]
    given_away = [
        on(f.AssignmentCorrected, "2026-09-02T09:00", organisation_id="lead", sequence=2),
        on(f.AssignmentCorrected, "2026-09-02T10:00", to_triage=True, sequence=3, back_to=1),
    ]
    now = at("2026-09-04T12:00")
    assert fold([*facts, *given_away], now) == fold(facts, now)


def test_going_back_that_is_taken_back_leaves_the_first_move() -> None:
    """To a lead, back, and in the same act to that lead again."""
    start = [registered(), created(sequence=1)]
    move, back = _moves("2026-09-03T12:00", "2026-09-05T12:00")
    again = on(f.AssignmentCorrected, "2026-09-05T12:00", organisation_id="lead", sequence=4, back_to=2)
    now = at("2026-09-05T13:00")
    assert fold([*start, move, back, again], now) == fold([*start, move], now)


@settings(max_examples=1000 if FULL else 60, deadline=None)
@given(
    st.lists(st.integers(1, 20 * 24), min_size=1, max_size=4),
    st.randoms(use_true_random=False),
)
def test_answers_are_due_as_if_nothing_had_been_moved(hours: list[int], chance: random.Random) -> None:
    """Whatever is confirmed and undone, one incident after another, in whatever order the deadline service learns of it."""
    alone = [registered(), created(sequence=1)]
    moment, moves = datetime(2026, 9, 1, 12), list[f.Fact]()  # noqa: DTZ001
    for hour in hours:
        gone, back = moment + timedelta(hours=1), moment + timedelta(hours=1 + hour)
        moves += _moves(gone.isoformat(), back.isoformat(), first=2 + len(moves))
        moment = back
    now = at((moment + timedelta(minutes=1)).isoformat())
    shuffled = [parse_fact(dump_fact(fact)) for fact in (*alone, *moves)]
    chance.shuffle(shuffled)
    assert _answers(fold(shuffled, now)) == _answers(fold(alone, now))


def _answers(clocks: dict[str, Clock]) -> list[Clock]:
    return [clock for clock in clocks.values() if clock.clock != "react"]
