"""The package as an integrator gets it: a wheel with its types, that needs nothing but httpx2 and pydantic."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import distribution, distributions
from pathlib import Path

import pytest

from harness.databases import PROJECT

PACKAGE = PROJECT / "clients" / "python"
PROGRAM = """
from __future__ import annotations

import asyncio
from datetime import date

from otklik_client import AsyncClient, Client, LeaseLost, VersionStale
from otklik_client.models import Accept, AppealLine, Claim, NewAppeal, SignedAnswer, Summary


def post(otklik: Client, text: str) -> str:
    receipt = otklik.appeals.submit_appeal(NewAppeal(region="46", text=text, external_id="p-1"))
    return receipt.number


def work(otklik: Client) -> None:
    for task in otklik.queue.claim_assignments(Claim(limit=1)).items:
        try:
            taken = otklik.assignments.accept(task.id, Accept(external_ref="1"), if_match=task)
            otklik.assignments.answer(taken.id, SignedAnswer(text="Да", outcome="solved"), if_match=taken)
        except (LeaseLost, VersionStale) as lost:
            print(lost.slug, lost.request_id)


async def count(otklik: AsyncClient) -> tuple[Summary, list[AppealLine]]:
    summary = await otklik.analytics.summarise(region="46", from_=date(2026, 11, 1))
    return summary, [appeal async for appeal in otklik.appeals.list_appeals(status="in_work")]


with Client("http://127.0.0.1:8080", "id", "secret") as client:
    print(post(client, "Яма"))
print(asyncio.run(count(AsyncClient("http://127.0.0.1:8080"))))
"""
MISTAKES = {
    'NewAppeal(region="46", text=text, external_id="p-1")': 'NewAppeal(region="46", txt=text)',
    'list_appeals(status="in_work")': 'list_appeals(status="at work")',
    "return receipt.number": "return receipt.received_at",
    'Accept(external_ref="1"), if_match=task)': 'Accept(external_ref="1"))',
    "await otklik.analytics": "otklik.analytics",
}


def judged(folder: Path, installed: Path, program: str) -> str:
    """What a strict mypy says, without any configuration of ours."""
    file = folder / "program.py"
    file.write_text(program)
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--no-error-summary", str(file)]
    cache = f"--cache-dir={folder / 'cache'}"
    found = {**os.environ, "MYPYPATH": str(installed)}
    done = subprocess.run(
        [*command, cache], cwd=folder, env=found, capture_output=True, text=True, check=False
    )
    assert not done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built of a copy, so that nothing is left beside the sources."""
    folder = tmp_path_factory.mktemp("wheel")
    left_out = shutil.ignore_patterns("build", "*.egg-info", "__pycache__")
    shutil.copytree(PACKAGE, folder / "source", ignore=left_out)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps"]
    subprocess.run(
        [*command, "--no-build-isolation", "--wheel-dir", str(folder), str(folder / "source")],
        check=True,
        timeout=120,
    )
    (made,) = folder.glob("otklik_client-*.whl")
    return made


def test_the_wheel_holds_code_and_types_and_nothing_else(wheel: Path) -> None:
    inside = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert "otklik_client/py.typed" in inside
    sources = {file.relative_to(PACKAGE).as_posix() for file in PACKAGE.glob("otklik_client/**/*.py")}
    assert inside == sources | {"otklik_client/py.typed"}
    metadata = [name for name in zipfile.ZipFile(wheel).namelist() if name.endswith(("METADATA", "LICENSE"))]
    assert len(metadata) == 2


def test_who_uses_it_is_told_by_the_types(wheel: Path, tmp_path: Path) -> None:
    installed = tmp_path / "installed"
    zipfile.ZipFile(wheel).extractall(installed)
    assert judged(tmp_path, installed, PROGRAM) == ""
    for right, wrong in MISTAKES.items():
        assert right in PROGRAM
        assert "error:" in judged(tmp_path, installed, PROGRAM.replace(right, wrong)), wrong


def test_it_needs_nothing_but_httpx2_and_pydantic(wheel: Path, tmp_path: Path) -> None:
    """Every module is imported where there is nothing else."""
    present = {each.name.lower().replace("_", "-") for each in distributions()}
    needed, wanted = set[str](), ["httpx2", "pydantic"]
    while wanted:
        name = wanted.pop()
        needed.add(name)
        for requirement in distribution(name).requires or ():
            found = re.match(r"[\w.-]+", requirement)
            if found and "extra ==" not in requirement:  # what another system needs is not there
                wanted += ({found[0].lower().replace("_", "-")} & present) - needed
    for name in needed:
        for file in distribution(name).files or ():
            top = tmp_path / file.parts[0]
            if not file.parts[0].startswith("..") and not top.exists():
                top.symlink_to(Path(str(distribution(name).locate_file(file.parts[0]))))
    zipfile.ZipFile(wheel).extractall(tmp_path)
    script = (
        "import importlib, pkgutil, sys; sys.path[:0] = [sys.argv[1]]; import otklik_client as package\n"
        "names = [each.name for each in pkgutil.walk_packages(package.__path__, 'otklik_client.')]\n"
        "for name in names: importlib.import_module(name)\n"
        "print(len(names), package.__file__)"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    count, place = done.stdout.split()
    assert int(count) > 100
    assert place.startswith(str(tmp_path))
