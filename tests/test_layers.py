"""The import rules have been seen to fail: a violation of each is seeded into a copy of the tree."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from harness.databases import PROJECT
from tests.house.sources import CLIENT

# file to append to → the line, and a word of the contract that has to break
SEEDS = {
    "contracts/intake.py": ("import chassis.settings", "on the contracts"),
    "services/intake/appeals/queries/__init__.py": (
        "import services.routing.tables",
        "never import each other",
    ),
    "services/intake/tables/__init__.py": ("import services.intake.history.actions", "Inside intake"),
    "services/intake/history/rules/statuses.py": (
        "import services.intake.history.schemas",
        "Inside a module of intake",
    ),
    "services/routing/tables/__init__.py": ("import services.routing.main", "Inside routing"),
    "services/sla/calendars/rules/__init__.py": ("import sqlalchemy", "are pure"),
    "services/analytics/facts/__init__.py": ("import services.analytics.maps", "Inside analytics"),
    "services/analytics/figures/rules/survival.py": (
        "import services.analytics.figures.schemas",
        "Inside a module of analytics",
    ),
    "services/analytics/tables/facts.py": ("import nats", "speaks NATS"),
    f"{CLIENT}/errors.py": ("import contracts.problems", "stands alone"),
    "gateway/routes.py": ("import otklik_client.errors", "Only the command line"),
    f"{CLIENT}/calls.py": ("import otklik_client.line", "Inside the client package"),
}


def lint(folder: Path) -> str:
    """What import-linter says of a tree."""
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    environment = {**os.environ, "PYTHONPATH": str(folder / "clients" / "python")}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def copy_of_the_tree(folder: Path) -> Path:
    """Packages and configuration, nothing else."""
    packages = ("contracts", "chassis", "meaning", "signals", "services", "gateway", "otklik", "infra")
    for package in (*packages, CLIENT):
        shutil.copytree(PROJECT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(PROJECT / "pyproject.toml", folder)
    return folder


def test_every_import_rule_breaks_when_it_is_violated(tmp_path: Path) -> None:
    """One violation per contract; each contract is reported broken, and only then."""
    tree = copy_of_the_tree(tmp_path)
    for file, (line, _) in SEEDS.items():
        target = tree / file
        target.write_text(target.read_text() + f"\n{line}\n")
    (tree / "services/sla/unplanned.py").write_text('"""A file with an unplanned name."""\n')
    report = lint(tree)
    broken = re.findall(r"((?:(?!KEPT|BROKEN).)*)BROKEN", " ".join(report.split()))
    for _, contract in SEEDS.values():
        assert any(contract in line for line in broken), (contract, report)
    assert "unplanned" in report
