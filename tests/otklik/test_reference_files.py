"""Reference data in files: read strictly, every wrong row named, written so that it is read the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otklik.demo import FOLDER
from otklik.files.errors import FileError
from otklik.files.reference import TABLES, read_folder, write_folder
from tests.clients.standin import Standin
from tests.otklik.commandline import Run

ENOUGH = ("--client-id", "x", "--client-secret", "y")


def write(folder: Path, **files: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / f"{name}.csv").write_text(content, encoding="utf-8")
    return folder


TEXTS = st.text(alphabet='абв ,;"|\n№x', min_size=1, max_size=20).filter(lambda text: text.strip() != "")
CELLS: dict[str, st.SearchStrategy[Any]] = {
    "position": st.none() | st.integers(1, 99),
    "active": st.booleans(),
    "stems": st.lists(TEXTS.map(lambda text: text.replace("|", "")).filter(str.strip), max_size=3),
    "aliases": st.lists(st.sampled_from(["Кшень", "Малый Кшень"]), max_size=2),
    "houses": st.lists(st.sampled_from(["5", "1-15 нечётные"]), max_size=3),
    "population": st.none() | st.integers(0, 10**6),
    "lat": st.none() | st.floats(-90, 90),
    "lon": st.none() | st.floats(-180, 180),
    "namesakes": st.booleans(),
}


@given(st.data())
def test_what_was_written_is_read_the_same(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    tables = {
        table: data.draw(
            st.lists(
                st.fixed_dictionaries(
                    {
                        column: CELLS.get(column, TEXTS if column == columns[0] else st.none() | TEXTS)
                        for column in columns
                    }
                ),
                max_size=3,
            )
        )
        for table, columns in TABLES.items()
    }
    folder = tmp_path_factory.mktemp("reference")
    written = write_folder(folder, tables)
    assert written == {table: len(rows) for table, rows in tables.items() if rows}
    if written:
        read = read_folder(folder)
        assert not read.refusals
        assert read.tables == {table: rows for table, rows in tables.items() if rows}


def test_the_demo_region_is_such_a_folder() -> None:
    found = read_folder(FOLDER)
    assert not found.refusals
    assert found.tables.keys() <= TABLES.keys()


def test_a_column_that_means_nothing_is_a_fault_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="`colour`"):
        read_folder(write(tmp_path, groups="code,name,colour\na,Дороги,red\n"))
    with pytest.raises(FileError, match="no reference data"):
        read_folder(write(tmp_path / "empty"))


def test_every_wrong_row_is_named_and_nothing_is_sent(run: Run, standin: Standin, tmp_path: Path) -> None:
    folder = write(
        tmp_path / "in",
        groups="code,name\nroads,Дороги\n,Без кода\n",
        rules="organisation,topic,position,active\ncity,holes,7,да\ncity,holes,many,true\ncity,holes,,perhaps\n",
    )
    ended = run("reference", "import", folder, "--url", standin.url, *ENOUGH)
    assert ended.code == 1
    assert "rules.csv, row 2: has a `position` that is no whole number" in ended.err
    assert "rules.csv, row 3: has a `active` that is neither true nor false" in ended.err
    folder = write(
        tmp_path / "in",
        rules="organisation,season_from,season_to\ncity,11-01,\ncity,13-01,12-01\n",
        service_areas="organisation,service,municipality,street,houses\nuk,heat,38701000,ул. Ленина,15-1\n",
    )
    ended = run("reference", "import", folder, "--url", standin.url, *ENOUGH)
    assert ended.code == 1
    for place in ("groups.csv, row 2", "rules.csv, row 1", "rules.csv, row 2", "service_areas.csv, row 1"):
        assert place in ended.err
    assert "Nothing was sent" in ended.err
    assert standin.requests == []
