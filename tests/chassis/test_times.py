"""Times are read from text alone: digits could be a Unix time, a day or a number somebody mistyped."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from chassis.times import Day, Instant
from tests.intake.conftest import appeal_body

INSTANT: TypeAdapter[datetime] = TypeAdapter(Instant)
DAY: TypeAdapter[date] = TypeAdapter(Day)
NO_TIME: list[Any] = [
    20261125,
    1764063000,
    1.5,
    True,
    "20261125",
    "1764063000",
    "1764063000000",
    "",
    " ",
    None,
    "сегодня",
]


@pytest.mark.parametrize("value", [*NO_TIME, "2026-11-25", "2026-11-25T09:30:00", "1850-01-01T00:00:00Z"])
def test_no_instant(value: object) -> None:
    with pytest.raises(ValidationError):
        INSTANT.validate_python(value)


@pytest.mark.parametrize(
    "value", [*NO_TIME, "25.11.2026", "2026-11-25T00:00:00Z", "2026-13-01", "1850-01-01"]
)
def test_no_day(value: object) -> None:
    with pytest.raises(ValidationError):
        DAY.validate_python(value)


@given(st.integers(-2_000_000_000, 7_000_000_000), st.sampled_from([0, 3, 10, -5]))
def test_every_instant_as_it_is_usually_written(seconds: int, hours: int) -> None:
    at = datetime.fromtimestamp(seconds, tz=timezone(timedelta(hours=hours)))
    assert INSTANT.validate_python(at.isoformat()) == at
    assert INSTANT.validate_python(at.astimezone(UTC).isoformat().replace("+00:00", "Z")) == at


@given(st.dates(date(1900, 1, 1), date(2200, 12, 31)))
def test_every_day(day: date) -> None:
    assert DAY.validate_python(day.isoformat()) == day


@pytest.fixture
def parts() -> tuple[str, ...]:
    return ("intake", "routing", "sla", "analytics")


@pytest.mark.parametrize(
    ("part", "path", "role"),
    [
        ("intake", "/api/v1/appeals?from=20261125", "coordinator"),
        ("routing", "/api/v1/queue?due_before=20261201", "agency"),
        ("sla", "/api/v1/deadlines?due_before=20261201", "coordinator"),
        ("analytics", "/api/v1/analytics/summary?from=20261125", "analyst"),
    ],
)
async def test_no_service_takes_digits_for_a_time(
    app_client: Any, mint: Any, part: str, path: str, role: str
) -> None:
    client, _ = await app_client(part)
    organisation = {"organisation": "01930000-0000-7000-8000-000000000001"} if role == "agency" else {}
    answer = await client.get(path, headers=mint.headers(role, **organisation))
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"].split("/")[-1] in ("from", "due_before")


async def test_an_appeal_was_not_sent_in_a_number(app_client: Any, mint: Any) -> None:
    client, _ = await app_client("intake")
    for sent in ("20261125", 1764063000):
        body = appeal_body(submitted_at=sent)
        answer = await client.post("/api/v1/appeals", json=body, headers=mint.headers("portal"))
        assert answer.status_code == 422, answer.text
