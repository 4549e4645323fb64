"""`otklik analyse` on files of people."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.otklik.commandline import Run

FIRST = datetime(2026, 3, 2, 8, tzinfo=UTC)
BURST = 70  # the day on which pipes break
HEADER = ("Дата", "Тема", "Район", "Широта", "Долгота", "Источник")


def rows_of_a_region() -> list[tuple[str, ...]]:
    """Ninety days of two topics in three districts; on one of them twenty pipes break in the north."""
    rows: list[tuple[str, ...]] = []
    for day in range(90):
        for number in range(12):
            at = FIRST + timedelta(days=day, minutes=47 * number + day % 7)
            district = ("Север", "Юг", "Центр")[number % 3]
            point = (f"{51.7 + number / 100}", f"{36.1 + day % 9 / 100}")
            rows.append((f"{at:%d.%m.%Y %H:%M}", "Вода" if number % 2 else "Дороги", district, *point, "ПОС"))
    for number in range(20):
        at = FIRST + timedelta(days=BURST, minutes=31 * number)
        rows.append((f"{at:%d.%m.%Y %H:%M}", "Вода", "Север", "51.9", "36.3", "ПОС"))
        rows.append((f"{at:%d.%m.%Y %H:%M}", "Дороги", "Юг", "51.8", "36.2", "Ввод сотрудника"))
    return rows


@pytest.fixture
def register(tmp_path: Path) -> Path:
    """The file."""
    return write(tmp_path / "register.csv", rows_of_a_region())


def write(path: Path, rows: list[tuple[str, ...]]) -> Path:
    """A CSV file as spreadsheets here save it."""
    with path.open("w", encoding="cp1251", newline="") as file:
        csv.writer(file, delimiter=";").writerows([HEADER, *rows])
    return path


ASKED = ("--time", "дата", "--type", "ТЕМА", "--place", "Район", "--lat", "Широта", "--lon", "Долгота")
OFFICIAL = ("--source", "Источник", "--official", "Ввод сотрудника")


def test_the_burst_is_found_on_its_day_and_forecasts_are_written(
    run: Run, register: Path, tmp_path: Path
) -> None:
    """Clerks' entries of the same day are not raised; columns are found whatever their case."""
    ended = run("analyse", str(register), *ASKED, *OFFICIAL, "--out", str(tmp_path / "out"), "--json")
    assert ended.code == 0, ended.err
    bursts = [each for each in ended.result["problems"] if each["kind"] == "burst"]
    assert [(each["type"], each["place"], each["detected_on"]) for each in bursts] == [
        ("Вода", "Север", "2026-05-11")
    ]
    assert bursts[0]["observed"] >= 20 > bursts[0]["expected"]
    assert bursts[0]["p_value"] < 1e-3
    assert ended.result["forecast"].keys() >= {"method", "scaled_error", "naive_scaled_error", "coverage_90"}
    with (tmp_path / "out" / "forecasts.csv").open(encoding="utf-8", newline="") as file:
        days = list(csv.DictReader(file))
    assert list(days[0]) == ["day", "type", "predicted", "low", "high", "observed"]
    assert len(days) == 30 * 2
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "forecasts.csv",
        "forecasts_by_place.csv",
        "outlook.csv",
    }


def test_without_saying_who_is_official_clerks_are_raised_too(run: Run, register: Path) -> None:
    """The table for people names both."""
    ended = run("analyse", str(register), *ASKED)
    assert ended.code == 0, ended.err
    assert ended.out.count("burst") == 2
    assert "scaled_error" in ended.out


def test_a_row_that_cannot_be_read_is_named_and_the_rest_analysed(run: Run, tmp_path: Path) -> None:
    """Exit code 1; rows without a type are left out without ado."""
    rows = [*rows_of_a_region(), ("вчера", "Вода", "Юг", "", "", ""), ("11.05.2026", " ", "Юг", "", "", "")]
    ended = run("analyse", str(write(tmp_path / "faulty.csv", rows)), *ASKED, "--json")
    assert ended.code == 1
    assert ended.result["refused"] == 1
    assert "вчера" in ended.err
    assert "1 rows without a type" in ended.err
    assert ended.result["problems"]


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (("--time", "Когда", "--type", "Тема"), 1, "no column `когда`"),
        (("--time", "Дата", "--type", "О чём"), 1, "no column `о чем`"),
        ((*ASKED, "--holidays", "XX-99"), 1, "no holidays of `XX-99`"),
        ((*ASKED, "--zone", "Europe/Nowhere"), 1, "no time zone"),
        ((*ASKED, "--horizon", "0"), 2, "--horizon"),
        ((*ASKED, "--official", "Ввод сотрудника"), 2, "--source"),
        (("--time", "Дата", "--type", "Тема", "--lat", "Широта"), 2, "--lon"),
    ],
)
def test_what_cannot_be_done_is_explained(
    run: Run, register: Path, options: tuple[str, ...], code: int, words: str
) -> None:
    """Nobody has to read a traceback."""
    ended = run("analyse", str(register), *options)
    assert ended.code == code
    assert words in " ".join(ended.err.split())
    assert "Traceback" not in ended.err


def test_a_wrong_date_is_named_instead_of_centuries_gone_through(run: Run, tmp_path: Path) -> None:
    """Spreadsheets know 1900."""
    rows = [*rows_of_a_region(), ("01.01.1900", "Вода", "Юг", "", "", "")]
    ended = run("analyse", write(tmp_path / "old.csv", rows), *ASKED)
    assert ended.code == 1
    assert "1900-01-01" in ended.err


def test_a_date_that_may_mean_two_days_is_not_guessed(run: Run, tmp_path: Path) -> None:
    """Until somebody says which number is the day."""
    rows: list[tuple[str, ...]] = [("01/02/2026", "Вода", "Юг", "", "", "")]
    file = str(write(tmp_path / "dates.csv", rows))
    assert "--date-format" in run("analyse", file, *ASKED).err
    ended = run("analyse", file, *ASKED, "--date-format", "dmy", "--json")
    assert (ended.code, ended.result["forecast"], ended.result["problems"]) == (0, None, [])
