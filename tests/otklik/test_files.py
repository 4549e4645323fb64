"""Files of appeals: what is read, what is sent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from otklik.files import FileError, Mapper, Row, RowError, read_rows


def written(folder: Path, content: str | bytes, name: str = "file.csv") -> Path:
    """A file with that content."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("text\nЯма\nСвет\n", [{"text": "Яма"}, {"text": "Свет"}]),
        ("text\nЯма", [{"text": "Яма"}]),
        ("\ufefftext,topic\nЯма,roads\n", [{"text": "Яма", "topic": "roads"}]),
        ("topic;text\nroads;Яма, большая\n", [{"topic": "roads", "text": "Яма, большая"}]),
        ("topic\ttext\nroads\tЯма\n", [{"topic": "roads", "text": "Яма"}]),
        ("text\r\nЯма\r\n", [{"text": "Яма"}]),
        (' Text ,"Topic"\nЯма,roads\n', [{"text": "Яма", "topic": "roads"}]),
        ('"a, b",text\n1,"две\nстроки, ""кавычки"""\n', [{"a, b": "1", "text": 'две\nстроки, "кавычки"'}]),
        ("text,topic\nЯма,\n", [{"text": "Яма", "topic": ""}]),
        ("text\n\n  \nЯма\n", [{"text": "Яма"}]),
        ("\n\ntext\nЯма\n", [{"text": "Яма"}]),
        ("text,topic\nЯма,roads,,\n", [{"text": "Яма", "topic": "roads"}]),
        ('{"text": "Яма"}\n\n{"Text": "Свет"}', [{"text": "Яма"}, {"text": "Свет"}]),
        ('\ufeff{"text": "Яма"}\n', [{"text": "Яма"}]),
        ('{"text": "одна\\nстрока, с \u2028 внутри"}\n', [{"text": "одна\nстрока, с \u2028 внутри"}]),
    ],
)
def test_rows_are_read(tmp_path: Path, content: str, expected: list[dict[str, str]]) -> None:
    rows = list(read_rows(written(tmp_path, content)))
    assert [row.values for row in rows] == expected
    assert [row.number for row in rows] == list(range(1, len(expected) + 1))
    assert not any(row.error for row in rows)


@pytest.mark.parametrize(
    ("content", "errors"),
    [
        (
            '{"text": "Яма"}\n{"text"\n[1]\n{"text": "Свет"}\n',
            ["", "is not JSON", "is not a JSON object", ""],
        ),
        ("text,topic\nЯма, большая,roads\nСвет,lights\n", ["3 values under 2 columns", ""]),
        (
            "id,text,topic\n1,Яма\nбольшая,roads\n2,Свет,lights\n",
            ["(line 2); is a value with a line end", "(line 3)", ""],
        ),
        ('{"text": "а", "Text ": "б"}\n{"text": NaN}\n{"text": "в"}\n', ["names a field twice", "NaN", ""]),
    ],
)
def test_bad_rows_keep_their_number(tmp_path: Path, content: str, errors: list[str]) -> None:
    rows = list(read_rows(written(tmp_path, content)))
    assert [row.number for row in rows] == list(range(1, len(errors) + 1))
    for row, error in zip(rows, errors, strict=True):
        assert error in row.error
        assert bool(row.error) == bool(error)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        ("\n \n", "is empty"),
        ("название,тема\nЯма,Дороги\n", "no column `text`"),
        ("text\n", "no rows"),
        ("\ufeff\n", "is empty"),
        ('[{"text": "Яма"}]', "one JSON document"),
        ('{\n"text": "Яма"}', "one JSON document"),
        ("a,b;c;d,text\nЯма\n", "sep="),
    ],
)
def test_unusable_files_say_what_to_do(tmp_path: Path, content: str | bytes, message: str) -> None:
    with pytest.raises(FileError, match=message):
        list(read_rows(written(tmp_path, content)))


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="No such file"):
        list(read_rows(tmp_path / "nothing.csv"))


BASE = {"text": "Яма", "region": "46", "external_id": "file-7"}


@pytest.mark.parametrize(
    ("values", "changes"),
    [
        ({}, {}),
        ({"text": ""}, {"text": ""}),
        ({"external_id": "p-1"}, {"external_id": "p-1"}),
        ({"external_id": "  "}, {}),
        ({"region": "59"}, {"region": "59"}),
        ({"region": "1"}, {"region": "01"}),
        ({"region": 5}, {"region": "05"}),
        ({"region": "Курская область"}, {"region": "Курская область"}),
        ({"topic": "road-signs-town"}, {"topic": "road-signs-town"}),
        ({"topic": "Аварийные деревья"}, {}),
        ({"topic": "Roads"}, {}),
        ({"municipality": "38701000"}, {"municipality": "38701000"}),
        ({"municipality": "38701000001"}, {"municipality": "38701000001"}),
        ({"municipality": "город Курск"}, {}),
        ({"address": " ул. Ленина, 1 "}, {"address": "ул. Ленина, 1"}),
        ({"channel": "vk", "regime": "message"}, {"channel": "vk", "regime": "message"}),
        ({"channel": "голубь"}, {"channel": "голубь"}),
        ({"lat": "51.73", "lon": "36,19"}, {"location": {"lat": 51.73, "lon": 36.19}}),
        ({"lat": 51.73, "lon": 36.19}, {"location": {"lat": 51.73, "lon": 36.19}}),
        ({"lat": "51.73"}, {}),
        ({"lat": "nan", "lon": "36"}, {}),
        ({"lat": "", "lon": ""}, {}),
        ({"location": {"lat": 1, "lon": 2}}, {"location": {"lat": 1, "lon": 2}}),
        ({"location": "Курск"}, {}),
        ({"applicant": {"name": "Иван"}}, {"applicant": {"name": "Иван"}}),
        ({"submitted_at": "2026-01-02T03:04:05+03:00"}, {"submitted_at": "2026-01-02T03:04:05+03:00"}),
        ({"submitted_at": "2026-01-02T03:04:05Z"}, {"submitted_at": "2026-01-02T03:04:05+00:00"}),
        ({"submitted_at": "2026-01-02 03:04"}, {"submitted_at": "2026-01-02T03:04:00+03:00"}),
        (
            {"submitted_at": "2026-01-02 03:04", "region": "59"},
            {"submitted_at": "2026-01-02T03:04:00+05:00", "region": "59"},
        ),
        ({"submitted_at": "01.02.2026 10:05"}, {"submitted_at": "2026-02-01T10:05:00+03:00"}),
        ({"submitted_at": "01.02.2026"}, {"submitted_at": "2026-02-01T00:00:00+03:00"}),
        ({"category": "3", "agency": "Администрация"}, {}),
    ],
)
def test_columns_become_fields(values: dict[str, Any], changes: dict[str, Any]) -> None:
    appeal = Mapper("46", "file").map_row(Row(7, {"text": "Яма", **values})).as_json()
    assert appeal == BASE | changes
    json.dumps(appeal)


@pytest.mark.parametrize("submitted_at", ["вчера", "20260102", 20260102, "31.02.2026", "01.02.26"])
def test_what_is_no_time_refuses_its_row(submitted_at: Any) -> None:
    with pytest.raises(RowError, match="for a date"):
        Mapper("46", "file").map_row(Row(7, {"text": "Яма", "submitted_at": submitted_at}))


def test_what_was_not_sent_is_counted() -> None:
    mapper = Mapper("46", "file")
    for number in (1, 2):
        mapper.map_row(
            Row(number, {"text": "Яма", "topic": "Дороги", "agency": "Комитет", "lat": "x", "lon": "1"})
        )
    assert mapper.ignored == {"topic (not a code)": 2, "agency": 2, "lat/lon (not numbers)": 2}


def test_the_kursk_sample_is_read_whole(samples: Path) -> None:
    path = samples / "kursk_appeals.csv"
    mapper = Mapper("46", path.stem)
    appeals = [mapper.map_row(row).as_json() for row in read_rows(path)]
    assert len(appeals) == 1963
    assert {tuple(appeal) for appeal in appeals} == {("text", "region", "external_id")}
    assert appeals[-1]["external_id"] == "kursk_appeals-1963"
    assert all(appeal["text"] for appeal in appeals)
