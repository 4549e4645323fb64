"""One strict reader: what a program writes is read back the same, whatever the encoding and the separator; a fault of the
file is found wherever it stands, and nothing is guessed."""

from __future__ import annotations

import csv
import gzip
import io
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from otklik.files import FileError, RowError, read_rows
from otklik.files.moments import AmbiguousDate, read_moment
from tests.otklik.commandline import Run
from tests.otklik.test_files import written
from tests.otklik.workbooks import DAY, MOMENT, Cell, workbook

RUSSIAN = "абвгдежзийклмнопрстуфхцчшщъыьэюяАБВЁё «»№–"
cells = st.text(st.sampled_from(RUSSIAN + "ab 01,;\t\"'\n|="), max_size=12).filter(lambda cell: cell != "sep")


def table(rows: list[list[str]], **dialect: Any) -> str:
    """As the standard library writes it."""
    text = io.StringIO()
    csv.writer(text, **dialect).writerows(rows)
    return text.getvalue()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where files of many examples are written."""
    return tmp_path_factory.mktemp("files")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.tuples(cells, cells), min_size=1, max_size=6),
    delimiter=st.sampled_from(",;\t"),
    ends=st.sampled_from(["\r\n", "\n"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1251"]),
    told=st.booleans(),
    packed=st.booleans(),
)
def test_what_a_program_writes_is_read_back(
    folder: Path, rows: Any, delimiter: str, ends: str, quoting: int, encoding: str, told: bool, packed: bool
) -> None:
    written_rows = [
        ["Яма и Ухаб в городе", "text"],
        *([*row] for row in rows),
        ["последняя строка", "Просим починить дорогу у дома. " * 20],
    ]
    text = table(written_rows, delimiter=delimiter, lineterminator=ends, quoting=quoting)
    content = ((f"sep={delimiter}{ends}" if told else "") + text).encode(encoding)
    file = written(folder, gzip.compress(content, 1) if packed else content)
    expected = [row for row in written_rows[1:] if any(cell.strip() for cell in row)]
    read = list(read_rows(file))
    assert not [row.error for row in read if row.error]
    assert [list(row.values.values()) for row in read] == expected


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.tuples(cells, cells), min_size=1, max_size=6),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    place=st.floats(0, 1),
    data=st.data(),
)
def test_one_quote_more_or_less_is_always_noticed(
    folder: Path, rows: Any, quoting: int, place: float, data: Any
) -> None:
    """Nothing that differs from a well-formed file by one quote is read as if it were one."""
    text = table([["id", "text"], *([*row] for row in rows)], quoting=quoting)
    quotes = [at for at, letter in enumerate(text) if letter == '"']
    if quotes and data.draw(st.booleans()):
        at = quotes[int(place * (len(quotes) - 1))]
        text = text[:at] + text[at + 1 :]
    else:
        at = int(place * len(text))
        text = text[:at] + '"' + text[at:]
    with pytest.raises(FileError, match="line "):
        list(read_rows(written(folder, text)))


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ('id,text\n1,"Яма\n2,Свет\n3,Лампа\n', 2),
        ('id,text\n1,"Яма\n2,"Свет"\n3,Лампа\n', 3),
        ('id,text\n1,Яма\n2,Труба 5" течёт\n3,Лампа\n', 3),
        ('id,text\n1,ООО "Свет" молчит\n', 2),
        ('id,text\n1,"Яма" на дороге\n', 2),
        ('id,text\n1, "Яма"\n', 2),
        ('"id,text\n1,Яма\n', 1),
        ('id,text\n1,"две\nстроки"\n2,"Свет\n', 4),
        ('id,text\r\n1,"Яма\r\n2,Свет\r\n', 2),
    ],
)
def test_the_line_of_a_stray_quote_is_named(tmp_path: Path, content: str, line: int) -> None:
    with pytest.raises(FileError, match=rf"line {line}: a quote"):
        list(read_rows(written(tmp_path, content)))


@pytest.mark.parametrize(
    "header",
    [
        "text,text",
        "text,Text",
        "text, TEXT ",
        "text,te xt",
        "text,\u00a0text",
        "text,te\u200bxt",
        "Дата ответа,text,дата\u00a0ответа",
    ],
)
@pytest.mark.parametrize("as_workbook", [False, True])
def test_two_columns_of_one_name_are_a_fault(tmp_path: Path, header: str, as_workbook: bool) -> None:
    names = header.split(",")
    content = (
        workbook([names, ["а"] * len(names)])
        if as_workbook
        else f"{header}\n{','.join('абв'[: len(names)])}\n".encode()
    )
    with pytest.raises(FileError, match="two columns"):
        list(read_rows(written(tmp_path, content)))


TEXT = "Яма на дороге у дома, просим засыпать; «Х» № 5\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (f"text\n{TEXT}".encode() + b"\xd0\n", "line 3: bytes that are no text"),
        (f"text\n{TEXT * 3}".encode() + TEXT.encode("cp1251"), "line 5: bytes"),
        ("text\nЯма на дороге у дома\n".encode("cp866"), "line 2: bytes"),
        ("text\nЯма на дороге\n".encode("cp1251") + b"\x98\n", "line 2: bytes"),
        (b"text\n\xff\xfe\xfd\n", "line 2: bytes"),
        (b"text\ncaf\xe9 \x80\x82\n", "line 2: bytes"),
        (f"text\n{TEXT}".encode("utf-16")[:-1], "no text in UTF-16"),
        (f"\ufefftext\n{TEXT}".encode() + b"\xcf\n", "no text in UTF-8"),
        (f"text\n{TEXT}\0\n".encode(), "line 3: a NUL"),
        ("text\nabc\n".encode("utf-16-le"), "a NUL"),
        (bytes(range(256)) * 4, "bytes that are no text"),
        ((f"text\n{TEXT * 20}").replace("№", "").replace("«Х»", "").encode("koi8-r"), "line 2: bytes"),
        (b"PK\x03\x04nonsense", "as a workbook"),
        (gzip.compress(workbook([["text"], ["Яма"]])), "packed workbook"),
        (workbook(), "as a workbook|is empty"),
        (workbook([]), "is empty"),
        (workbook([["text"]]), "no rows"),
        (workbook([["text"], ["Яма"]], [["text"], ["Свет"]]), "«Лист1», «Лист2»"),
    ],
)  # fmt: skip
def test_what_is_no_text_is_no_file_of_appeals(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(FileError, match=message):
        list(read_rows(written(tmp_path, content)))


@pytest.mark.parametrize("encoding", ["cp1251", "utf-8", "utf-8-sig", "utf-16", "utf-16-le-marked"])
@pytest.mark.parametrize("ndjson", [False, True])
def test_russian_is_read_in_the_encodings_it_comes_in(tmp_path: Path, encoding: str, ndjson: bool) -> None:
    text = f'{{"text": "{TEXT.strip()}"}}\n' if ndjson else f'sep=;\ntext;x\n"{TEXT.strip()}";1\n'
    marked = ("\ufeff" + text).encode("utf-16-le") if "marked" in encoding else text.encode(encoding)
    (row,) = read_rows(written(tmp_path, marked))
    assert row.values["text"] == TEXT.strip()


def test_a_workbook_is_read_as_it_looks(tmp_path: Path) -> None:
    rows: list[list[Cell]] = [
        ["external_id", "text", "когда", "день", "lat", "да"],
        [1, 'Яма, "большая"\nи ещё', (MOMENT, 46054.4201388889), (DAY, 46054), 51.73, True],
        [],
        [1e15, "Свет", "01.02.2026", None, None, None],
    ]
    first, second = read_rows(written(tmp_path, workbook([], rows)))
    assert dict(first.values) == {
        "external_id": "1", "text": "Яма, \"большая\"\nи ещё", "когда": "2026-02-01 10:05:00", "день": "2026-02-01",
        "lat": "51.73", "да": "true",
    }  # fmt: skip
    assert (second.number, second.values["external_id"], second.values["день"]) == (2, "1000000000000000", "")


def test_a_large_file_is_read_in_little_memory(tmp_path: Path) -> None:
    line = f'{{"text": "{"Яма" * 30}"}}\n'.encode()
    file = written(tmp_path, b"text\n" + b'"\xd0\xaf\xd0\xbc\xd0\xb0, 1"\n' * 20_000)
    lines = written(tmp_path, line * 10_000, "lines.ndjson")
    tracemalloc.start()
    assert sum(1 for _ in read_rows(file)) == 20_000
    assert sum(1 for _ in read_rows(lines)) == 10_000
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 4 * 1024 * 1024


@pytest.mark.parametrize(
    ("text", "order", "expected"),
    [
        ("01.02.2026", None, "2026-02-01 00:00:00"),
        ("1.2.2026 9:05", None, "2026-02-01 09:05:00"),
        ("01.02.2026, 10:05:07", "mdy", "2026-02-01 10:05:07"),
        ("01.02.2026 г.", None, "2026-02-01 00:00:00"),
        ("2026-02-01T10:05:00.5Z", None, "2026-02-01 10:05:00.500000+00:00"),
        ("2026/02/01 10:05", None, "2026-02-01 10:05:00"),
        ("01/02/2026", "dmy", "2026-02-01 00:00:00"),
        ("01-02-2026 10:05", "mdy", "2026-01-02 10:05:00"),
        ("2/1/2026 12:05 AM", "mdy", "2026-02-01 00:05:00"),
        ("01/02/2026", None, AmbiguousDate),
        ("31-12-2026", None, AmbiguousDate),
        ("01.02.2026 25:05", None, RowError),
        ("0001-01-01", None, RowError),
        ("20260201", "dmy", RowError),
        ("1764547200", None, RowError),
        ("46054", None, RowError),
        ("01.02/2026", None, RowError),
        ("01/02/26", "dmy", RowError),
    ],
)
def test_dates_are_never_guessed(text: str, order: Any, expected: str | type[Exception]) -> None:
    if isinstance(expected, str):
        assert str(read_moment(text, order).at) == expected
    else:
        with pytest.raises(expected):
            read_moment(text, order)


@pytest.mark.usefixtures("as_portal")
@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("text\n" + "Яма\n" * 1500 + '"Свет\n', "line 1502: a quote"),
        ("text,Text\nа,б\n", "two columns"),
        ("text,submitted_at\nЯма,2026-01-01\nСвет,01/02/2026\n", "Row 2: `01/02/2026` may mean two days"),
        ("text\n", "no rows"),
    ],
)
def test_a_fault_of_the_file_sends_nothing(
    run: Run, standin: Any, tmp_path: Path, content: str, message: str
) -> None:
    ended = run("replay", written(tmp_path, content))
    assert (ended.code, standin.register) == (1, {})
    assert message in ended.err


@pytest.mark.usefixtures("as_portal")
def test_a_faulty_row_refuses_itself_only(run: Run, standin: Any, tmp_path: Path) -> None:
    file = written(tmp_path, "text;submitted_at\nЯма;01/02/2026\nСвет;20260201\nЛампа\n", "a.csv")
    ended = run("replay", file, "--date-format", "dmy", "--json")
    assert (ended.code, set(standin.register)) == (1, {"a-1"})
    assert [(one["row"], "for a date" in one["reason"]) for one in ended.result["refusals"]] == [
        (2, True),
        (3, False),
    ]


@pytest.mark.usefixtures("as_portal")
def test_another_file_of_the_same_name_is_explained_before_all_of_it_is_sent(
    run: Run, standin: Any, tmp_path: Path
) -> None:
    file = written(tmp_path, "text\n" + "".join(f"Яма {n}\n" for n in range(100)), "a.csv")
    assert run("replay", file).code == 0
    standin.requests.clear()
    written(tmp_path, "text\n" + "".join(f"Свет {n}\n" for n in range(100)), "a.csv")
    ended = run("replay", file)
    (request,) = standin.seen("/api/v1/appeals/batch")
    assert (ended.code, request[3].count(b"\n")) == (1, 20)
    assert "--prefix NAME" in ended.err
    assert run("replay", file, "--prefix", "b").code == 0
