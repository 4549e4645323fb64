"""Times of several clocks put in line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from chassis.moments import not_before

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
moments = st.integers(-10, 10).map(lambda seconds: EPOCH + timedelta(seconds=seconds))


@given(moments, st.lists(st.none() | moments, max_size=5))
def test_it_is_never_before_its_causes_and_never_moved_without_need(
    moment: datetime, causes: list[datetime | None]
) -> None:
    known = [cause for cause in causes if cause is not None]
    found = not_before(moment, *causes)
    assert all(found - cause >= timedelta(0) for cause in known)
    assert found in (moment, *known)
    assert found == moment or moment < max(known)
