"""Numbers, tracking codes, seals, admission."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from chassis.sealing import SealBroken, make_keyring
from gateway.schemas import RegionOrAll
from services.analytics.decisions import schemas as decisions
from services.intake import field_types
from services.intake.history.rules.statuses import STATUS_NAMES, AppealStatus
from services.intake.local_time import local_year
from services.intake.registration.rules.admission import admits, comes_from_future
from services.intake.registration.rules.codes import ALPHABET, make_code, normalise_code
from services.intake.registration.rules.numbers import format_number, parse_number
from services.intake.tracking.rules import ReceiptFacts, receipt_lines
from services.routing.reference.schemas import types as routing_types

KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
OTHER_KEY = "HwECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


@given(st.integers(1, 99_999_999))
def test_number_can_be_read_back(sequence: int) -> None:
    number = format_number("46", 2026, sequence)
    assert parse_number(number) == ("46", 2026, sequence)


def test_number_format() -> None:
    assert format_number("46", 2026, 42) == "46-2026-0000042"
    assert parse_number("яма") is None
    assert parse_number("٤٦-٢٠٢٦-٠٠٠٠٠٤٢") is None


@pytest.mark.parametrize(
    "kind",
    [
        field_types.RegionCode,
        field_types.Municipality,
        routing_types.RegionCode,
        routing_types.Municipality,
        decisions.RegionCode,
        RegionOrAll,
    ],
)
@pytest.mark.parametrize("code", ["٤٦", "٤٦٤٦٤٦٤٦", "४६"])
def test_codes_are_of_the_digits_from_0_to_9(kind: Any, code: str) -> None:
    with pytest.raises(ValidationError, match=r"pattern"):
        TypeAdapter(kind).validate_python(code)


@pytest.mark.parametrize(
    ("status", "is_promised"),
    [("registered", True), ("on_moderation", True), ("in_work", True), ("reopened", True)]
    + [(status, False) for status in ("answered", "postponed", "refused", "rejected", "withdrawn", "closed")],
)
def test_a_receipt_promises_an_answer_while_one_is_awaited(status: AppealStatus, is_promised: bool) -> None:
    day = date(2026, 11, 27)
    facts = ReceiptFacts("46-2026-0000042", "46", "portal", "message", day, day, date(2026, 12, 21))
    lines = receipt_lines(facts, None, status)
    assert any("Ответ будет дан" in line for line in lines) == is_promised
    assert f"Состояние: {STATUS_NAMES[status]}" in lines


@pytest.mark.parametrize(("region", "year"), [("41", 2027), ("46", 2026), ("39", 2026)])
def test_year_is_the_regions_own(region: str, year: int) -> None:
    # 12 hours before New Year in London it has begun in Kamchatka only.
    assert local_year(region, datetime(2026, 12, 31, 12, 30, tzinfo=UTC)) == year


@given(st.binary(min_size=20, max_size=20))
def test_code_survives_a_person(random: bytes) -> None:
    code = make_code(random)
    plain = code.replace("-", "")
    assert set(plain) <= set(ALPHABET)
    assert len(plain) == 20
    assert normalise_code(code.lower()) == plain
    assert normalise_code(f" {plain[:7]} {plain[7:]} ") == plain


BETWEEN = [
    "-", "–", "—", "‑", "−", "\u2010", "\u2015", "\u00ad", "\ufe63", "\uff0d", "_", ".", "․", "。", "·", "…", ",", "/", "+",
    " ", "\t", "\n", "\u00a0", "\u2009", "\u202f", "\u3000", "\u200b", "\u2060", "\ufeff", "\u2800", "\u3164", " – ", "\x00",
]  # fmt: skip
CYRILLIC = str.maketrans("ABE3KMHPCTYX", "АВЕЗКМНРСТУХ")
WIDE = {ord(letter): ord(letter) + 0xFEE0 for letter in ALPHABET}


@given(st.binary(min_size=20, max_size=20), st.lists(st.sampled_from(BETWEEN), min_size=22, max_size=22))
def test_code_survives_any_signs_and_any_alphabet(random: bytes, between: list[str]) -> None:
    plain = make_code(random).replace("-", "")
    for letters in (plain, plain.lower(), plain.translate(CYRILLIC), plain.translate(CYRILLIC).lower()):
        spread = between[0] + "".join(map(str.__add__, letters, between[1:]))
        assert normalise_code(spread) == plain, spread
    assert normalise_code(plain.translate(WIDE)) == plain


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "ABC",
        "7KQ2-XXXX-XXXX-XXXX-XXX0",
        "я" * 20,
        "7" * 5000,
        "\x00" * 20,
        "-" * 20,
        "7" * 21,
        "O" * 20,
        "1" * 20,
    ],
)
def test_nonsense_is_no_code(typed: str) -> None:
    assert normalise_code(typed) is None


def test_seal_is_bound_to_table_appeal_and_key() -> None:
    ring, appeal_id = make_keyring({1: KEY}, 1), UUID(int=7)
    sealed = ring.seal("original", appeal_id, b"secret", bytes(12))
    assert ring.open("original", appeal_id, 1, sealed) == b"secret"
    assert b"secret" not in sealed
    for table, appeal, key_id, data in [
        ("clarification", appeal_id, 1, sealed),
        ("original", UUID(int=8), 1, sealed),
        ("original", appeal_id, 2, sealed),
        ("original", appeal_id, 1, sealed[:-1] + b"\0"),
    ]:
        with pytest.raises(SealBroken):
            ring.open(table, appeal, key_id, data)


def test_old_keys_stay_readable() -> None:
    sealed = make_keyring({1: KEY}, 1).seal("original", UUID(int=7), b"secret", bytes(12))
    rotated = make_keyring({1: KEY, 2: OTHER_KEY}, 2)
    assert rotated.open("original", UUID(int=7), 1, sealed) == b"secret"


def test_short_keys_are_refused() -> None:
    with pytest.raises(ValueError):
        make_keyring({1: "AAEC"}, 1)


def test_admission() -> None:
    assert admits("statutory", "portal")
    assert admits("message", "vk")
    assert not admits("statutory", "email")
    now = datetime(2026, 11, 21, tzinfo=UTC)
    assert comes_from_future(now + timedelta(minutes=5, seconds=1), now)
    assert not comes_from_future(now + timedelta(minutes=5), now)
