"""The limiter: a minute's worth at once, then evenly, whatever the key."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.limits import MOST_KEYS, RateLimiter, address_key


@given(
    rate=st.integers(1, 500),
    gaps=st.lists(st.floats(0, 30, allow_nan=False, width=32), min_size=1, max_size=400),
)
def test_no_window_lets_more_through_than_burst_and_refill(rate: int, gaps: list[float]) -> None:
    limiter, now, passed = RateLimiter(), 1000.0, []
    for gap in gaps:
        now += gap
        wait = limiter.hit("k", rate, now)
        if wait:
            assert 0 < wait <= 60
            assert limiter.wait("k", rate, now + wait + 1e-3) == 0
        else:
            passed.append(now)
    for index, start in enumerate(passed):
        within = [at for at in passed[index:] if at - start <= 60]
        assert len(within) <= 2 * rate + 1


def test_a_full_minute_may_come_at_once_and_others_are_not_touched() -> None:
    limiter = RateLimiter()
    assert [limiter.hit("a", 3, 0.0) > 0 for _ in range(4)] == [False, False, False, True]
    assert limiter.hit("b", 3, 0.0) == 0
    assert limiter.hit("a", 3, 20.1) == 0
    assert limiter.hit("a", 3, 20.1) == pytest.approx(19.9, abs=0.1)


def test_memory_stays_bounded_under_a_flood_of_keys() -> None:
    limiter = RateLimiter()
    for number in range(MOST_KEYS * 2):
        limiter.hit(f"key {number}", 10, 0.0)
    assert len(limiter._busy_until) <= MOST_KEYS
    assert len(limiter.unshared) <= MOST_KEYS
    limiter.purge_idle(1e6)
    assert not limiter._busy_until
    assert not limiter.unshared


@given(parts=st.lists(st.tuples(st.booleans(), st.integers(0, 40)), max_size=30))
def test_limiters_that_share_everything_are_one(parts: list[tuple[bool, int]]) -> None:
    limiters, shared, passed = (RateLimiter(), RateLimiter()), 0.0, 0
    for which, count in parts:
        limiter = limiters[which]
        passed += sum(limiter.hit("k", 60, 0.0) == 0 for _ in range(count))
        for each in limiters:
            used = dict(each.unshared)
            shared += used.get("k", 0.0)
            each.mark_shared(used)
            assert not each.unshared
        for each in limiters:
            each.adopt("k", shared)
    assert passed == min(60, sum(count for _, count in parts))


def test_one_subscriber_is_one_address() -> None:
    assert address_key("10.1.2.3") == "10.1.2.3"
    assert address_key("2001:db8:1:2:3::1") == address_key("2001:db8:1:2:ffff::9")
    assert address_key("2001:db8:1:3::1") != address_key("2001:db8:1:2::1")
    assert address_key("fe80::1%eth0") == "fe80::"
    assert address_key(None) == "local"
