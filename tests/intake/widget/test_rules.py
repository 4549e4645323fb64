"""Tokens cannot be made, changed or kept; work is dear to do and cheap to check."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.widget.actions.guarding import Load
from services.intake.widget.rules.origins import may_read, may_send, read_origin
from services.intake.widget.rules.tokens import FormToken, fault_of, read_token, sign_token
from services.intake.widget.rules.work import EASIEST_BITS, HARDEST_BITS, bits_for, is_proof

KEY = "a hash key"
NOW = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
TOKENS = st.builds(
    FormToken,
    widget_id=st.uuids(),
    issued_at=st.integers(0, 2**42).map(lambda ms: datetime.fromtimestamp(ms / 1000, UTC)),
    nonce=st.binary(min_size=16, max_size=16),
    bits=st.integers(0, 255),
)


@given(token=TOKENS)
def test_what_was_signed_is_read_again(token: FormToken) -> None:
    assert read_token(KEY, sign_token(KEY, token)) == token
    assert read_token("another key", sign_token(KEY, token)) is None


@given(token=TOKENS, place=st.integers(0, 1000), letter=st.sampled_from("AZaz09-_=+/ .é\n"))
def test_no_letter_of_a_token_can_be_changed(token: FormToken, place: int, letter: str) -> None:
    signed = sign_token(KEY, token)
    at = place % (len(signed) + 1)
    for changed in (signed[:at] + letter + signed[at + 1 :], signed[:at] + letter + signed[at:], signed[:at]):
        found = read_token(KEY, changed)
        assert found is None or changed == signed or found == token


@given(written=st.text(max_size=300) | st.binary(max_size=120).map(lambda raw: raw.hex()))
def test_nothing_else_is_a_token(written: str) -> None:
    assert read_token(KEY, written) is None


@given(seconds=st.floats(-1e6, 1e6))
def test_a_token_serves_from_three_seconds_to_two_hours(seconds: float) -> None:
    token = FormToken(UUID(int=1), NOW, bytes(16), 12)
    fault = fault_of(token, UUID(int=1), NOW + timedelta(seconds=seconds))
    age = timedelta(seconds=seconds)
    assert fault == (
        "too young" if age < timedelta(seconds=3) else "too old" if age > timedelta(hours=2) else None
    )
    assert fault_of(token, UUID(int=2), NOW + age) == "foreign"


@given(token=st.text(min_size=1, max_size=200), bits=st.integers(0, 9))
def test_a_proof_is_found_by_trying_and_only_so(token: str, bits: int) -> None:
    proof = next(str(tried) for tried in itertools.count() if is_proof(token, str(tried), bits))
    wrong = [each for each in map(str, range(int(proof))) if is_proof(token, each, bits)]
    assert not wrong
    assert not is_proof(token, proof.rjust(65), bits)


@given(one=st.floats(0, 1e9), other=st.floats(0, 1e9), more=st.floats(0, 1e9))
def test_a_crowd_makes_forms_harder_within_bounds(one: float, other: float, more: float) -> None:
    assert EASIEST_BITS <= bits_for(one, other) <= bits_for(one + more, other) <= HARDEST_BITS
    assert bits_for(one, other) <= bits_for(one, other + more)


def test_a_crowd_is_forgotten_and_holds_little_memory() -> None:
    load = Load()
    assert [round(load.count("a", 0.0)) for _ in range(3)] == [1, 2, 3]
    assert load.count("b", 0.0) == 1
    assert 1.9 < load.count("a", 65.0) < 2.1
    assert load.count("a", 1e5) == pytest.approx(1.0)
    for number in range(150_000):
        load.count(str(number), 1e5)
    assert len(load._counts) <= 100_001


def test_origins() -> None:
    assert read_origin(" HTTPS://Site.Example.RU:8443 ") == "https://site.example.ru:8443"
    for wrong in (
        "*",
        "null",
        "site.ru",
        "https://a.ru/",
        "https://a.ru/x",
        "ftp://a.ru",
        "https://a b.ru",
        "https://-",
    ):
        with pytest.raises(ValueError, match="host"):
            read_origin(wrong)
    sites = ["https://a.ru"]
    assert may_read("https://a.ru", sites)
    assert not any(
        may_read(each, sites) for each in (None, "null", "https://a.ru.evil.ru", "http://a.ru", "")
    )
    assert all(may_send(each, sites, "our.ru:8080") for each in (None, "https://A.ru", "http://our.ru:8080"))
    assert not any(
        may_send(each, sites, "our.ru")
        for each in ("null", "https://evil.ru", "http://our.ru:1", "http://[", "")
    )
