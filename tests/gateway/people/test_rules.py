"""Rules of people, pure: which logins and passwords are taken, which codes fit, how long who fails has to wait."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.people.rules.codes import (
    code_at,
    enrolment_uri,
    find_step,
    make_recovery_codes,
    plain_code,
    step_of,
)
from gateway.people.rules.logins import login_key, require_login
from gateway.people.rules.passwords import weakness
from gateway.people.rules.pauses import (
    LONGEST_PAUSE,
    Allowance,
    Attempts,
    count_trial,
    pause_after,
    take_back,
    wait_of,
)
from gateway.people.rules.sessions import (
    Lifetimes,
    SessionState,
    judge_refresh,
    make_refresh_token,
    read_refresh_token,
)

HERE = Path(__file__).parent
NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
LOGIN = "ivanova.kursk"
RFC_SECRET = b"12345678901234567890"  # RFC 6238, appendix B, whose codes have eight digits
RFC_CODES = {
    59: "287082",
    1111111109: "081804",
    1111111111: "050471",
    1234567890: "005924",
    2000000000: "279037",
}


def rows(name: str) -> list[tuple[str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return [(first, second) for first, second in list(csv.reader(file))[1:]]


@pytest.mark.parametrize(("password", "verdict"), rows("passwords.csv"))
def test_passwords_are_judged_as_people_would(password: str, verdict: str) -> None:
    assert ("good" if weakness(password, LOGIN) is None else "weak") == verdict


@pytest.mark.parametrize(("login", "key"), rows("logins.csv"))
def test_a_login_is_one_however_it_is_typed(login: str, key: str) -> None:
    if key:
        assert login_key(require_login(login)) == key
    else:
        with pytest.raises(ValueError):
            require_login(login)


@given(st.text(max_size=60), st.text(max_size=30))
def test_no_text_breaks_the_rules(password: str, login: str) -> None:
    weakness(password, login_key(login))
    assert read_refresh_token(password) is None
    assert find_step(RFC_SECRET, password, NOW, 2**60) is None


def test_codes_are_those_of_the_standard() -> None:
    for seconds, code in RFC_CODES.items():
        moment = datetime.fromtimestamp(seconds, UTC)
        assert code_at(RFC_SECRET, step_of(moment)) == code
        assert find_step(RFC_SECRET, f"{code[:3]} {code[3:]}", moment, 0) == step_of(moment)


@given(st.integers(-4, 4), st.integers(-4, 4))
def test_a_code_is_good_near_its_time_and_never_after_it_was_used(drift: int, used: int) -> None:
    now = step_of(NOW)
    code = code_at(RFC_SECRET, now + drift)
    found = find_step(RFC_SECRET, code, NOW, now + used)
    assert found == (now + drift if abs(drift) <= 1 and drift > used else None)


def test_recovery_codes_differ_and_are_typed_as_one_likes() -> None:
    codes = make_recovery_codes()
    assert len({plain_code(code) for code in codes}) == 10
    assert plain_code(codes[0].lower().replace("-", " ")) == plain_code(codes[0])
    assert enrolment_uri(RFC_SECRET, "ivanova").startswith("otpauth://totp/%D0%9E")


@given(st.lists(st.tuples(st.sampled_from(["wrong", "good"]), st.floats(0, 2000)), max_size=40))
def test_who_fails_waits_longer_and_longer_and_who_does_not_is_not_held_up(
    trials: list[tuple[str, float]],
) -> None:
    """A model beside it: failures in a row, all of them within an hour of the first; good trials prolong nothing."""
    allowance = Allowance(3, timedelta(hours=1))
    now, in_a_row, first = NOW, 0, NOW
    attempts = Attempts(0, NOW, NOW)
    for outcome, later in trials:
        now += timedelta(seconds=later)
        wait = wait_of(attempts, now)
        assert wait <= LONGEST_PAUSE.total_seconds()
        if wait > 0:
            assert in_a_row >= allowance.free
            continue
        in_a_row = 0 if now - first > allowance.forgotten_after else in_a_row
        attempts = count_trial(attempts, allowance, now)
        if outcome == "wrong":
            first = first if in_a_row else now
            in_a_row += 1
            assert wait_of(attempts, now) == pause_after(in_a_row, allowance.free).total_seconds()
        else:
            attempts = take_back(attempts, now)
            assert wait_of(attempts, now) == 0
        assert attempts.failures == in_a_row


def test_pauses_double_up_to_a_quarter_of_an_hour() -> None:
    seconds = [pause_after(failures, 5).total_seconds() for failures in range(1, 16)]
    assert seconds == [0, 0, 0, 0, 5, 10, 20, 40, 80, 160, 320, 640, 900, 900, 900]
    assert pause_after(10**9, 5) == LONGEST_PAUSE


LIFETIMES = Lifetimes(timedelta(hours=2), timedelta(hours=12), timedelta(seconds=10))


@given(st.lists(st.tuples(st.integers(0, 6), st.floats(0, 9000)), max_size=30))
def test_only_the_newest_token_goes_on_and_an_old_one_ends_it_all(uses: list[tuple[int, float]]) -> None:
    """`uses`: how many tokens back the one is that is sent, and how many seconds after the use before."""
    state = SessionState(0, NOW, None, NOW + LIFETIMES.whole, None)
    now = NOW
    for back, later in uses:
        now += timedelta(seconds=later)
        number = max(0, state.number - back)
        verdict = judge_refresh(state, number, now, LIFETIMES)
        alive = state.ended_at is None and now < min(state.used_at + LIFETIMES.idle, state.ends_at)
        if verdict == "next":
            assert alive
            assert number == state.number
            state = SessionState(number + 1, now, now, state.ends_at, None)
        elif verdict == "again":
            assert alive
            assert number == state.number - 1
            assert later <= 10 or now - (state.rotated_at or NOW) <= LIFETIMES.grace
        elif verdict == "reused":
            assert alive
            assert number < state.number
            state = SessionState(state.number, state.used_at, state.rotated_at, state.ends_at, now)
        else:
            assert not alive


def test_a_refresh_token_proves_its_session_and_its_number() -> None:
    session, salt = uuid4(), b"salt"
    text = make_refresh_token("key", salt, session, 7)
    token = read_refresh_token(text)
    assert token is not None
    assert (token.session_id, token.number) == (session, 7)
    assert token.is_proven("key", salt)
    assert not token.is_proven("other key", salt)
    assert not token.is_proven("key", b"other salt")
    forged = read_refresh_token(make_refresh_token("guessed", salt, session, 6))
    assert forged is not None
    assert not forged.is_proven("key", salt)
    assert read_refresh_token(text[4:]) is None
    assert read_refresh_token(text[:-3]) is None
    assert UUID(int=0) != session
