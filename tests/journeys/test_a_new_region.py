"""The guide to a new region as it stands: its files, its commands, and the first appeal in an organisation's queue."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from harness.databases import PROJECT
from harness.system import System
from tests.journeys.steps import until

ELSEWHERE = "31"
GUIDE = (PROJECT / "docs" / "guides" / "a-new-region.md").read_text(encoding="utf-8")
FILES = re.findall(r"`(\w+\.csv)`[^\n]*\n\n```csv\n(.*?)```", GUIDE, re.DOTALL)
COMMANDS = re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL)


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """Where an administrator works: the folder with the guide's files."""
    folder = tmp_path / "new-region"
    folder.mkdir()
    for name, content in FILES:
        (folder / name).write_text(content, encoding="utf-8")
    return tmp_path


def run(system: System, desk: Path, commands: str) -> str:
    """What a shell prints that is given an installation and the command line."""
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "OTKLIK_HOME": str(system.home),
        "OTKLIK_URL": system.url,
    }
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands],
        cwd=desk,
        env=environment,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_from_an_empty_region_to_the_first_appeal_in_a_queue(system: System, desk: Path) -> None:
    """All of its commands in one shell, the last of them until the appeal is there."""
    assert [name for name, _ in FILES] == [
        f"{kind}.csv"
        for kind in ("groups", "topics", "municipalities", "settlements", "organisations", "rules")
    ]
    *prepared, look = COMMANDS
    shown = run(system, desk, "\n".join(prepared))
    link = next(line for line in shown.splitlines() if line.startswith(system.url))
    functions = "\n".join(line for command in prepared for line in command.splitlines() if "() {" in line)
    queue = until(lambda: json.loads(run(system, desk, functions + "\n" + look))["items"])
    assert [(each["region"], each["topic"], each["organisation"]["name"]) for each in queue] == [
        (ELSEWHERE, "road-potholes-town", "Администрация города Белгорода")
    ]
    with httpx2.Client(base_url=system.url) as browser:
        form = {"token": link.partition("#")[2], "password": "Ночь улица 31"}
        accepted = browser.post("/invitation", data=form)
    assert "Пароль сохранён" in accepted.text
