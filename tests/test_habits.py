"""What holds for all tests: they speak with this machine only, their order says nothing, a warning is an error."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.databases import PROJECT
from harness.loopback import Outside, is_here
from harness.scheduling import DISTURBING, GroupScheduling, pytest_xdist_make_scheduler

ELSEWHERE = "192.0.2.1"  # RFC 5737: nobody's


@pytest.mark.parametrize(
    "reach",
    [
        lambda: socket.create_connection((ELSEWHERE, 80), timeout=1),
        lambda: socket.create_connection(("example.org", 80), timeout=1),
        lambda: socket.gethostbyname("example.org"),
        lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", (ELSEWHERE, 53)),
    ],
)
def test_nobody_reaches_another_machine(
    reach: Callable[[], object], recwarn: pytest.WarningsRecorder
) -> None:
    with pytest.raises(Outside):
        reach()
    recwarn.clear()  # of the socket that was left behind


def test_this_machine_is_reached(tmp_path: Path) -> None:
    for family, address in ((socket.AF_INET, ("127.0.0.1", 0)), (socket.AF_UNIX, str(tmp_path / "here"))):
        with socket.socket(family) as server, socket.socket(family) as client:
            server.bind(address)
            server.listen()
            client.connect(server.getsockname())
    assert all(map(is_here, ("localhost", "127.0.0.9", "::1", "::", b"127.0.0.1", "", None, "/tmp/socket")))
    assert not any(map(is_here, ("example.org", "10.0.0.1", "fe80::1%eth0", "8.8.8.8")))


def test_a_warning_is_an_error() -> None:
    with pytest.raises(UserWarning):
        warnings.warn("x", UserWarning, stacklevel=1)


TESTS = """
import pytest
@pytest.mark.parametrize("n", range(9))
def test_{name}(n): pass
"""


def order(folder: Path, *options: str) -> list[str]:
    """The order in which the project's settings take some tests."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-c", str(PROJECT / "pyproject.toml")]
    done = subprocess.run(
        [*command, "--rootdir", str(folder), *options, str(folder)],
        capture_output=True,
        text=True,
        check=True,
        cwd=folder,
    )
    return [line for line in done.stdout.splitlines() if "::" in line]


def test_the_order_is_random_and_can_be_had_again(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"test_{name}.py").write_text(TESTS.format(name=name))
    first, second = (
        order(tmp_path, "-p", "randomly", "--randomly-seed=1"),
        order(tmp_path, "--randomly-seed=2"),
    )
    written = order(tmp_path, "-p", "no:randomly")
    assert first != second
    assert first != written
    assert sorted(first) == sorted(second) == sorted(written)
    assert order(tmp_path, "--randomly-seed=1") == first
    files = [line.partition("::")[0] for line in first]
    assert files in (sorted(files), sorted(files, reverse=True)), "a file's tests stay together"


@pytest.mark.parametrize("sign", ["home_values(", "region59:", "ELSEWHERE"])
def test_what_makes_another_form_or_region_disturbs(sign: str) -> None:
    """So it has a system of its own, or comes last in one."""
    journeys = PROJECT / "tests" / "journeys"
    found = {
        str(file.relative_to(PROJECT)) for file in journeys.rglob("test_*.py") if sign in file.read_text()
    }
    assert found
    assert found <= DISTURBING
    assert all((PROJECT / file).exists() for file in DISTURBING)


def test_journeys_without_water_are_in_streets_of_their_own() -> None:
    """Who writes of a cut in the same street joins the incident that another journey counts."""
    files_by_street: dict[str, set[str]] = {}
    for file in (PROJECT / "tests" / "journeys").rglob("test_*.py"):
        text = file.read_text()
        if "холодной воды" in text:
            for street in re.findall(r"(?:улица|проспект) ([А-ЯЁ][а-яё]+)", text):
                files_by_street.setdefault(street, set()).add(file.name)
    assert len(files_by_street) >= 5
    assert {street: files for street, files in files_by_street.items() if len(files) > 1} == {}


def test_what_needs_the_whole_system_shares_one_start_of_it(pytestconfig: pytest.Config) -> None:
    """The hook is in force, and it keeps the journeys on one worker; every other file goes to whoever is free."""
    assert pytest_xdist_make_scheduler in {
        each.function for each in pytestconfig.hook.pytest_xdist_make_scheduler.get_hookimpls()
    }
    scheduling = GroupScheduling.__new__(GroupScheduling)
    journeys, chaos = (
        {scheduling._split_scope(f"tests/{folder}/test_{name}.py::test_it") for name in ("one", "two")}
        for folder in ("journeys", "chaos")
    )
    assert (len(journeys), len(chaos)) == (1, 2)
