"""Whoever is killed in the middle goes on there: each row is sent once more at most, each refusal stands once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from otklik.cli.resuming import Progress, Reached
from otklik.cli.sending import Replay
from otklik.files import Mapper, Source
from otklik.files.refused_rows import RefusedRows
from otklik_client.models import BatchLine, Problem
from tests.otklik.commandline import Run
from tests.otklik.test_dirty_files import refused_rows
from tests.otklik.test_files import written

ROWS, WRONG, NOT_TAKEN, CHUNK = 200, 17, 23, 30


class Killed(BaseException):
    """What kill -9 is to the code that was running."""


class Register:
    """Takes every row once; refuses some, is too busy for others, and dies after so many answers."""

    def __init__(self) -> None:
        self.taken: dict[str, int] = {}
        self.answers_left = ROWS
        self.busy: set[str] = set()

    def send(self, appeals: Iterable[Mapping[str, object]]) -> Iterator[BatchLine]:
        for number, appeal in enumerate(appeals, 1):
            if self.answers_left == 0:
                raise Killed
            self.answers_left -= 1
            yield self._answer(number, str(appeal["external_id"]))

    def _answer(self, number: int, name: str) -> BatchLine:
        if name in self.busy:
            return BatchLine(line=number, status=503, problem=_problem("Busy", 503))
        if int(name.rsplit("-", 1)[1]) % NOT_TAKEN == 0:
            return BatchLine(line=number, status=422, problem=_problem("No", 422))
        self.taken[name] = self.taken.get(name, 0) + 1
        return BatchLine(line=number, status=201 if self.taken[name] == 1 else 200)


def _problem(title: str, status: int) -> Problem:
    return Problem(type="about:blank", title=title, status=status)


def run_once(file: Path, register: Register) -> Replay:
    """One run of the command, however it ends."""
    progress = Progress(file, "test")
    run = Replay(Source(file), Mapper("46", "a"), RefusedRows(file), progress, progress.read())
    for number, _ in enumerate(run.run(register.send), 1):
        if number % CHUNK == 0:
            run.keep("name")
    run.end("name")
    return run


def content() -> str:
    """Rows of which some cannot be read."""
    lines = (f"Яма {n};{'нет' if n % WRONG == 0 else '01.02.2026'}" for n in range(1, ROWS + 1))
    return "text;submitted_at\n" + "\n".join(lines) + "\n"


EXPECTED = {n for n in range(1, ROWS + 1) if n % WRONG == 0 or n % NOT_TAKEN == 0}


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deaths=st.lists(st.integers(0, 60), max_size=3))
def test_nothing_is_lost_or_doubled_wherever_it_was_killed(tmp_path: Path, deaths: list[int]) -> None:
    file = written(tmp_path, content(), "a.csv")
    register = Register()
    for answers in deaths:
        register.answers_left = answers
        with pytest.raises(Killed):
            run_once(file, register)
    register.answers_left = ROWS
    run = run_once(file, register)
    assert set(register.taken) == {f"a-{n}" for n in set(range(1, ROWS + 1)) - EXPECTED}
    assert set(refused_rows(file)) == EXPECTED
    outcome = run.outcome
    assert outcome.rows == ROWS
    assert (outcome.created + outcome.existing, outcome.refusals.count) == (
        ROWS - len(EXPECTED),
        len(EXPECTED),
    )
    assert not run.progress.path.exists()


def test_rows_that_are_to_be_sent_again_are(tmp_path: Path) -> None:
    file, register = written(tmp_path, content(), "a.csv"), Register()
    register.busy = {"a-100"}
    run = run_once(file, register)
    assert not run.complete
    assert Progress(file, "test").read().row == 99
    register.busy, register.answers_left = set(), ROWS
    again = run_once(file, register)
    assert again.complete
    assert again.outcome.rows == ROWS
    assert register.taken["a-100"] == 1
    assert set(refused_rows(file)) == EXPECTED


@pytest.mark.parametrize("change", ["content", "how", "damage"])
def test_another_file_or_another_reading_begins_anew(tmp_path: Path, change: str) -> None:
    file = written(tmp_path, content(), "a.csv")
    progress = Progress(file, "dmy", {"a": 1})
    progress.keep(Reached(50, 40, 0, "name"))
    assert Progress(file, "dmy", {"a": 1}).read() == Reached(50, 40, 0, "name")
    if change == "content":
        written(tmp_path, content() + "Свет;01.02.2026\n", "a.csv")
    if change == "damage":
        progress.path.write_text('{"row": 50')
    how = ("mdy",) if change == "how" else ("dmy", {"a": 1})
    assert Progress(file, *how).read() == Reached()


def test_columns_are_shown_with_what_was_understood(run: Run, tmp_path: Path) -> None:
    header = "Номер инцидента;Дата создания;Текст инцидента;Тема;Теги;Исполнитель"
    lines = [f"И-{n};0{n}.02.2026;Секрет {n};Ямы;срочно;Комитет" for n in range(1, 6)]
    file = written(tmp_path, "\n".join(["Отчёт за февраль", header, *lines]), "a.csv")
    shown: Any = run("import-history", file, "--dry-run", "--json").result
    columns = {column["column"]: column for column in shown["preview"]}
    assert (columns["дата создания"]["field"], columns["дата создания"]["filled"]) == ("received_at", 5)
    examples = columns["дата создания"]["examples"]
    assert [each["written"] for each in examples] == ["01.02.2026", "02.02.2026", "03.02.2026"]
    assert examples[0]["understood"].startswith("2026-02-01T00:00:00")
    assert columns["теги"]["field"] is None
    assert shown["titles"] == ["Отчёт за февраль"]
    assert "номер инцидента" in shown["preset"]["reason"]
    assert "Секрет" not in str(shown), "what citizens wrote is not shown"
    told = run("import-history", file, "--dry-run").out
    assert "дата создания → received_at (5 filled)" in told
    assert "Секрет" not in told


def test_values_that_no_column_has_are_given(run: Run, tmp_path: Path) -> None:
    file = written(
        tmp_path, "Номер инцидента;Дата создания;Дата закрытия;Текст инцидента\n1;01.02.2026;02.02.2026;Яма\n"
    )
    assert run("import-history", file, "--dry-run", "--json").result["to_send"] == 0
    given = run("import-history", file, "--dry-run", "--json", "--set", "organisation=Комитет")
    assert (given.code, given.result["to_send"]) == (0, 1)
    assert run("import-history", file, "--dry-run", "--set", "кто=Комитет").code == 1
