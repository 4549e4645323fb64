"""Numbers, dates and forms of nouns as people read them; paths that lead elsewhere."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web import words
from web.administration.sheets import OwnDays, year_sheet
from web.cookies import CookieBox, StoredSession
from web.people.paths import local_path
from web.persons import Person


def test_nouns_follow_their_number() -> None:
    forms = ("день", "дня", "дней")
    assert [words.plural(number, *forms) for number in (0, 1, 2, 4, 5, 11, 12, 21, 22, 111, 112, 121)] == [
        "дней", "день", "дня", "дня", "дней", "дней", "дней", "день", "дня", "дней", "дней", "день",
    ]  # fmt: skip


def test_numbers_shares_and_moments() -> None:
    assert words.number(1234567.891, 2) == "1\u00a0234\u00a0567,89"
    assert words.share(0.4567, 1) == "45,7\u00a0%"
    assert (words.number(None), words.share(None), words.day(None), words.moment(None)) == ("–",) * 4
    at = datetime(2026, 3, 1, 21, 30, tzinfo=UTC)
    assert words.moment(at, "46") == "2\u00a0марта\u00a02026, 00:30"
    assert words.moment(at, "41") == "2\u00a0марта\u00a02026, 09:30"
    assert words.short_day(date(2026, 3, 2)) == "пн, 2\u00a0марта"


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil",
        "javascript:alert(1)",
        "desk",
        "",
        "/\n/x",
        "/\t/evil",
    ],
)
def test_nobody_is_led_elsewhere(path: str) -> None:
    assert local_path(path) == "/"


def test_pages_of_ours_are_gone_on_to() -> None:
    assert local_path("/desk?status=new&topic=a#b") == "/desk?status=new&topic=a#b"


SESSION = StoredSession(
    access_token="a",
    access_until=1.0,
    refresh_token="r",
    form_key="k",
    person=Person.model_validate(
        {
            "id": "00000000-0000-7000-8000-000000000001",
            "login": "l",
            "name": "Имя",
            "role": "agency",
            "regions": ["46"],
        }
    ),
)


@given(place=st.integers(0, 400), bit=st.integers(0, 7))
def test_a_cookie_that_was_changed_anywhere_opens_nothing(place: int, bit: int) -> None:
    box = CookieBox.of("a key of the pages", over_tls=True)
    value = box.seal(SESSION)
    assert box.open(value) == SESSION
    assert CookieBox.of("another key", over_tls=True).open(value) is None
    letters = bytearray(value.encode())
    letters[place % len(letters)] ^= 1 << bit
    changed = letters.decode("latin-1")
    assert box.open(changed) in (None, SESSION)  # the last letter of base64 holds bits that say nothing
    assert box.open(changed) is None or place % len(letters) >= len(letters) - 3


def test_the_cookie_over_tls_is_bound_to_its_host() -> None:
    box = CookieBox.of("a key of the pages", over_tls=True)
    assert box.header(SESSION).startswith("__Host-otklik=")
    assert box.header(SESSION).endswith("; Path=/; HttpOnly; SameSite=Lax; Secure")
    assert box.header(None) == "__Host-otklik=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0"


def test_a_year_as_a_sheet_counts_its_working_days() -> None:
    sheet = year_sheet(2026, OwnDays({}, {}, {}))
    assert sum(month.working for month in sheet) == 247  # the production calendar of 2026, five-day week
    own = OwnDays(
        {date(2026, 7, 7): "память"}, {date(2026, 7, 11): "за память"}, {date(2026, 7, 8): "09:00–13:00"}
    )
    july = year_sheet(2026, own)[6]
    days = {day.date.day: day for week in july.weeks for day in week if day}
    assert (days[7].kind, days[7].own, days[11].kind, days[8].kind) == ("off", True, "worked", "short")
    assert july.working == sheet[6].working
