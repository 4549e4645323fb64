"""The register clock starts on the legal day of receipt of what was entered by hand (59-ФЗ ст. 8 ч. 2)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.sla.clocks.rules.events import read_entry
from services.sla.clocks.rules.facts import AppealRegistered
from tests.sla.events import Appeal
from tests.sla.story import due, fold

KURSK_MORNING = "2026-09-03T09:00:00+03:00"


def register_clock(**changes: Any) -> tuple[str, str]:
    """State and last moment of the register clock of a statutory appeal registered on 3 September 2026, a Thursday."""
    at = datetime.fromisoformat(KURSK_MORNING)
    event = Appeal().registered(received_at=at, regime="statutory", **changes)
    entry = read_entry(event)
    assert entry is not None
    assert isinstance(entry.fact, AppealRegistered)
    clock = fold([entry.fact])["appeal:register:1"]
    return clock.state, due(clock)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"channel": "paper", "received_on": date(2026, 9, 1)}, ("met", "2026-09-04T23:59:59")),
        ({"channel": "reception", "received_on": date(2026, 8, 31)}, ("met", "2026-09-03T23:59:59")),
        ({"channel": "paper", "received_on": date(2026, 8, 30)}, ("breached", "2026-09-02T23:59:59")),
        ({"channel": "phone", "received_on": date(2026, 9, 3)}, ("met", "2026-09-07T23:59:59")),
        ({"channel": "paper"}, ("met", "2026-09-07T23:59:59")),
    ],
)
def test_three_days_count_from_the_day_of_receipt(changes: dict[str, Any], expected: tuple[str, str]) -> None:
    assert register_clock(**changes) == expected


def test_the_day_of_receipt_goes_before_the_moment_of_sending() -> None:
    sent = datetime.fromisoformat(KURSK_MORNING) - timedelta(minutes=5)
    assert register_clock(channel="paper", submitted_at=sent, received_on=date(2026, 9, 1)) == (
        "met",
        "2026-09-04T23:59:59",
    )


def test_the_day_begins_on_the_calendar_of_the_place() -> None:
    event = Appeal().registered(channel="paper", received_on=date(2026, 9, 1))
    entry = read_entry(event.model_copy(update={"region": "25", "municipality": None}))
    assert entry is not None
    assert isinstance(entry.fact, AppealRegistered)
    assert entry.fact.arrived_at == datetime(2026, 9, 1, tzinfo=ZoneInfo("Asia/Vladivostok"))
