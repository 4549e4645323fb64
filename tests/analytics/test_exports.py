"""Figures as files: the very numbers of the operations, opened again by what people open them with."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from chassis.resources import resources_in
from contracts.routing import OrganisationChanged
from harness.tokens import TokenMint
from services.analytics.exports import actions
from services.analytics.exports.queries import appeals as appeal_queries
from services.analytics.exports.rules.cells import as_text, neutralise
from services.analytics.exports.rules.tables import FIGURE_COLUMNS
from services.analytics.figures.api import find_known_until
from services.analytics.figures.rules.measures import MEASURES
from services.analytics.figures.schemas import Figures
from services.analytics.resources import AnalyticsResources
from tests.analytics.arithmetic import FROM, NOW, TO, assignments_counted, figures_of
from tests.analytics.conftest import Project
from tests.analytics.histories import BODIES, START, Case
from tests.analytics.stories import events_of, live_cases

Rows = list[dict[str, Any]]
Get = Callable[..., Awaitable[httpx2.Response]]
# A kind of figures, the operation that answers the same, and what is asked.
ASKED: list[tuple[str, dict[str, Any]]] = [
    ("summary", {}),
    ("timeseries", {"metric": "unanswered_at_end", "grain": "week", "group_by": "channel"}),
    ("breakdown", {"metric": "p90_hours_to_answer", "by": "topic"}),
    (
        "ranking",
        {"metric": "in_time_share", "by": "organisation", "from_": START.date(), "to": date(2026, 11, 1)},
    ),
]
NUMBERS = ("value", "share", "previous", "expected", "low", "high", "sample")
FORMULA = '=HYPERLINK("http://evil.example";"Орган")'


@pytest.fixture
async def app(app_client: Any) -> Any:
    """The service, whose client is `app.client`. What waits has waited until `NOW`."""
    client, opened = await app_client("analytics")
    opened.dependency_overrides[find_known_until] = lambda: int(NOW.timestamp())
    opened.client = client
    return opened


@pytest.fixture
def get(app: Any, mint: TokenMint) -> Get:
    """`await get("export", format="csv", region="46")` as a federal analyst, unless told otherwise."""

    async def answer(
        path: str, headers: dict[str, str] | None = None, **parameters: object
    ) -> httpx2.Response:
        query = {name.rstrip("_"): str(value) for name, value in parameters.items()}
        sent = headers or mint.headers("federal", ["*"])
        found: httpx2.Response = await app.client.get(f"/api/v1/analytics/{path}", params=query, headers=sent)
        assert found.status_code == 200, found.text
        return found

    return answer


def from_csv(content: bytes, separator: str = ",") -> Rows:
    """As a program reads it."""
    text = content.decode("utf-8-sig")
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=separator))
    return [{key: value or None for key, value in row.items()} for row in rows]


def from_file(content: bytes, file: Path, read: str) -> Rows:
    """As DuckDB reads it. `read`: the function, `{}` its file."""
    file.write_bytes(content)
    with duckdb.connect() as connection:
        # An instant as text: the library needs another one to give it back.
        asked = connection.execute(
            f"SELECT * REPLACE (CAST(step_start AS VARCHAR) AS step_start) FROM {read.format(repr(str(file)))}"
        )
        names = [column[0] for column in asked.description or ()]
        return [dict(zip(names, row, strict=True)) for row in asked.fetchall()]


def from_xlsx(content: bytes, sheet: str = "Данные") -> list[list[Any]]:
    """As a spreadsheet shows it."""
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name(sheet).to_python()


async def rows_of(get: Get, kind: str, asked: dict[str, Any]) -> Rows:
    """What the operation of that name answers, one row for each value."""
    if kind == "summary":
        found = (await get(kind, **asked)).json()
        return [
            {"metric": key, "value": found[key], "previous": found["previous"][key]}
            for key in Figures.model_fields
        ]
    rows: Rows = (await get(kind, format="rows", **asked)).json()["rows"]
    return rows


def numbers_of(row: dict[str, Any]) -> list[float | None]:
    return [None if row.get(name) in (None, "") else float(row[name]) for name in NUMBERS]


def assert_same(found: Rows, expected: Rows) -> None:
    """In the same order, the same numbers to the last digit, the same names."""
    assert [numbers_of(row) for row in found] == [numbers_of(row) for row in expected]
    for row, other in zip(found, expected, strict=True):
        assert row["metric"] == other["metric"]
        assert row["name"] == other.get("name", "Всего")
        assert row["flagged"] == other.get("flagged")


@pytest.mark.parametrize(("kind", "asked"), ASKED, ids=[kind for kind, _ in ASKED])
async def test_files_hold_the_numbers_of_the_operations(
    get: Get, cases: list[Case], tmp_path: Path, kind: str, asked: dict[str, Any]
) -> None:
    """In each format, opened by csv, DuckDB and a reader of workbooks."""
    assert cases
    asked = {"region": "46", "from_": FROM, "to": TO, **asked}
    expected = await rows_of(get, kind, asked)
    assert len(expected) > 2
    assert any(each["value"] for each in expected)
    plain = (await get("export", figures=kind, **asked)).content
    assert_same(from_csv(plain), expected)
    assert_same(from_file(plain, tmp_path / "f.csv", "read_csv({})"), expected)
    excel = (await get("export", figures=kind, separator="semicolon", **asked)).content
    assert_same(from_file(excel, tmp_path / "f.csv", "read_csv({}, decimal_separator=',')"), expected)
    assert b"." not in b"".join(row.split(b";")[14] for row in excel.splitlines()[1:])
    packed = (await get("export", figures=kind, format="parquet", **asked)).content
    typed = from_file(packed, tmp_path / "f.parquet", "read_parquet({})")
    assert_same(typed, expected)
    assert {(row["region"], row["period_from"], row["period_to"]) for row in typed} == {
        ("46", asked["from_"], asked["to"])
    }
    book = from_xlsx((await get("export", figures=kind, format="xlsx", **asked)).content)
    assert book[0] == [column.name for column in FIGURE_COLUMNS]
    keys = [column.key for column in FIGURE_COLUMNS]
    assert_same(
        [
            {key: None if cell == "" else cell for key, cell in zip(keys, row, strict=True)}
            for row in book[1:]
        ],
        expected,
    )


async def test_cells_have_their_types(get: Get, cases: list[Case], tmp_path: Path) -> None:
    """Numbers, dates and instants are such; a group's key stands in the column of what it is a group of."""
    assert cases
    hours = {
        "region": "25",
        "from_": FROM,
        "to": FROM + timedelta(days=3),
        "group_by": "topic",
        "grain": "hour",
    }
    asked = {"figures": "timeseries", **hours}
    expected = (await get("timeseries", **hours)).json()["series"]
    lines = [(line["key"], point) for line in expected for point in line["points"]]
    book = from_xlsx((await get("export", format="xlsx", header="keys", **asked)).content)
    rows = [dict(zip(book[0], row, strict=True)) for row in book[1:]]
    for row, (key, point) in zip(rows, lines, strict=True):
        at = datetime.fromisoformat(point["at"]).replace(tzinfo=None)
        assert row["step_start"] == (at if at.hour else at.date())
        assert (row["topic"], row["period_from"], row["value"]) == (key or "", FROM, point["value"])
        assert isinstance(row["value"], float)
        assert isinstance(row["period_from"], date)
    packed = (await get("export", format="parquet", **asked)).content
    (tmp_path / "f.parquet").write_bytes(packed)
    with duckdb.connect() as connection:
        read = f"read_parquet('{tmp_path / 'f.parquet'}')"
        kinds = {
            name: kind for name, kind, *_ in connection.execute(f"DESCRIBE SELECT * FROM {read}").fetchall()
        }
        instants = connection.execute(f"SELECT epoch(step_start) FROM {read}").fetchall()
    assert (kinds["step_start"], kinds["value"], kinds["period_from"], kinds["sample"]) == (
        "TIMESTAMP WITH TIME ZONE", "DOUBLE", "DATE", "BIGINT",
    )  # fmt: skip
    assert [seconds for (seconds,) in instants] == [
        datetime.fromisoformat(point["at"]).timestamp() for _, point in lines
    ]


async def test_a_file_says_what_it_holds(get: Get, cases: list[Case], tmp_path: Path) -> None:
    """By its name in Latin and in Russian letters, on a sheet of definitions, in the metadata of Parquet."""
    assert cases
    asked = {
        "figures": "breakdown",
        "metric": "reopened_share",
        "by": "channel",
        "region": "46",
        "from_": FROM,
    }
    answer = await get("export", format="xlsx", **asked)
    shown = answer.headers["content-disposition"]
    assert 'filename="otklik-breakdown-reopened-share-channel-46-2026-09-11.xlsx"' in shown
    assert "filename*=UTF-8''%D0%9E" in shown
    assert shown.isascii()
    assert answer.headers["content-type"].endswith("spreadsheetml.sheet")
    assert int(answer.headers["content-length"]) == len(answer.content)
    told = str(from_xlsx(answer.content, "Определения"))
    assert MEASURES["reopened_share"].definition in told
    assert "Курская область" in told
    assert "2026-09-11" in told
    (tmp_path / "f.parquet").write_bytes((await get("export", format="parquet", **asked)).content)
    with duckdb.connect() as connection:
        found = dict(
            connection.execute(
                f"SELECT key, value FROM parquet_kv_metadata('{tmp_path / 'f.parquet'}')"
            ).fetchall()
        )
    assert json.loads(found[b"definition"]) == {"reopened_share": MEASURES["reopened_share"].definition}
    assert json.loads(found[b"about"])["Регион"] == "Курская область"


async def test_no_cell_is_a_formula(get: Get, cases: list[Case], projected: Project) -> None:
    """An organisation that calls itself a formula is a text, whatever the file is opened with."""
    assert cases
    renamed = {"organisation_id": BODIES[0].id, "sequence": 9, "time": NOW, "code": "body-0", "name": FORMULA}
    await projected([OrganisationChanged(region="46", kind="executive", active=True, **renamed)])
    asked = {"figures": "breakdown", "by": "organisation", "region": "46"}
    names = [row["name"] for row in from_csv((await get("export", **asked)).content)]
    assert f"'{FORMULA}" in names
    content = (await get("export", format="xlsx", **asked)).content
    assert FORMULA in [row[10] for row in from_xlsx(content)]


@given(st.text(st.sampled_from(" \u00a0\t\r\n=+-@＝＠'яb0"), max_size=6))
def test_texts_begin_no_formula_and_lose_nothing(text: str) -> None:
    """Not after blanks either; what begins nothing stays as it is."""
    found = neutralise(text)
    assert found.lstrip()[:1] not in tuple("=+-@＝＋－＠")
    assert found[:1] not in tuple("\t\r\n")
    assert found in (text, "'" + text)
    assert found == text or text.lstrip()[:1] in tuple("=+-@＝＋－＠") or text[:1] in tuple("\t\r\n")


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers())
def test_numbers_keep_every_digit(real: float, whole: int) -> None:
    """Negative ones are numbers and no formulas."""
    assert float(as_text(real)) == real
    assert float(as_text(real, ",").replace(",", ".")) == real
    assert int(as_text(whole)) == whole


async def test_an_organisation_gets_its_own_figures_only(
    get: Get, mint: TokenMint, cases: list[Case]
) -> None:
    """In every kind of file, whatever is asked."""
    own = BODIES[1].id
    headers = mint.headers("agency", ["46"], own)
    counted = [one for one in assignments_counted(cases, own) if one.case.region == "46"]
    summary = from_csv((await get("export", headers, region="46")).content)
    found = {row["metric"]: float(row["value"]) if row["value"] else None for row in summary}
    assert found == pytest.approx({key: figures_of(counted)[key] for key in Figures.model_fields})
    for kind in ("timeseries", "breakdown", "ranking"):
        key = "group_by" if kind == "timeseries" else "by"
        rows = from_csv(
            (await get("export", headers, region="46", figures=kind, **{key: "organisation"})).content
        )
        assert {row["organisation"] for row in rows} == {str(own)}, kind
    appeals = from_csv((await get("export", headers, region="46", figures="appeals")).content)
    distinct = {one.case.id for one in counted}
    assert len(distinct) - 4 <= len(appeals) <= len(distinct)


async def test_too_much_is_refused_with_what_would_fit(
    app: Any, get: Get, mint: TokenMint, projected: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the period that it names does."""
    await projected(events_of(live_cases(Random(3), 60, ["46"])))
    monkeypatch.setattr(appeal_queries, "MOST_APPEALS", 40)
    path, headers = "/api/v1/analytics/export?figures=appeals&region=46", mint.headers("analyst")
    refused = await app.client.get(path, headers=headers)
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/too-many-rows")
    words = refused.json()["detail"].split()
    start, end = words[words.index("from") + 1], words[words.index("to") + 1]
    fits = from_csv((await get("export", figures="appeals", region="46", from_=start, to=end)).content)
    assert 30 <= len(fits) <= 40
    monkeypatch.setattr(appeal_queries, "MOST_APPEALS", 0)
    alone = await app.client.get(path, headers=headers)
    assert "alone has more" in alone.json()["detail"]


async def test_files_are_written_one_after_the_other(
    app: Any, mint: TokenMint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who waits too long is told to come again, and nothing is left on the disk."""
    monkeypatch.setattr(actions, "WAIT_SECONDS", 0.05)
    resources = resources_in(app, AnalyticsResources)
    path, headers = "/api/v1/analytics/export?region=46", mint.headers("analyst")
    async with actions.turn(resources.export_turns):
        busy = await app.client.get(path, headers=headers)
    assert (busy.status_code, busy.json()["type"]) == (503, "/problems/figures-busy")
    assert (await app.client.get(path, headers=headers)).status_code == 200
