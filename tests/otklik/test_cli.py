"""The command line as its user meets it: arguments in, exit code, stdout and stderr out."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path

import pytest
import typer.main

from harness.system import PROJECT
from otklik.cli.commands import app
from tests.clients.standin import Standin
from tests.otklik.commandline import Run

COMMANDS = [
    "up",
    "replay",
    "import-history",
    "train",
    "evaluate",
    "token",
    "verify",
    "status",
    "replay-events",
    "restore",
    "analyse",
    "backup",
    "bench analytics",
    "openapi",
    "dead list",
    "dead retry",
    "models list",
    "models train",
    "models promote",
    "models rollback",
    "reference export",
    "reference import",
    "demo-data",
    "client create",
    "client list",
    "client rotate",
    "client revoke",
    "logs",
    "stop",
]


def test_the_list_of_commands_is_complete() -> None:
    found = []
    for name, command in typer.main.get_command(app).commands.items():  # type: ignore[attr-defined]
        found += [f"{name} {sub}" for sub in getattr(command, "commands", {})] or [name]
    assert sorted(found) == sorted(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(run: Run, command: str) -> None:
    ended = run(*command.split(), "--help")
    assert ended.code == 0
    assert "--json" in ended.out
    assert len(ended.out.splitlines()) > 8
    assert ended.err == ""


def test_help_is_quick_because_nothing_heavy_is_imported() -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-m", "otklik", "--help"], check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    assert seconds < 0.3, "processor time; on an idle machine the same as the wall's"


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["replay"],
        ["replay", "missing.csv"],
        ["up", "--port", "0"],
        ["dead", "list", "--service", "billing"],
        ["replay-events", "--since", "yesterday"],
    ],
)
def test_wrong_usage_is_2(run: Run, arguments: list[str]) -> None:
    ended = run(*arguments)
    assert ended.code == 2
    assert ended.out == ""
    assert "Error" in ended.err


def test_no_system_is_explained(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("text\nЯма\n")
    there = ["--url", "http://127.0.0.1:1", "--client-id", "a", "--client-secret", "b"]
    for command in (["status"], ["openapi"]):
        ended = run(*command, "--url", "http://127.0.0.1:1")
        assert (ended.code, ended.out) == (1, "")
        assert "make run" in ended.err
        assert "OTKLIK_URL" in ended.err
    ended = run("dead", "list", *there, "--json")
    assert (ended.code, ended.out) == (1, "")
    assert "make run" in ended.err


def test_no_credentials_are_explained(run: Run, standin: Standin) -> None:
    ended = run("dead", "list", "--url", standin.url)
    assert ended.code == 1
    assert "credentials.json" in ended.err
    ended = run("dead", "list", "--url", standin.url, "--client-id", "a")
    assert "both" in ended.err


def test_wrong_credentials_are_explained(run: Run, standin: Standin) -> None:
    ended = run("dead", "list", "--url", standin.url, "--client-id", "a", "--client-secret", "wrong")
    assert ended.code == 1
    assert "401" in ended.err
    assert "OTKLIK_HOME" in ended.err


def test_the_system_of_a_home_is_found(run: Run, standin: Standin, tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "run").mkdir(parents=True)
    (home / "run" / "addresses.json").write_text(json.dumps({"url": standin.url, "pid": 1}))
    (home / "credentials.json").write_text(
        json.dumps({"portal": {"client_id": "p", "client_secret": "right"}})
    )
    file = tmp_path / "a.csv"
    file.write_text("text\nЯма\n")
    assert run("replay", file, "--home", home, "--json").result["created"] == 1


@pytest.mark.usefixtures("as_portal")
def test_a_file_is_replayed_once(run: Run, standin: Standin, tmp_path: Path) -> None:
    file = tmp_path / "appeals.csv"
    rows = "".join(f"Обращение {n},Аварийные деревья,3\n" for n in range(1, 1202))
    file.write_text("text,topic,category\n" + rows)
    first = run("replay", file, "--json")
    assert first.code == 0
    result = first.result
    assert {name: result[name] for name in ("rows", "created", "existing", "refused", "refusals")} == {
        "rows": 1201,
        "created": 1201,
        "existing": 0,
        "refused": 0,
        "refusals": [],
    }
    assert result["ignored"] == {"topic (not a code)": 1201, "category": 1201}
    assert set(standin.register) == {f"appeals-{n}" for n in range(1, 1202)}
    second = run("replay", file, "--json")
    assert (second.code, second.result["created"], second.result["existing"]) == (0, 0, 1201)
    third = run("replay", file, "--prefix", "other", "--json")
    assert third.result["created"] == 1201
    assert "other-1" in standin.register


@pytest.mark.usefixtures("as_portal")
def test_refused_rows_are_named(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "a.ndjson"
    file.write_text('{"text": "Яма"}\nnonsense\n{"text": ""}\n{"text": "Свет", "external_id": "x"}\n')
    ended = run("replay", file, "--json")
    assert ended.code == 1
    result = ended.result
    assert (result["rows"], result["created"], result["refused"]) == (4, 2, 2)
    assert [(one["row"], one["external_id"], one["status"]) for one in result["refusals"]] == [
        (2, None, 0),
        (3, "a-3", 422),
    ]
    ended = run("replay", file)
    assert ended.code == 1
    assert ended.out == ""
    assert "row 3 (a-3): 422 No text" in ended.err
    assert "0 new, 2 already there, 2 refused" in ended.err


@pytest.mark.usefixtures("as_portal")
def test_an_unusable_file_is_explained(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("название\nЯма\n")
    ended = run("replay", file)
    assert ended.code == 1
    assert "no column `text`" in ended.err


def test_who_keeps_the_system_running_loads_little() -> None:
    """It stays in memory for months, and every command begins with some of it: libraries of services and clients are not for it."""
    program = "import otklik.cli.up, sys; print(sorted({'sqlalchemy', 'pydantic', 'httpx2', 'numpy', 'fastapi'} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
