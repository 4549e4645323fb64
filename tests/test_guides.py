"""The guides and the glossary hold: the worked example is built from its own blocks, and whatever is named is there."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from chassis.migrations import metadata_of
from contracts.parts import PARTS
from harness.databases import PROJECT
from tests.house.sources import PACKAGES, product_sources
from tests.house.words import GLOSSARY, HEADING

GUIDES = PROJECT / "docs" / "guides"
MOST_LINES, MOST_FILES = 25, 4
_BLOCK = re.compile(
    r"^```(?:python|json) file=(\S+)(?: (before|after|end)(?:=\"([^\n]*)\")?)?\n(.*?)^```$", re.M | re.S
)
_PATH = re.compile(
    r"`((?:contracts|chassis|services|gateway|otklik|infra|harness|tests|docs)/[\w./-]+\.\w+)`"
)


@dataclass(frozen=True)
class Block:
    """Lines that a guide adds to a file: beside the line that begins with `anchor`, at its end, or as a new file."""

    path: str
    place: str
    anchor: str
    text: str

    @property
    def code_lines(self) -> int:
        """Of Python that is not empty."""
        return sum(bool(line.strip()) for line in self.text.splitlines()) if self.path.endswith(".py") else 0

    def apply(self, tree: Path) -> None:
        """Change the file."""
        file = tree / self.path
        if not self.place:
            assert not file.exists(), f"{self.path} exists already"
            file.write_text(self.text)
            return
        lines = file.read_text().splitlines(keepends=True)
        if self.place == "end":
            at = len(lines)
        else:
            (at,) = [n for n, line in enumerate(lines) if line.startswith(self.anchor)][:1] or [-1]
            assert at >= 0, f"{self.path} has no line that begins with {self.anchor!r}"
            at += self.place == "after"
        lead = "\n\n" if self.place == "end" else ""
        file.write_text("".join([*lines[:at], lead, self.text, *lines[at:]]))


def blocks_of(guide: str) -> list[Block]:
    """All blocks with a file of their own."""
    return [
        Block(path, place, anchor, text)
        for path, place, anchor, text in _BLOCK.findall((GUIDES / guide).read_text())
    ]


def test_the_worked_example_is_short() -> None:
    """What it adds to the product; its story and its sample are not counted."""
    product = [block for block in blocks_of("an-event.md") if not block.path.startswith("tests/")]
    assert sum(block.code_lines for block in product) <= MOST_LINES
    assert len({block.path for block in product}) <= MOST_FILES


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the project, with the example built into it."""
    left_out = shutil.ignore_patterns("__pycache__", "releases", ".hypothesis")
    for folder in (*PACKAGES, "harness", "tests", "docs"):
        shutil.copytree(PROJECT / folder, tmp_path / folder, ignore=left_out)
    shutil.copy(PROJECT / "pyproject.toml", tmp_path)
    for block in blocks_of("an-event.md"):
        block.apply(tmp_path)
    return tmp_path


def run(tree: Path, *words: str) -> str:
    """A module of the copy."""
    command = [sys.executable, "-m", *words]
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (words, done.stdout[-3000:], done.stderr[-3000:])
    return done.stdout


def test_an_event_is_added_by_the_guide(tree: Path) -> None:
    """Published, in the contracts, on the map, and in the history."""
    run(tree, "tests.contracts.schemas")
    run(tree, "infra.flows")
    map_of_events = (tree / "docs" / "flows.md").read_text()
    assert re.search(r"`VisitPlanned`.*`routing\.visit\.planned\.v1`.*`intake\.record_visit`", map_of_events)
    for_types = (
        "contracts",
        "services/routing/assignments/actions/work.py",
        "services/intake/history/rules/kinds.py",
    )
    run(tree, "ruff", "check", *for_types)
    run(tree, "ruff", "format", "--check", *for_types)
    report = run(tree, "pytest", "-q", "-n", "0", "tests/routing/test_visits.py", "tests/contracts")
    assert "passed" in report


@pytest.mark.parametrize("guide", sorted(file.name for file in GUIDES.glob("*.md")))
def test_every_path_of_a_guide_is_there(guide: str) -> None:
    new = {block.path for block in blocks_of(guide)}
    named = set(_PATH.findall((GUIDES / guide).read_text()))
    assert [path for path in sorted(named - new) if not (PROJECT / path).exists()] == []


def members_of(node: ast.ClassDef) -> set[str]:
    """Names of a class's fields, properties and methods."""
    fields = {
        each.target.id
        for each in node.body
        if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)
    }
    return fields | {each.name for each in node.body if isinstance(each, ast.FunctionDef)}


def test_the_glossary_names_what_is_there() -> None:
    """Tables with their schema, classes or types by name, fields with their class; no term twice."""
    terms = GLOSSARY.read_text().partition(HEADING)[0]
    rows = re.findall(r"^\| ([^|]+) \| [^|]+ \| [^|]+ \| ([^|]+) \|$", terms, re.MULTILINE)
    known = {table for part in PARTS for table in metadata_of(part).tables}
    for source in product_sources():
        classes = [node for node in source.tree.body if isinstance(node, ast.ClassDef)]
        known |= {node.name for node in classes}
        known |= {f"{node.name}.{name}" for node in classes for name in members_of(node)}
        known |= {ast.unparse(node.targets[0]) for node in source.tree.body if isinstance(node, ast.Assign)}
    named = [name for _, names in rows for name in re.findall(r"`([\w.]+)`", names)]
    assert len(rows) > 60
    assert [name for name in named if name not in known] == []
    words = [term for term, _ in rows if term != "term"]
    assert sorted(set(words)) == sorted(words)
