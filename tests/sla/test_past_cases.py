"""Cases that another system kept: its due time stands, what ended there is known but never announced."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from contracts.intake import AppealImported, TakenOver
from services.sla.calendars.rules.office_hours import Office
from services.sla.calendars.rules.summaries import summarise
from services.sla.clocks.actions.recalculations import rebuild_appeals, start_recalculation
from services.sla.clocks.rules import facts as f
from services.sla.clocks.rules.fact_codec import dump_fact, parse_fact
from services.sla.clocks.rules.fold import Clock
from services.sla.clocks.rules.reconciliation import reconcile
from services.sla.escalation.rules.timers import NotificationState
from services.sla.policies.queries import read_region_config
from services.sla.policies.rules.escalation import EscalationPolicy, default_levels
from tests.sla.events import Appeal, Sessions, clocks_of, days, deliver, fire, now, rows, said
from tests.sla.recomputing import recompute
from tests.sla.story import START, at, calendar_of, created, due, fact, fold, on, registered

TAKEN_OVER = at("2026-11-24T12:00")


def legacy(**values: Any) -> f.LegacyDates:
    return f.LegacyDates(taken_over_at=TAKEN_OVER, **values)


def test_journals_keep_the_name_that_a_legacy_cases_dates_had_from_the_start() -> None:
    imported = registered("message", legacy=legacy(due="none"))
    kept = dump_fact(imported)
    assert kept["past"] == {"taken_over_at": TAKEN_OVER.isoformat(), "due": "none"}
    assert parse_fact(kept) == imported


def case(told: f.LegacyDates, regime: str = "message", body: str | None = "body") -> list[f.Fact]:
    return [
        registered(regime, legacy=told),
        created(moment=START.isoformat()[:16], regime=regime, body=body, legacy=told),
    ]


def test_a_given_due_time_is_not_counted_again() -> None:
    told = legacy(due="given", due_at=at("2026-09-08T08:30"), closed_at=at("2026-09-08T08:30"))
    clocks = fold(case(told), TAKEN_OVER)
    assert {key: (clock.state, due(clock)) for key, clock in clocks.items()} == {
        "one:answer:1": ("met", "2026-09-08T08:30:00")
    }
    clock = clocks["one:answer:1"]
    assert clock.policy_id is None
    assert clock.decided_in_legacy
    assert recompute(json.loads(json.dumps(clock.explanation))) == clock.due_at
    assert summarise(clock.explanation) == (
        "срок назначен в прежней системе для обращения от 1 сентября 2026 года, истекает 8 сентября 2026 года, 08:30."
    )


def test_one_second_late_is_late() -> None:
    told = legacy(due="given", due_at=at("2026-09-08T08:30"), closed_at=at("2026-09-08T08:30:01"))
    assert fold(case(told), TAKEN_OVER)["one:answer:1"].state == "breached"


def test_the_answer_is_known_from_either_event() -> None:
    """Nobody sees the case as open in between, whichever service is heard first."""
    told = legacy(due="given", due_at=at("2026-09-08T08:30"), closed_at=at("2026-09-02T10:00"))
    heard, placed = case(told)
    assert fold([heard], TAKEN_OVER) == {}
    assert fold([placed], TAKEN_OVER)["one:answer:1"].state == "met"
    answered = on(f.AssignmentAnswered, "2026-09-02T10:00", outcome="solved")
    assert fold([heard, placed, answered], TAKEN_OVER) == fold([placed], TAKEN_OVER)


def test_without_a_due_time_there_is_nothing_to_keep_or_break() -> None:
    assert fold(case(legacy(due="none", closed_at=at("2026-11-01T10:00"))), TAKEN_OVER) == {}


def test_an_open_message_without_a_due_time_counts_from_the_taking_over() -> None:
    clocks = fold(case(legacy(due="none")), TAKEN_OVER)
    assert due(clocks["one:answer:1"]) == "2026-12-24T23:59:59"
    assert "one:react:1" not in clocks


def test_the_law_does_not_ask_who_kept_the_case() -> None:
    clock = fold(case(legacy(due="none"), "statutory"), TAKEN_OVER)["one:answer:1"]
    assert (clock.state, due(clock)) == ("breached", "2026-10-01T23:59:59")
    assert clock.decided_in_legacy, "it was late before it came here"


def test_a_case_whose_due_time_is_not_known_is_judged_by_the_policy() -> None:
    clock = fold(case(legacy(closed_at=at("2026-10-02T10:00"))), TAKEN_OVER)["one:answer:1"]
    assert (clock.state, due(clock)) == ("breached", "2026-10-01T23:59:59")
    assert clock.policy_id


def test_a_case_older_than_our_policies_is_watched_while_it_is_open() -> None:
    def old(told: f.LegacyDates, regime: str = "message") -> dict[str, Clock]:
        received = at("2001-03-01T10:00")
        about: dict[str, Any] = {"region": "46", "regime": regime, "legacy": told}
        return fold(
            [
                fact(f.AppealRegistered, received, **about),
                fact(f.AssignmentCreated, received, assignment_id="one", received_at=received, **about),
            ],
            TAKEN_OVER,
        )

    assert (
        due(old(legacy(due="given", due_at=at("2001-03-05T10:00")))["one:answer:1"]) == "2001-03-05T10:00:00"
    )
    assert due(old(legacy(due="none"))["one:answer:1"]) == "2026-12-24T23:59:59"
    assert due(old(legacy(), "statutory")["one:answer:1"]) == "2001-03-30T23:59:59"
    assert old(legacy(closed_at=at("2001-05-01T10:00"))) == {}, "no rule of ours was in force then"


def test_an_extension_and_a_pause_move_a_given_due_time_by_days() -> None:
    facts = [
        *case(legacy(due="given", due_at=at("2026-12-01T08:30"))),
        on(f.ExtensionRequested, "2026-11-25T10:00", extension_id="x", days=10),
        on(f.ExtensionDecided, "2026-11-25T11:00", extension_id="x", approved=True, days=10),
        on(f.ClarificationAsked, "2026-11-26T10:00"),
        on(f.ClarificationGiven, "2026-11-28T10:00"),
    ]
    clock = fold(facts, at("2026-11-29T10:00"))["one:answer:1"]
    assert due(clock) == "2026-12-13T08:30:00"
    assert recompute(json.loads(json.dumps(clock.explanation))) == clock.due_at
    paused = fold(facts[:-1], at("2026-11-27T10:00"))["one:answer:1"]
    assert (paused.state, paused.due_at) == ("paused", None)


def test_another_body_gets_a_term_of_its_own() -> None:
    facts = [
        *case(legacy(due="given", due_at=at("2026-12-01T08:30"))),
        on(f.AssignmentCorrected, "2026-11-25T10:00", organisation_id="other"),
    ]
    clock = fold(facts, at("2026-11-29T10:00"))["one:answer:1"]
    assert due(clock) == "2026-12-25T23:59:59"
    assert clock.policy_id


def test_a_body_called_in_to_help_has_the_time_the_case_still_has() -> None:
    told = legacy(due="given", due_at=at("2026-12-20T18:00"))
    helper = created("two", "2026-11-25T10:00", body="helper", role="co_executor")
    for facts in ([*case(told), helper], [case(told)[1], helper]):
        clocks = fold(facts, at("2026-11-25T12:00"))
        assert (clocks["two:answer:1"].state, due(clocks["two:answer:1"])) == (
            "running",
            "2026-12-20T18:00:00",
        )
        assert clocks["two:react:1"].state == "running", "it has not reacted anywhere yet"


def test_a_target_before_the_opening_is_kept_as_it_is() -> None:
    clocks = fold(case(legacy(due="given", due_at=at("2026-08-01T10:00"))), TAKEN_OVER)
    assert {key: clock.state for key, clock in clocks.items()} == {"one:answer:1": "breached"}


def _settle(clock: Clock, memory: NotificationState | None = None) -> Any:
    calendar = calendar_of(Office("46"), TAKEN_OVER)
    return reconcile(None, memory, clock, EscalationPolicy(default_levels("message")), calendar, TAKEN_OVER)


def test_what_was_late_there_is_not_announced_here() -> None:
    late = legacy(due="given", due_at=at("2026-09-08T08:30"), closed_at=at("2026-09-09T08:30"))
    quiet = _settle(fold(case(late), TAKEN_OVER)["one:answer:1"])
    assert (quiet.breach, quiet.timer, quiet.state.breached_version) == (None, None, None)
    open_one = legacy(due="given", due_at=at("2026-09-08T08:30"))
    quiet = _settle(fold(case(open_one), TAKEN_OVER)["one:answer:1"])
    assert quiet.clock.state == "breached", "the deadline shows that it is late"
    assert (quiet.breach, quiet.timer, quiet.state.breached_version) == (None, None, None)


def test_what_becomes_late_here_is_announced_as_any() -> None:
    open_one = legacy(due="given", due_at=at("2026-11-26T08:30"))
    assert _settle(fold(case(open_one), TAKEN_OVER)["one:answer:1"]).timer is not None
    calendar = calendar_of(Office("46"), TAKEN_OVER)
    later = at("2026-11-27T12:00")
    clock = fold(case(open_one), later)["one:answer:1"]
    loud = reconcile(None, None, clock, EscalationPolicy(default_levels("message")), calendar, later)
    assert loud.breach is not None


def test_a_breach_that_an_older_version_announced_stands_and_goes_no_further() -> None:
    clock = fold(case(legacy(due="given", due_at=at("2026-09-08T08:30"))), TAKEN_OVER)["one:answer:1"]
    told = _settle(clock, NotificationState(1, ("breach:20:1",), 1))
    assert (told.withdrawn, told.timer, told.state.breached_version) == (None, None, 1)


@pytest.mark.parametrize(
    ("told", "regime"),
    [
        ({"due": "given", "due_at": at("2026-09-08T08:30")}, "message"),
        ({"due": "policy"}, "message"),
        ({"due": "policy"}, "statutory"),
        ({"due": "none"}, "statutory"),
    ],
)
@pytest.mark.parametrize(
    "later",
    [
        [],
        [on(f.AssignmentAccepted, "2026-11-25T10:00")],
        [on(f.ClarificationAsked, "2026-11-25T10:00"), on(f.ClarificationGiven, "2026-11-26T10:00")],
        [on(f.ExtensionRequested, "2026-11-25T10:00", extension_id="x", days=10)],
        [on(f.AssignmentCorrected, "2026-11-25T10:00", topic="other")],
        [on(f.AssignmentCorrected, "2026-11-25T10:00", organisation_id="other")],
        [on(f.InterimAnswered, "2026-11-25T10:00")],
    ],
)  # fmt: skip
def test_an_open_case_that_was_late_there_climbs_no_ladder_whatever_is_done(
    told: dict[str, Any], regime: str, later: list[f.Fact]
) -> None:
    """Also weeks later, also with another ladder, also without its memory."""
    moment = at("2027-02-01T12:00")
    clock = fold([*case(legacy(**told), regime), *later], moment)["one:answer:1"]
    calendar = calendar_of(Office("46"), moment)
    settled = reconcile(None, None, clock, EscalationPolicy(default_levels(regime)), calendar, moment)  # type: ignore[arg-type]
    assert (settled.clock.state, settled.breach, settled.timer) == ("breached", None, None)


def test_a_promise_that_had_passed_there_is_not_announced() -> None:
    facts = [
        *case(legacy(closed_at=at("2026-09-20T10:00"))),
        on(f.AssignmentAnswered, "2026-09-20T10:00", outcome="postponed", promised_on=date(2026, 10, 1)),
    ]
    clock = fold(facts, TAKEN_OVER)["one:promise:1"]
    assert (clock.state, _settle(clock).breach, _settle(clock).timer) == ("breached", None, None)
    facts[-1] = on(
        f.AssignmentAnswered, "2026-09-20T10:00", outcome="postponed", promised_on=date(2026, 12, 1)
    )
    assert _settle(fold(facts, TAKEN_OVER)["one:promise:1"]).timer is not None, "this one is still to come"


def imported(appeal: Appeal, told: TakenOver) -> AppealImported:
    return AppealImported(
        region=appeal.region, appeal_id=appeal.id, number="46-2011-0000001", regime="message", channel="portal",
        client_id="admin", text="Яма", received_at=appeal.received_at, taken_over=told,
    )  # fmt: skip


@pytest.mark.parametrize("first", ["intake", "routing"])
async def test_a_past_case_is_stored_quietly_and_a_rebuild_finds_the_same(
    sessions: Callable[[str], Any], first: str
) -> None:
    sla = sessions("sla")
    appeal = Appeal(received_at=datetime.fromisoformat("2011-10-03T09:22:43+00:00"))
    told = TakenOver(
        at=now(), due="given", due_at=appeal.received_at + days(3), closed_at=appeal.received_at + days(4)
    )
    events = [
        imported(appeal, told),
        appeal.created(at=appeal.received_at, taken_over=told),
        appeal.answered(at=appeal.received_at + days(4)),
    ]
    for event in events if first == "intake" else events[1:] + events[:1]:
        await deliver(sla, event)
    assert await fire(sla) == 0
    answer = (await clocks_of(sla, appeal))["one:answer:1"]
    assert (answer["state"], answer["due_on"], answer["policy_id"]) == ("breached", date(2011, 10, 6), None)
    assert {payload["type"] for payload in await said(sla)} == {"sla.deadline.set.v1"}
    assert await rows(sla, "SELECT * FROM sla.firing") == []
    async with sla.begin() as session:
        assert await rebuild_appeals(session, [appeal.key]) == set()
    assert await rows(sla, "SELECT * FROM sla.firing") == []


async def test_an_open_case_that_was_late_there_is_quiet_through_decisions_and_restarts(
    sla: Sessions,
) -> None:
    appeal = Appeal(received_at=datetime(2011, 10, 1, 10, tzinfo=UTC))
    told = TakenOver(at=now(), due="given", due_at=datetime(2011, 10, 6, 10, tzinfo=UTC))
    for event in (imported(appeal, told), appeal.created(taken_over=told), appeal.accepted(now())):
        await deliver(sla, event)
    for _ in range(2):
        assert await fire(sla) == 0
        assert await rows(sla, "SELECT * FROM sla.firing") == []
        async with sla.begin() as session:
            config = await read_region_config(session, "46")
            assert await start_recalculation(session, config, "calendar")
    assert (await clocks_of(sla, appeal))["one:answer:1"]["state"] == "breached"
    assert {payload["type"] for payload in await said(sla)} == {"sla.deadline.set.v1"}
