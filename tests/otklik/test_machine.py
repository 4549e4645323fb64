"""Commands for this machine: a system is stopped, and whatever is wrong – a path, an address – is a sentence."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from otklik.cli import machine
from tests.otklik.commandline import Run

# Holds a home as `up` does, and ends when it is asked to.
HOLDS = """
import fcntl, os, signal, sys
file = open(sys.argv[1], "a+")
fcntl.flock(file, fcntl.LOCK_EX)
file.write(str(os.getpid()))
file.flush()
signal.signal(signal.SIGTERM, signal.SIG_IGN if sys.argv[2] == "stubborn" else lambda *_: sys.exit(0))
print("held", flush=True)
signal.pause()
signal.pause()
"""


def hold(home: Path, how: str = "") -> subprocess.Popen[str]:
    (home / "run").mkdir(parents=True)
    command = [sys.executable, "-c", HOLDS, str(home / "run" / "lock"), how]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


def test_a_system_is_stopped_and_then_nothing_runs(run: Run, tmp_path: Path) -> None:
    home = tmp_path / "home"
    process = hold(home)
    try:
        ended = run("stop", "--home", home, "--json")
        assert (ended.code, ended.result["pid"]) == (0, process.pid)
        assert process.wait(10) == 0
    finally:
        end(process)
    for place in (home, tmp_path / "nowhere"):  # the number in the file may be anybody's by now
        again = run("stop", "--home", place)
        assert (again.code, again.out) == (1, "")
        assert "Nothing runs in" in again.err


def test_one_that_does_not_end_is_named(run: Run, tmp_path: Path) -> None:
    process = hold(tmp_path / "home", "stubborn")
    try:
        ended = run("stop", "--home", tmp_path / "home", "--wait", "0.1")
        assert ended.code == 1
        assert f"Process {process.pid} has not ended" in ended.err
    finally:
        end(process)


def test_lines_of_several_files_are_merged_and_what_is_not_ours_is_shown_as_it_is(
    run: Run, tmp_path: Path
) -> None:
    log = tmp_path / "home" / "log"
    log.mkdir(parents=True)
    (log / "sla.log").write_text('{"event": "b", "timestamp": "2026-01-02", "task": "lag"}\n')
    (log / "web.log").write_text(
        '{"event": "a", "timestamp": "2026-01-01"}\n{"event": "c", "timestamp": "2026-01-03"}\n'
    )
    (log / "postgres.log").write_text("LOG: ready\n")
    shown = run("logs", "--home", tmp_path / "home").out.splitlines()
    assert shown == ["LOG: ready", "2026-01-01 a", "2026-01-02 b task=lag", "2026-01-03 c"]
    assert run("logs", "-n", "1", "--home", tmp_path / "home").out == "2026-01-03 c\n"
    missing = run("logs", "gateway", "--home", tmp_path / "home")
    assert "There are: postgres, sla, web." in missing.err


def test_what_is_wrong_is_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    for words in (
        ["up", "--home", file / "home"],
        ["up", "--home", "/proc/otklik"],
        ["up", "--home", tmp_path / "home", "--host", "999.1.1.1"],
        ["openapi", "--url", "http://[bad"],
        ["token", "--url", "nonsense", "--client-id", "a", "--client-secret", "b"],
    ):
        command = [sys.executable, "-m", "otklik", *map(str, words)]
        ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        assert (ended.returncode, ended.stdout) == (1, ""), words
        assert ended.stderr.splitlines()[-1].startswith("otklik: "), ended.stderr
        assert "Traceback" not in ended.stderr


def test_status_is_json_even_of_a_damaged_home(run: Run, tmp_path: Path) -> None:
    addresses = tmp_path / "home" / "run" / "addresses.json"
    addresses.parent.mkdir(parents=True)
    addresses.write_text('{"url": ')
    ended = run("status", "--home", tmp_path / "home", "--json")
    assert ended.code == 1
    assert (ended.result["url"], ended.result["ready"]) == ("", False)
    assert str(addresses) in ended.result["error"]
    assert str(addresses) in run("status", "--home", tmp_path / "home").err


def test_status_is_json_even_of_nothing(run: Run) -> None:
    ended = run("status", "--url", "http://127.0.0.1:1", "--json")
    assert ended.code == 1
    assert (ended.result["ready"], ended.result["backlogs"]) == (False, {})
    assert "does not answer" in ended.result["error"]


def test_version_and_completion(run: Run) -> None:
    assert run("--version").out.startswith("otklik 0.")
    assert "--install-completion" in run("--help").out


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr("otklik.cli.system.PROBE_SECONDS", 0.1)
