"""Files of past cases: which column is what, which time is meant, and what an empty cell says."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from otklik.files import FileError, read_rows
from otklik.legacy_cases import LegacyCaseMapper
from tests.otklik.commandline import Run
from tests.otklik.test_files import written

BOSTON = (
    "case_enquiry_id,open_dt,target_dt,closed_dt,ontime,case_title,reason,type,department,latitude,longitude\n"
    "101,2011-10-01 01:37:13,2011-10-04 01:37:12,2011-10-01 06:13:16,ONTIME,Lamp,Street Lights,Outage,PWDx,42.3,-71.0\n"
    "102,2011-10-01 01:37:13,,,ONTIME,Lamp,Street Lights,Outage,PWDx,,\n"
)


def cases_of(path: Path, **options: Any) -> tuple[LegacyCaseMapper, list[dict[str, Any]]]:
    """Everything a file holds, as it would be sent."""
    mapper = LegacyCaseMapper("46", "file", **options)
    rows = list(read_rows(path, None))
    mapper.bind(rows[0].values)
    return mapper, [dict(mapper.map_row(row).as_json()) for row in rows]


@pytest.mark.parametrize("packed", [False, True])
def test_usual_names_are_recognised(tmp_path: Path, packed: bool) -> None:
    path = written(tmp_path, gzip.compress(BOSTON.encode()) if packed else BOSTON)
    mapper, (closed, open_one) = cases_of(path)
    assert closed == {
        "external_id": "101", "received_at": "2011-10-01T01:37:13+04:00", "due_at": "2011-10-04T01:37:12+04:00",
        "closed_at": "2011-10-01T06:13:16+04:00", "text": "Lamp", "topic": "Outage", "group": "Street Lights",
        "organisation": "PWDx", "region": "46", "location": {"lat": 42.3, "lon": -71.0},
    }  # fmt: skip
    assert open_one["due_at"] is None, "an empty cell says that there was no due time"
    assert "closed_at" not in open_one
    assert mapper.without_due == {"open": 1}
    assert mapper.ignored == {"ontime": 2}


def test_a_file_without_a_due_column_says_nothing_of_due_times(tmp_path: Path) -> None:
    mapper, (case,) = cases_of(written(tmp_path, "received_at\n2020-01-01T10:00:00+03:00\n"))
    assert case == {"received_at": "2020-01-01T10:00:00+03:00", "region": "46", "external_id": "file-1"}
    assert not mapper.without_due


def test_columns_can_be_given_and_zones_too(tmp_path: Path) -> None:
    path = written(tmp_path, "Тип;Когда;type\nЯмы;01.02.2020 10:30;x\n")
    given = {"received_at": "когда", "topic": "ТИП"}
    _, (case,) = cases_of(path, given=given, zone=ZoneInfo("Asia/Vladivostok"))
    assert (case["received_at"], case["topic"]) == ("2020-02-01T10:30:00+10:00", "Ямы")


@pytest.mark.parametrize(
    ("cell", "due", "closed"),
    [
        ("2020-02-01", "2020-02-01T23:59:59+03:00", "2020-02-01T23:59:59+03:00"),
        ("01.02.2020", "2020-02-01T23:59:59+03:00", "2020-02-01T23:59:59+03:00"),
        ("01.02.2020 10:30", "2020-02-01T10:30:00+03:00", "2020-02-01T10:30:00+03:00"),
        ("2020-02-01T10:30:00+05:00", "2020-02-01T10:30:00+05:00", "2020-02-01T10:30:00+05:00"),
        ("01.02.2020 10:30:05", "2020-02-01T10:30:05+03:00", "2020-02-01T10:30:05+03:00"),
    ],
)
def test_a_day_lasts_until_its_end(tmp_path: Path, cell: str, due: str, closed: str) -> None:
    path = written(tmp_path, f"received_at,due_at,closed_at\n2020-01-01T10:00:00+03:00,{cell},{cell}\n")
    _, (case,) = cases_of(path)
    assert (case["due_at"], case["closed_at"]) == (due, closed)


@pytest.mark.parametrize(
    ("content", "given", "message"),
    [
        ("text\nЯма\n", {}, "--column received_at=NAME"),
        ("text\nЯма\n", {"received_at": "when"}, "no column `when`"),
        ("text\nЯма\n", {"recieved_at": "text"}, "no field `recieved_at`"),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused_before_anything_is_sent(
    tmp_path: Path, content: str, given: dict[str, str], message: str
) -> None:
    with pytest.raises(FileError, match=message):
        cases_of(written(tmp_path, content), given=given)


def test_the_day_of_acceptance_ends_with_the_case(tmp_path: Path) -> None:
    path = written(tmp_path, "received_at,accepted_at,closed_at\n2020-01-01,2020-01-02,2020-01-02 15:00\n")
    _, (case,) = cases_of(path)
    assert case["accepted_at"] == case["closed_at"] == "2020-01-02T15:00:00+03:00"


def test_what_was_done_today_was_done_by_now(tmp_path: Path) -> None:
    today = datetime.now(ZoneInfo("Europe/Moscow")).date()
    path = written(tmp_path, f"received_at,closed_at\n2020-01-01T10:00:00+03:00,{today}\n")
    _, (case,) = cases_of(path)
    assert datetime.fromisoformat(case["closed_at"]) <= datetime.now(UTC)


def test_fields_are_left_out_on_demand_and_so_are_columns(tmp_path: Path) -> None:
    path = written(tmp_path, "received_at;результат;type;орган\n2020-01-01T10:00:00+03:00;Ура;x;y\n")
    mapper, (case,) = cases_of(path, given={"topic": "", "outcome": ""}, excluded=("Орган",))
    assert set(case) == {"received_at", "region", "external_id"}
    assert mapper.left_out == {"результат", "type", "орган"}
    assert mapper.unread(["received_at", "type", "x"]) == ["x"]


def test_a_damaged_archive_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, gzip.compress(BOSTON.encode())[:60])
    with pytest.raises(FileError, match="damaged"):
        list(read_rows(path, None))


def test_the_command_refuses_what_it_cannot_read(run: Run, tmp_path: Path) -> None:
    rows = "\n".join(f"2020-01-01T10:00:00+03:00,текст {number}" for number in range(2001))
    wrong = written(tmp_path, f"received_at,topic\n{rows}\n")
    ended = run("import-history", wrong)
    assert ended.code == 1
    assert "--column topic=NAME" in ended.err
    uneven = written(
        tmp_path,
        '{"received_at": "2020-01-01T10:00:00Z", "topic": ["a"]}\n{"open_dt": "x", "closed_dt": "y"}\nno json\n',
    )
    ended = run("import-history", uneven, "--url", "http://127.0.0.1:9", "--column", "closed_at=closed_dt")
    assert "no column" not in ended.err, "a later record may have what the first one lacks"
    assert "Traceback" not in ended.err
    file = written(tmp_path, BOSTON)
    for option, value, message in (
        ("--zone", "Mars/Olympus", "no time zone"),
        ("--column", "received_at", "FIELD=COLUMN"),
        ("--column", "received_at=when", "no column `when`"),
    ):
        ended = run("import-history", file, option, value)
        assert (ended.code, message in ended.err) == (1, True), ended.err
