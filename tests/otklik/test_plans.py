"""The words of other systems, and the plan that is shown before anything is sent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from otklik.files import FileError, RowError, Source, read_rows
from otklik.legacy_cases import LegacyCaseMapper
from otklik.legacy_cases.mapping_file import FileMapping, read_mapping
from otklik.legacy_cases.plan import UNKNOWN_OUTCOME, Plan, make_plan
from tests.otklik.commandline import Run
from tests.otklik.test_files import written
from tests.otklik.workbooks import DAY, MOMENT, Cell, workbook

CLOSED = "01.02.2020"


def case_of(tmp_path: Path, header: str, row: str, **options: Any) -> dict[str, Any]:
    """The one case of a file that has been received on 01.01.2020."""
    mapper = LegacyCaseMapper("46", "file", **options)
    rows = list(
        read_rows(written(tmp_path, f"дата поступления;орган;{header}\n01.01.2020;Комитет;{row}\n"), None)
    )
    mapper.bind(rows[0].values)
    return dict(mapper.map_row(rows[0]).as_json())


@pytest.mark.parametrize(
    ("word", "outcome"),
    [
        ("Отказано", "refused"), ("отказ", "refused"), ("ОТКАЗАНО.", "refused"), ("Отказано в удовлетворении", "refused"),
        ("Оставлено без удовлетворения", "refused"), ("Не поддержано", "refused"), ("Не  удовлетворено", "refused"),
        ("Отклонена", "refused"), ("Дано разъяснение", "explained"), ("Даны разъяснения", "explained"),
        ("Разъяснено", "explained"), ("Разъяснён", "explained"), ("Меры приняты", "solved"), ("приняты меры", "solved"),
        ("Решено", "solved"), ("Решён", "solved"), ("Вопрос решен", "solved"), ("Поддержано", "solved"),
        ("Поддержано, меры приняты", "solved"), ("Поддержано. Меры приняты.", "solved"),
        ("Поддержано (меры приняты)", "solved"), ("Отложено (до 01.06.2020)", "postponed"), ("Отложено", "postponed"), ("Отложен", "postponed"),
        ("Отложено до 01.06.2020", "postponed"), ("solved", "solved"), ("Refused", "refused"), ("", None),
    ],
)  # fmt: skip
@pytest.mark.parametrize("column", ["результат", "решение", "статус"])
def test_past_outcomes_are_the_four_of_answers(
    tmp_path: Path, word: str, outcome: str | None, column: str
) -> None:
    case = case_of(tmp_path, f"дата закрытия;{column}", f"{CLOSED};{word}")
    assert case.get("outcome") == outcome
    assert case.get("promised_on") == ("2020-06-01" if "до 0" in word else None)


@pytest.mark.parametrize(
    "word",
    ["Не решено", "не решён", "Не исполнено", "Меры не приняты", "Поддержано, меры не приняты", "Решено частично", "Ура",
     "Направлено по компетенции", "Закрыто", "Не отказано", "20", "нерешено"],
)  # fmt: skip
def test_an_unknown_outcome_refuses_the_row(tmp_path: Path, word: str) -> None:
    with pytest.raises(RowError, match=f"outcome «{word}»"):
        case_of(tmp_path, "дата закрытия;результат", f"{CLOSED};{word}")
    meanings = {"outcome": {word.lower(): "refused"}}
    assert (
        case_of(tmp_path, "дата закрытия;результат", f"{CLOSED};{word}", meanings=meanings)["outcome"]
        == "refused"
    )


@pytest.mark.parametrize(
    ("closed", "status", "outcome", "fits"),
    [
        (CLOSED, "Closed", "", True), (CLOSED, "Закрыто", "Отказано", True), (CLOSED, "Исполнено", "", True),
        ("", "Open", "", True), ("", "В работе", "", True), ("", "", "", True), (CLOSED, "", "", True),
        (CLOSED, "Open", "", False), (CLOSED, "В работе", "Решено", False), ("", "Closed", "", False),
        ("", "Решено", "", False), ("", "", "Отказано", False), (CLOSED, "Отказано", "Решено", False),
        (CLOSED, "Странно", "", False), ("", "Странно", "", False), ("", "Отложено", "", False),
    ],
)  # fmt: skip
def test_what_contradicts_itself_is_reported_and_not_guessed(
    tmp_path: Path, closed: str, status: str, outcome: str, fits: bool
) -> None:
    header, row = "дата ответа;статус;результат", f"{closed};{status};{outcome}"
    if fits:
        assert ("closed_at" in case_of(tmp_path, header, row)) == bool(closed)
    else:
        with pytest.raises(RowError, match=r"status|outcome"):
            case_of(tmp_path, header, row)


@pytest.mark.parametrize(
    ("field", "word", "ours"),
    [
        ("канал", "Телефон", "phone"), ("канал", "Личный приём", "reception"), ("канал", "E-mail", "email"),
        ("канал", "pos", "pos"), ("канал", "ВКонтакте", "vk"), ("канал", "голубь", None), ("regime", "Сообщение", "message"),
        ("regime", "59-ФЗ", "statutory"), ("regime", "иное", None),
    ],
)  # fmt: skip
def test_other_words_are_read_or_refuse_the_row(
    tmp_path: Path, field: str, word: str, ours: str | None
) -> None:
    if ours is None:
        with pytest.raises(RowError, match=f"«{word}», which is not known"):
            case_of(tmp_path, field, word)
    else:
        assert case_of(tmp_path, field, word)["channel" if field == "канал" else field] == ours


def plan_of(path: Path, **options: Any) -> Plan:
    """What an import of the file would do."""
    return make_plan(Source(path), LegacyCaseMapper("46", "file", **options))


FILE = (
    "№;Дата регистрации;Срок исполнения;Дата закрытия;Исполнитель;Тема;Результат;Район\n"
    "1;01.02.2020;02.03.2020;01.03.2020;Комитет дорог;Ямы;Решено;Центр\n"
    "2;05.02.2020;02.03.2020;;Комитет дорог;Ямы;;Центр\n"
    "3;07.02.2020;;;Совет;Свет;;\n"
    "4;08.02.2020;;01.03.2020;Совет;Свет;;\n"
    "5;09.02.2020;;01.03.2020;Совет;Свет;Не решено;\n"
    "6;40.02.2020;;;Совет;Свет;;\n"
)


def test_the_plan_says_what_an_import_would_do(tmp_path: Path) -> None:
    plan = plan_of(written(tmp_path, FILE))
    assert plan.columns == {
        "external_id": "№", "received_at": "дата регистрации", "due_at": "срок исполнения", "closed_at": "дата закрытия",
        "organisation": "исполнитель", "topic": "тема", "outcome": "результат",
    }  # fmt: skip
    assert (plan.not_read, plan.undecided) == (["район"], {})
    assert (plan.rows, plan.sendable, plan.refusals.count) == (6, 4, 2)
    assert [refusal.row for refusal in plan.refusals.first] == [5, 6]
    assert (plan.closed, dict(plan.outcomes)) == (2, {"solved": 1, UNKNOWN_OUTCOME: 1})
    assert (plan.open, plan.overdue, plan.without_due) == (2, 1, 1)
    assert (plan.first, plan.last) == ("2020-02-01T00:00:00+03:00", "2020-02-08T00:00:00+03:00")
    assert plan.organisations.rows == {("46", "Комитет дорог"): 2, ("46", "Совет"): 2}


@pytest.mark.parametrize(
    ("column", "value", "looks_like"),
    [
        ("дата осмотра", "ок", "a date"), ("срок продления", "x", "a date"), ("updated_at", "x", "a date"),
        ("поле 7", "01.02.2020 10:00", "a date"), ("field", "01/02/2020", "a date"),
        ("куратор", "Администрация города", "an organisation"), ("ответственный за дом", "x", "an organisation"),
        ("assigned department", "x", "an organisation"), ("статус проверки", "x", "an outcome"),
        ("поле 7", "Отказано", "an outcome"), ("field", "closed", "an outcome"), ("final resolution", "x", "an outcome"),
        ("район", "Центральный", None), ("ontime", "ONTIME", None), ("source", "Self Service", None),
        ("дата осмотра", "", None), ("комментарий", "Сделано 01.02.2020, отказано", None),
    ],
)  # fmt: skip
def test_unread_columns_that_tell_something_refuse(
    tmp_path: Path, column: str, value: str, looks_like: str | None
) -> None:
    path = written(tmp_path, f"received_at;{column}\n01.02.2020;{value}\n")
    assert plan_of(path).undecided == ({column: looks_like} if looks_like else {})
    left = plan_of(path, excluded=(column.upper(),))
    assert (left.undecided, left.not_read) == ({}, [column])


def test_a_second_date_of_receipt_has_to_be_decided(tmp_path: Path) -> None:
    path = written(tmp_path, "дата регистрации;дата поступления\n01.02.2020;03.02.2020\n")
    assert plan_of(path).undecided == {"дата регистрации": "a date"}


def test_an_ambiguous_date_is_a_fault_of_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, "received_at;x\n2020-02-01;1\n01/02/2020;2\n")
    with pytest.raises(FileError, match="Row 2: `01/02/2020` may mean two days"):
        plan_of(path)
    assert plan_of(path, date_order="mdy").first == "2020-01-02T00:00:00+03:00"


def test_a_workbook_is_planned_like_a_file(tmp_path: Path) -> None:
    rows: list[list[Cell]] = [
        ["Номер", "Дата регистрации", "Дата ответа", "Орган"],
        [17, (MOMENT, 43862.5), (DAY, 43870), "Комитет"],
    ]
    plan = plan_of(written(tmp_path, workbook(rows)))
    assert (plan.first, plan.closed) == ("2020-02-01T12:00:00+03:00", 1)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("m.json", {"received_at": "Когда", "none": ["x"], "date_format": "dmy", "values": {"outcome": {"Ура": "solved"}}}),
        ("m.toml", 'received_at = "Когда"\nnone = ["x"]\ndate_format = "dmy"\n[values.outcome]\n"Ура" = "solved"\n'),
    ],
)  # fmt: skip
def test_a_mapping_file_says_what_options_say(tmp_path: Path, name: str, content: Any) -> None:
    text = content if isinstance(content, str) else json.dumps(content)
    mapping = read_mapping(written(tmp_path, text, name))
    mapping.add_pairs(["topic=Тема", "none=y"])
    assert mapping == FileMapping(
        {"received_at": "Когда", "topic": "Тема"}, ["x", "y"], {"outcome": {"ура": "solved"}}, "dmy"
    )


@pytest.mark.parametrize(
    "content",
    ['{"recieved_at": "x"}', "{", "received_at = 5", 'none = "x"', '[values.outcome]\n"a" = "perhaps"', "[values.text]\na = 'b'",
     'date_format = "ymd"', "values = 3"],
)  # fmt: skip
def test_a_wrong_mapping_file_says_so(tmp_path: Path, content: str) -> None:
    with pytest.raises(FileError):
        read_mapping(written(tmp_path, content, "m"))


def test_a_dry_run_shows_the_plan_without_a_system(run: Run, tmp_path: Path) -> None:
    file = written(tmp_path, FILE)
    ended = run("import-history", file, "--dry-run", "--json")
    assert ended.code == 1, "two rows would be refused"
    assert (ended.result["to_send"], ended.result["topics"]["new"], ended.result["refusal"]) == (
        4,
        None,
        None,
    )
    ended = run("import-history", file, "--dry-run")
    assert "исполнитель → organisation" in ended.out
    assert "«Не решено»" in ended.out
    fine = written(tmp_path, "\n".join(FILE.split("\n")[:5]))
    assert run("import-history", fine, "--dry-run").code == 0
    undecided = written(tmp_path, "received_at,дата осмотра\n01.02.2020,02.02.2020\n")
    ended = run("import-history", undecided)
    assert (ended.code, "--column none=дата осмотра" in ended.err) == (1, True)
    assert run("import-history", undecided, "--dry-run", "--json").result["undecided"] == {
        "дата осмотра": "a date"
    }
    for option in (
        ("--column", "none=дата осмотра"),
        ("--ignore", "дата осмотра"),
        ("--column", "due_at=дата осмотра"),
    ):
        assert run("import-history", undecided, "--dry-run", *option).code == 0
    assert run("import-history").code == 2


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"closed_at": "2019-12-31", "organisation": "x"}, "before it was received"),
        ({"closed_at": "2199-12-31", "organisation": "x"}, "still to come"),
        ({"closed_at": "2020-02-01"}, "who answered it"),
        ({"accepted_at": "2020-02-02", "closed_at": "2020-02-01", "organisation": "x"}, "after it was closed"),
        ({"accepted_at": "2019-02-02"}, "before it was received"),
        ({"answer": "Да"}, "no closing date"),
        ({"region": "100"}, "does not exist"),
        ({"region": "Курская область"}, "does not exist"),
        ({"received_at": "1950-01-01"}, "before 1994"),
        ({"received_at": ""}, "when the case was received"),
        ({"topic": "x" * 201}, "more than 200"),
    ],
)  # fmt: skip
def test_the_plan_names_rows_that_the_register_would_refuse(tmp_path: Path, values: Any, reason: str) -> None:
    row = {"received_at": "2020-01-01", "closed_at": "", "text": "Яма", **values}
    path = written(
        tmp_path, json.dumps({"received_at": "2020-01-01"}) + "\n" + json.dumps(row) + "\n", "a.ndjson"
    )
    plan = plan_of(path)
    assert [reason in refusal.reason for refusal in plan.refusals.first] == [True], plan.refusals
