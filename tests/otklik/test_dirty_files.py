"""The corpus of dirty files: what is sent of each, what is refused and by which column, and what is no case at all."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.clients.standin import serving_app
from tests.otklik.commandline import Run
from tests.otklik.dirty import CORPUS, Dirty
from tests.otklik.test_files import written
from tests.otklik.test_importing import Register

COMMANDS = ("import-history", "replay")


def matches(expected: Mapping[str, object], sent: Mapping[str, Any]) -> bool:
    """Whether what was sent has these fields."""
    return {name: sent.get(name) for name in expected} == dict(expected)


def refused_rows(file: Path) -> dict[int, tuple[str, str]]:
    """Row → column and reason, of the file beside."""
    beside = file.with_name(f"{file.name}.refused.csv")
    if not beside.exists():
        return {}
    with beside.open(encoding="utf-8-sig", newline="") as content:
        return {
            int(line["запись"]): (line["столбец"], line["причина"])
            for line in csv.DictReader(content, delimiter=";")
        }


@pytest.fixture(scope="module")
def imports() -> Iterator[Register]:
    """A stand-in that past cases are imported into."""
    world = Register()
    with serving_app(world.app()) as world.url:
        yield world


@pytest.fixture
def sent_of(standin: Any, imports: Register, run: Run, monkeypatch: pytest.MonkeyPatch) -> Any:
    """What has reached the register, by command; nothing to begin with."""
    imports.sent.clear()
    monkeypatch.setenv("OTKLIK_CLIENT_ID", "client")
    monkeypatch.setenv("OTKLIK_CLIENT_SECRET", "right")

    def read(command: str) -> list[dict[str, Any]]:
        monkeypatch.setenv("OTKLIK_URL", imports.url if command == "import-history" else standin.url)
        if command == "import-history":
            return [case for _, case in imports.sent]
        bodies = [request[3] for request in standin.seen("/api/v1/appeals/batch")]
        return [json.loads(line) for body in bodies for line in body.splitlines()]

    return read


@pytest.mark.parametrize("dirty", CORPUS, ids=[dirty.name for dirty in CORPUS])
def test_a_dirty_file_is_read_or_says_why_not(run: Run, sent_of: Any, tmp_path: Path, dirty: Dirty) -> None:
    file = written(tmp_path, dirty.content, dirty.file)
    assert sent_of(dirty.command) == []
    dry = run(dirty.command, file, *dirty.options, "--dry-run", "--json")
    assert sent_of(dirty.command) == [], "a dry run sends nothing"
    ended = run(dirty.command, file, *dirty.options, "--json")
    sent = sent_of(dirty.command)
    if dirty.fault:
        assert (ended.code, dry.code, sent) == (1, 1, [])
        assert dirty.fault in ended.err
        assert dirty.fault in dry.err
        return
    assert [matches(*pair) for pair in zip(dirty.sent, sent, strict=True)] == [True] * len(sent), sent
    assert (ended.code, dry.code) == ((1, 1) if dirty.refused else (0, 0)), ended.err
    assert dry.result["preset"]["name"] == dirty.preset
    assert (dry.result["left_out"], ended.result["left_out"]) == (dirty.left_out, dirty.left_out)
    refused = refused_rows(file)
    assert {row: column for row, (column, _) in refused.items()} == dict(dirty.refused)
    assert all(why and any("а" <= letter <= "я" for letter in why) for _, why in refused.values())
    assert {one["row"] for one in ended.result["refusals"]} == set(dirty.refused)
    assert not file.with_name(f"{file.name}.sending.json").exists()


def test_the_corpus_is_large_and_has_both_ends() -> None:
    assert len(CORPUS) >= 60
    assert sum(bool(dirty.fault) for dirty in CORPUS) >= 15
    assert sum(bool(dirty.refused) for dirty in CORPUS) >= 12
    assert {dirty.command for dirty in CORPUS} == set(COMMANDS)
