"""The standard's forms: what is written is read again, and nothing breaks a document."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from services.intake.history.rules.kinds import FOR_CITIZENS
from services.intake.history.rules.public import PUBLIC_KINDS
from services.intake.history.rules.statuses import STATUS_NAMES
from services.intake.open311.rules.documents import Names, asked_format, render
from services.intake.open311.rules.forms import gather, listed, read_form
from services.intake.open311.rules.periods import LONGEST, end_of_day, read_moment, requested_within
from services.intake.open311.rules.statuses import HIDDEN, STATUSES, shown_status

MOSCOW = ZoneInfo("Europe/Moscow")
NOW = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
ANY_TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"]))


class Thing(BaseModel):
    name: str | None
    yes: bool
    number: float | None
    values: list[dict[str, str]]


@given(
    things=st.lists(
        st.builds(
            Thing,
            name=st.none() | ANY_TEXT,
            yes=st.booleans(),
            number=st.none() | st.floats(allow_nan=False, allow_infinity=False),
            values=st.lists(st.fixed_dictionaries({"key": ANY_TEXT}), max_size=3),
        ),
        max_size=4,
    )
)
def test_any_text_makes_a_document(things: list[Thing]) -> None:
    names = Names("things", "thing")
    assert orjson.loads(render("json", names, things)) == [thing.model_dump() for thing in things]
    root = ElementTree.fromstring(render("xml", names, things))  # written right here
    assert [child.tag for child in root] == ["thing"] * len(things)
    for child, thing in zip(root, things, strict=True):
        assert [each.tag for each in child] == ["name", "yes", "number", "values"]
        assert child.findtext("yes") == ("true" if thing.yes else "false")
        assert len(child.findall("values/value/key")) == len(thing.values)
        plain = "".join(each for each in thing.name or "" if each >= " " and each not in "\ufffe\uffff")
        shown = "".join(each for each in child.findtext("name") or "" if each >= " ")
        assert shown == plain


def test_the_format_that_was_asked_for() -> None:
    assert asked_format("json", "text/xml") == "json"
    assert asked_format("xml", "application/json") == "xml"
    assert asked_format(None, "application/json, text/xml;q=0.9") == "json"
    assert {
        asked_format(None, accept) for accept in ("", "*/*", "text/xml", "text/xml, application/json")
    } == {"xml"}


@given(
    moment=st.integers(172_800_000_000, 7_226_582_400_000_000).map(
        lambda us: datetime.fromtimestamp(0, UTC) + timedelta(microseconds=us)
    ),
    hours=st.integers(-11, 14),
)
def test_moments_with_any_offset(moment: datetime, hours: int) -> None:
    local = moment.astimezone(timezone(timedelta(hours=hours)))
    for written in (local.isoformat(), local.isoformat().replace("+", " "), f" {local.isoformat()} "):
        assert read_moment("start_date", written, MOSCOW) == moment


@pytest.mark.parametrize(
    "written",
    ["x", "2026-02-30", "2026-11-30T09:00:00", "2026-11-30T25:00:00Z", "9999-12-31T23:59:59-14:00", "0001-01-01", "\0", "2026-11-30T09:00:00Z Z", "١٢٣٤-01-01"],
)  # fmt: skip
def test_what_is_no_moment(written: str) -> None:
    with pytest.raises(ValueError, match="start_date"):
        read_moment("start_date", written, MOSCOW)


def test_days_begin_and_deadlines_end_at_midnight_of_the_region() -> None:
    assert read_moment("end_date", "2026-11-30", MOSCOW) == datetime(2026, 11, 29, 21, tzinfo=UTC)
    assert read_moment("end_date", "", MOSCOW) is None
    assert end_of_day(NOW.date(), MOSCOW).isoformat() == "2026-11-30T23:59:59+03:00"


@given(start=st.none() | st.integers(-400, 400), end=st.none() | st.integers(-400, 400))
def test_no_list_is_of_more_than_ninety_days(start: int | None, end: int | None) -> None:
    first, last = (None if days is None else NOW + timedelta(days=days) for days in (start, end))
    try:
        period = requested_within(first, last, NOW)
    except ValueError:
        assert start is not None
        assert end is not None
        assert not 0 <= end - start <= 90
        return
    assert timedelta(0) <= period.end - period.start <= LONGEST + timedelta(days=1)
    assert first in (None, period.start)
    assert last in (None, period.end)


@given(pairs=st.lists(st.tuples(ANY_TEXT, ANY_TEXT), max_size=20))
def test_any_pairs_are_gathered(pairs: list[tuple[str, str]]) -> None:
    sent = gather(
        [*pairs, ("lat", " 51 "), ("lat", "52"), ("attribute[A]", "1"), ("attribute[A][]", "2"), ("x", " ")]
    )
    assert sent.get("lat") in ("51", *(value.strip() for name, value in pairs if name == "lat"))
    assert [each for each in sent.attributes["A"] if each in "12"][-2:] in (
        ["1", "2"],
        ["2", "1"],
        ["1"],
        ["2"],
        [],
    )
    assert all(value.strip() for value in sent.fields.values())


def test_forms() -> None:
    assert read_form(b"a=%D1%8F+b&attribute[X][0]=1") == [("a", "я b"), ("attribute[X][0]", "1")]
    assert gather([("attribute[X][0]", "1"), ("attribute[X][1]", "2")]).attributes == {"X": ["1", "2"]}
    assert listed(["a, b", "", "c,,"]) == ["a", "b", "c"]
    with pytest.raises(UnicodeDecodeError):
        read_form(b"a=%ff")


def test_every_status_is_shown_or_hidden() -> None:
    assert {*HIDDEN, *STATUSES["open"], *STATUSES["closed"]} == set(STATUS_NAMES)
    assert len(STATUSES["open"]) + len(STATUSES["closed"]) + len(HIDDEN) == len(STATUS_NAMES)
    assert {shown_status(each) for each in STATUSES["open"]} == {"open"}
    assert {shown_status(each) for each in STATUSES["closed"]} == {"closed"}


def test_nothing_is_public_that_a_citizen_may_not_read() -> None:
    assert PUBLIC_KINDS < FOR_CITIZENS
