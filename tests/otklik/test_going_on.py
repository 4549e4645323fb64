"""Where sending goes on, and where it must not; what stands where in files that were read."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from fastapi.responses import JSONResponse

from otklik.cli.import_undo import is_taken_back
from otklik.cli.system import Target
from otklik.files import Source
from otklik.files.sheets import read_sheet
from otklik.legacy_cases.mapper import LegacyCaseMapper
from otklik.presets import known_headings, recognise_preset
from otklik_client import Client
from otklik_client.models import ImportView
from tests.clients.filled import filled
from tests.clients.standin import Standin, problem
from tests.otklik.dirty.cases import ROW, csv
from tests.otklik.test_files import written
from tests.otklik.workbooks import merged_workbook


def test_two_installations_behind_one_address_are_two(tmp_path: Path) -> None:
    """A home that was made anew has another client: nothing of the first one's progress counts there."""
    identities = set()
    for name in ("first", "second"):
        home = tmp_path / name
        home.mkdir()
        entry = {"portal": {"client_id": str(uuid4()), "client_secret": "s"}}
        (home / "credentials.json").write_text(json.dumps(entry))
        identities.add(Target(home=home, url="http://127.0.0.1:8080").identity("portal"))
    assert len(identities) == 2
    assert Target(home=tmp_path, url="http://127.0.0.1:8080").identity("portal")[1] == ""


@pytest.mark.parametrize("status", ["undone", "undoing", "done", None])
def test_an_import_that_was_taken_back_does_not_go_on(standin: Standin, status: str | None) -> None:
    """One that nobody knows has not been taken back: its first cases are not masked yet."""
    import_id = uuid4()
    state = filled(ImportView, id=str(import_id), status=status)
    standin.instead.append(JSONResponse(state) if status else problem(404, "not-found"))
    with Client(standin.url, "portal", "right") as client:
        assert is_taken_back(client, UUID(str(import_id))) is (status in ("undone", "undoing"))


def test_what_is_given_counts_before_what_an_export_makes_of_nothing(tmp_path: Path) -> None:
    source = Source(written(tmp_path, csv(ROW), "a.csv"), known_headings("im"))
    preset = recognise_preset(source.names(), "im").preset
    mapper = LegacyCaseMapper("46", "a", export=preset, fixed={"channel": "phone"})
    mapper.bind(source.names())
    (row,) = source.rows(mapper.required)
    assert mapper.draft_of(row).texts["channel"] == "phone"


def test_merged_cells_stand_where_the_table_does(tmp_path: Path) -> None:
    """A table that begins in the second column."""
    rows = [(None, "тема", "статус"), (None, "Ямы", "Решено"), (None, None, "Отказано")]
    file = tmp_path / "a.xlsx"
    file.write_bytes(merged_workbook(rows, ["B2:B3"]))
    assert [record.cells for record in read_sheet(file)] == [
        ["тема", "статус"],
        ["Ямы", "Решено"],
        ["Ямы", "Отказано"],
    ]
