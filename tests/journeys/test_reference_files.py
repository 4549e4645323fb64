"""A region's reference data goes as files from one region to another, which then decides the same."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from harness.system import System

ELSEWHERE = "32"


def otklik(system: System, *arguments: object, code: int = 0) -> Any:
    """A command as an operator gives it; its JSON, or what it wrote for people where it fails."""
    admin = system.account("admin")
    target = ("--url", system.url, "--client-id", admin.client_id, "--client-secret", admin.client_secret)
    command = [sys.executable, "-m", "otklik", "reference", *map(str, arguments), *target, "--json"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == code, ended.stderr
    return json.loads(ended.stdout) if code == 0 else ended.stderr


def test_what_one_region_exports_another_imports(system: System, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    rows = otklik(system, "export", first, "--region", "46")["rows"]
    assert rows["rules"] > 2000
    planned = otklik(system, "import", first, "--region", ELSEWHERE, "--dry-run")["plan"]
    assert planned["rules"] == {"new": rows["rules"], "changed": 0, "same": 0}
    admin = system.account("admin")
    empty = admin.get(f"/api/v1/reference/{ELSEWHERE}").json()
    assert not any(empty.values()), "a dry run stores nothing"
    done = otklik(system, "import", first, "--region", ELSEWHERE)
    assert done["changed"]["organisations"] == rows["organisations"]
    otklik(system, "export", second, "--region", ELSEWHERE)
    for file in first.iterdir():
        assert sorted(file.read_text().splitlines()) == sorted((second / file.name).read_text().splitlines())
    again = otklik(system, "import", second, "--region", ELSEWHERE)
    assert not any(again["changed"].values())
    (second / "rules.csv").write_text("organisation,topic\nnobody,road-signs-town\n", encoding="utf-8")
    refused = otklik(system, "import", second, "--region", ELSEWHERE, code=1)
    assert "rules.csv, row 1: organisation: there is no organisation with this code" in refused
