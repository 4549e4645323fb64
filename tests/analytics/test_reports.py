"""The report: what it says is what the API says, in every format, and nobody's names can break out of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import asyncpg
import pytest
from docx import Document

from harness.tokens import TokenMint
from services.analytics.decisions.schemas import DecisionView
from services.analytics.figures.rules.measures import MEASURES
from services.analytics.reports.rules import wording
from services.analytics.reports.rules.charts import draw_chart
from services.analytics.reports.rules.document import Chart, ChartPoint, Column, Report, Section, Table
from services.analytics.reports.rules.marked_text import render_markdown
from services.analytics.reports.rules.office import render_document
from services.analytics.reports.rules.pages import render_page
from tests.analytics.deciding import name_all, stated
from tests.analytics.histories import START, Case

REPORT = "/api/v1/analytics/report"
PERIOD = {"region": "46", "from": "2026-10-01", "to": "2026-11-01"}
QUERIES = "Запросы, которые дают эти цифры"


@dataclass(frozen=True)
class Told:
    """A table of a document: the number of its query, its rows below the head."""

    number: str
    rows: list[list[str]]


def tables_of(content: bytes) -> dict[str, Told]:
    """All tables of a document by their captions, which stand just above them and name their query: «Ряд [2]»."""
    document, found, caption = Document(BytesIO(content)), {}, ""
    for block in document.iter_inner_content():
        if hasattr(block, "rows"):
            name, _, number = caption.partition(" [")
            rows = [[cell.text for cell in row.cells] for row in block.rows]
            found[name] = Told(number and f"[{number}", rows[1:])
        elif block.text:
            caption = block.text
    return found


def number(text: str) -> float | None:
    """A Russian number as one: the first in a cell."""
    if text == wording.NOTHING:
        return None
    plain = text.replace(wording.THIN, "").replace("\u2212", "-").replace(",", ".")
    match = re.match(r"[+-]?[0-9.]+", plain)
    assert match, text
    return float(match.group()) / (100 if "%" in plain else 1)


def same(text: str, value: float | None, key: str) -> bool:
    """Whether a cell says a value, as far as its digits go."""
    half = {"count": 0.0, "share": 0.0005001, "score": 0.005001}.get(MEASURES[key].unit, 0.05001)
    found = number(text)
    return found is None if value is None else found is not None and abs(found - value) <= half


async def test_every_figure_of_the_document_is_the_apis(
    app_client: Any, mint: TokenMint, cases: list[Case], look: asyncpg.Connection
) -> None:
    """Opened again by the library: every table is compared with what the query answers that its caption names; and a decision is
    told with why it has no effect yet."""
    assert cases
    await name_all(look)
    client, _ = await app_client("analytics")
    headers = mint.headers("analyst")
    made = await client.post("/api/v1/analytics/decisions", json=stated(START.date()), headers=headers)
    assert DecisionView.model_validate(made.json()).owner
    answer = await client.get(REPORT, params=PERIOD, headers=headers)
    assert answer.status_code == 200, answer.text
    tables = tables_of(answer.content)
    answers: dict[str, Any] = {}
    for number_of_query, query in tables[QUERIES].rows:
        given = await client.get(query, headers=headers)
        assert given.status_code == 200, query
        answers[number_of_query] = given.json()

    keys = [row[1] for row in tables["Определения"].rows]
    headline = tables["Главные показатели"]
    summary = answers[headline.number]
    assert [row[0] for row in headline.rows] == [MEASURES[key].name for key in keys]
    for row, key in zip(headline.rows, keys, strict=True):
        assert same(row[1], summary[key], key), row
        assert same(row[2], summary["previous"][key], key), row
    (line,) = (told for caption, told in tables.items() if caption.startswith("Поступило. По дням"))
    days = {wording.short_day(each): value for each, value in points(answers[line.number])}
    assert {row[0]: int(row[1]) for row in line.rows} == days
    compared = {caption for caption in COUNTED if caption in tables}
    assert compared & {"Что выросло", "Что снизилось"}
    for caption in compared:
        assert_counted(tables[caption], answers)
    for caption, told in tables.items():
        if caption.endswith(": доля в срок"):
            assert_ranked(told, answers)
    (decided,) = tables["Управленческие решения"].rows
    assert decided[0] == made.json()["title"]


COUNTED = ("Что выросло", "Что снизилось", "Чаще всего", "Просрочено по органам", "Возобновлено по темам")


def assert_counted(told: Told, answers: dict[str, Any]) -> None:
    """Counts of groups, now and before."""
    items = {item["name"]: item for item in answers[told.number]["items"]}
    assert told.rows
    for row in told.rows:
        assert number(row[1]) == items[row[0]]["value"], row
        assert len(row) == 2 or number(row[2]) == items[row[0]]["previous"], row


def assert_ranked(told: Told, answers: dict[str, Any]) -> None:
    """Shares and what was to be expected of them."""
    items = {item["name"]: item for item in answers[told.number]["items"]}
    assert told.rows
    for row in told.rows:
        assert same(row[1], items[row[0]]["value"], "in_time_share"), row
        assert same(row[2], items[row[0]]["expected"], "in_time_share"), row


def points(answer: dict[str, Any]) -> list[tuple[Any, int]]:
    """Days and values of a series."""
    return [
        (datetime.fromisoformat(point["at"]).date(), point["value"])
        for line in answer["series"]
        for point in line["points"]
    ]


async def test_formats_say_the_same_to_whom_may_ask(
    app_client: Any, mint: TokenMint, cases: list[Case]
) -> None:
    """A page without a script, text with marks; an organisation gets its own, others' regions and nonsense are refused."""
    assert cases
    client, _ = await app_client("analytics")
    headers = mint.headers("coordinator")
    page = await client.get(REPORT, params={**PERIOD, "format": "html"}, headers=headers)
    text = await client.get(REPORT, params={**PERIOD, "format": "md"}, headers=headers)
    assert page.headers["content-type"].startswith("text/html")
    assert "<script" not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert '<html lang="ru">' in page.text
    received = re.search(r"Поступило</th><td class=\"number\">([^<]+)<", page.text)
    assert received
    assert f"| Поступило | {received.group(1)} |" in text.text
    for params, role, status in (
        ({**PERIOD, "format": "pdf"}, "coordinator", 422),
        ({**PERIOD, "region": "59"}, "coordinator", 403),
        (PERIOD, "portal", 403),
        ({}, "coordinator", 422),
        ({"format": "md"}, "federal", 200),
    ):
        regions = ["*"] if role == "federal" else ["46"]
        answer = await client.get(REPORT, params=params, headers=mint.headers(role, regions))
        assert answer.status_code == status, (params, role, answer.text)


HOSTILE = "<script>alert(1)</script>|*x*\u2028\x07&\"'[a](b)"


def test_names_cannot_break_out() -> None:
    """Whatever a topic is called, it is text in all three formats."""
    table = Table(HOSTILE, (Column(HOSTILE), Column("Число", True)), [(HOSTILE, "1")], 1)
    chart = Chart(
        HOSTILE, "Поступило", [ChartPoint(HOSTILE, 1.0), ChartPoint("б", None), ChartPoint("в", 3.0)]
    )
    report = Report(HOSTILE, HOSTILE, [Section(HOSTILE, [table, chart])])
    page, text = render_page(report), render_markdown(report)
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert all(row.count(" | ") == 1 for row in text.splitlines() if row.startswith("| "))
    cells = [
        cell for told in tables_of(render_document(report)).values() for row in told.rows for cell in row
    ]
    assert HOSTILE.replace("\x07", "") in cells


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (wording.appeals(1), "1 обращение"),
        (wording.appeals(22), "22 обращения"),
        (wording.appeals(1011), "1\u202f011 обращений"),
        (wording.figure(0.875, "share"), "87,5\u00a0%"),
        (wording.figure(None, "hours"), "–"),
        (wording.figure(1234.56, "hours"), "1\u202f234,6 ч"),
        (wording.change(8, 10, "count"), "\u22122 (\u221220\u00a0%)"),
        (wording.change(0.5, 0.45, "share"), "+5,0 п. п."),
        (wording.number(-0.01, 1), "0,0"),
        (wording.day(START.date()), "1 сентября 2026\u00a0г."),
    ],
)
def test_russian_numbers(said: str, expected: str) -> None:
    """Thin blanks between thousands, commas, plurals."""
    assert said == expected


@pytest.mark.parametrize(
    ("region", "expected"),
    [
        ("46", "30.11.2026 08:25 (UTC+03:00)"),
        ("25", "30.11.2026 15:25 (UTC+10:00)"),
        (None, "30.11.2026 08:25 (UTC+03:00)"),
    ],
)
def test_officials_read_their_own_clock(region: str | None, expected: str) -> None:
    """Of several regions the capital's."""
    assert wording.moment(datetime(2026, 11, 30, 5, 25, tzinfo=UTC), region) == expected


def test_a_chart_shows_what_is_there() -> None:
    """A broken line where nothing is known, the band of a counterfactual, words for who does not see it; zero is no error."""
    gap = draw_chart(
        Chart("Ряд", "Поступило", [ChartPoint(str(at), None if at == 2 else at) for at in range(5)])
    )
    path = re.search(r'<path d="([^"]+)"', gap)
    assert path
    assert path.group(1).count("M") == 2
    assert 'role="img"' in gap
    assert "от 0 (0) до 4 (4)" in gap
    band = draw_chart(Chart("Ряд", "Поступило", [ChartPoint("а", 1, 2, 1, 3), ChartPoint("б", 1, 2, 1, 3)]))
    assert "<polygon" in band
    assert draw_chart(Chart("Пусто", "Поступило", [ChartPoint("а", 0), ChartPoint("б", 0)])).startswith(
        "<svg"
    )
    assert draw_chart(Chart("Пусто", "Поступило", []))
