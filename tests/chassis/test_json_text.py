"""JSON is read as RFC 8259 has it: every text of it, and no other."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.json_text import MalformedJson, read_json
from chassis.problems import Unprocessable

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(VALUES, st.booleans())
def test_what_was_written_is_read(value: Any, escaped: bool) -> None:
    assert read_json(json.dumps(value, ensure_ascii=escaped).encode("utf-8", "surrogatepass")) == value


@given(st.dictionaries(st.text(max_size=8), VALUES, min_size=1, max_size=4), st.data())
def test_a_text_that_is_cut_off_or_goes_on_is_none(value: dict[str, Any], data: st.DataObject) -> None:
    text = json.dumps(value)
    end = data.draw(st.integers(0, len(text) - 1))
    for wrong in (text[:end], text + "}", text + " {}", "," + text):
        with pytest.raises(MalformedJson):
            read_json(wrong.encode())


@pytest.mark.parametrize(
    "text",
    [b"NaN", b"[Infinity]", b"-Infinity", b"\xff", b'"\xd0"', b"", b"01", b"'a'", b'"\n"', b"[" * 9999],
)
def test_what_others_let_pass_is_none(text: bytes) -> None:
    with pytest.raises(MalformedJson) as refused:
        read_json(text)
    assert refused.value.detail


@pytest.mark.parametrize(
    ("text", "pointer"),
    [
        (b'{"a": 1, "a": 1}', "/a"),
        (b'{"a": [{"b": 1}, {"c": {"x/y": 1, "x/y": 2}}]}', "/a/1/c/x~1y"),
        (b'{"a": 1, "\\u0061": 2}', "/a"),
        (b'[[{"\\ud800": 1, "\\ud800": 2}]]', "/0/0/?"),
        (b'{"a": {"b": 1, "b": 2}, "a": 3}', "/a"),
    ],
)
def test_a_name_that_stands_twice_is_named(text: bytes, pointer: str) -> None:
    with pytest.raises(Unprocessable) as refused:
        read_json(text)
    assert [error["pointer"] for error in refused.value.errors] == [pointer]


def test_a_text_that_is_cut_off_behind_a_doubled_name_is_none() -> None:
    with pytest.raises(MalformedJson):
        read_json(b'{"a": 1, "a": 1')


def test_a_number_of_endless_digits_is_no_field_of_ours() -> None:
    with pytest.raises(Unprocessable):
        read_json(b"[" + b"9" * 5000 + b"]")
