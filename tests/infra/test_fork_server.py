"""Parts are forked from a process that has imported what they are made of (ADR 48): as good as started, and not needed."""

import os
import signal
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from infra.local.adoption import OrphanCollector
from infra.local.child import Child
from infra.local.fork_client import NAME, RIGHTS
from infra.local.identity import Identity, first_id
from infra.local.orphans import MARK
from infra.local.processes import PROCESSES, PROJECT
from tests.infra.forking import COMMAND, SECRET, Forking, eventually, forking, said
from tests.infra.watching import PYTHON, processes_of


@pytest.fixture
async def up(tmp_path: Path) -> AsyncIterator[Forking]:
    async with forking(tmp_path, COMMAND) as up:
        await eventually(lambda: up.forks.is_complete)
        yield up


async def test_a_part_is_a_child_of_ours_and_like_one_that_was_started_for_it_alone(up: Forking) -> None:
    forked = up.part("front", niceness=3, umask=0o007)
    found = await said(forked)
    launched = Child(
        "l",
        forked.command,
        up.home.log_file("l"),
        forked.environment,
        PROJECT,
        niceness=3,
        umask=0o007,
        identity=forked.identity,
        capabilities=forked.capabilities,
    )
    launched.start()
    ordinary = await said(launched)
    assert psutil.Process(forked.pid).exe() == psutil.Process(launched.pid).exe()
    assert (
        psutil.Process(forked.pid).cmdline() == psutil.Process(launched.pid).cmdline() == [*COMMAND, "front"]
    )
    for name in ("pid", "session", "drawn"):
        assert found.pop(name) != ordinary.pop(name)
    assert found == ordinary
    assert found["parent"] == os.getpid()
    assert found["descriptors"] == [0, 1, 2]
    assert os.getsid(forked.pid) == os.getpgid(forked.pid) == forked.pid
    assert "fork" not in " ".join(map(repr, psutil.Process(launched.pid).environ()))
    for child in (forked, launched):
        await child.stop(5)


async def test_it_was_forked_and_not_started(up: Forking) -> None:
    """Its first instruction came long after the server's: what it shows of its own start are the server's first words."""
    child = up.part()
    await said(child)
    assert f"{MARK}={up.home.root}".encode() in Path(f"/proc/{child.pid}/environ").read_bytes()
    assert SECRET.encode() not in Path(f"/proc/{child.pid}/environ").read_bytes(), (
        "so that no listing of processes shows it"
    )
    await child.stop(5)


async def test_how_a_part_ended_is_known_and_why_stands_in_its_log(up: Forking) -> None:
    failed, ended, killed = up.part("fails"), up.part("ends", "7", name="e"), up.part(name="k")
    assert await failed.exited() == 1
    assert "LookupError: the reason why" in failed.log_tail()
    assert await ended.exited() == 7
    await said(killed)
    killed.signal(signal.SIGKILL)
    assert await killed.exited() == -signal.SIGKILL
    assert up.forks.is_complete


async def test_no_two_parts_draw_the_same(up: Forking) -> None:
    """Nor what an earlier part drew, although all begin with the same memory, in which somebody has drawn before."""
    parts = [up.part(name=f"p{number}") for number in range(4)]
    drawn = [each for part in parts for each in (await said(part))["drawn"]]
    assert len(set(drawn)) == len(drawn) == 16
    for part in parts:
        await part.stop(5)


async def test_the_server_ends_and_nobody_minds(up: Forking) -> None:
    before, part = up.server.pid, up.part()
    await said(part)
    up.server.kill()
    began = time.monotonic()
    second = up.part(name="second")
    assert time.monotonic() - began < 1, "started in the ordinary way"
    assert (await said(second))["arguments"] == []
    assert part.running
    await up.again(before)
    assert up.warnings
    third = up.part(name="third")
    assert (await said(third))["parent"] == os.getpid()
    for child in (part, second, third):
        await child.stop(5)


async def test_a_server_that_is_stopped_is_replaced_and_starts_nothing_twice(up: Forking) -> None:
    before = up.server.pid
    up.server.suspend()
    began = time.monotonic()
    part = up.part()
    assert time.monotonic() - began < 1
    await said(part)
    await up.again(before)
    assert len([each for each in processes_of(up.home.root) if each.cmdline() == [*COMMAND]]) == 1
    await part.stop(5)


async def test_a_request_that_nobody_waits_for_any_more_starts_nothing(up: Forking) -> None:
    """As when the server hung until whoever asked had started the part in the ordinary way."""
    before = set(psutil.Process().children())
    up.server.suspend()
    up.forks.child.signal = lambda number: None  # type: ignore[method-assign]  # and nobody ends it
    part = up.part()
    up.server.resume()
    await said(part)
    following = up.part(name="following")  # the server has worked off what came before
    await said(following)
    await eventually(lambda: len([p for p in processes_of(up.home.root) if p.cmdline() == [*COMMAND]]) == 2)
    for child in (part, following):
        await child.stop(5)
    assert before


def memory_of(pid: int) -> bytes:
    """All that it may write to."""
    lines = Path(f"/proc/{pid}/maps").read_text().splitlines()
    areas = [line.split()[0].split("-") for line in lines if line.split()[1].startswith("rw")]
    held = []
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for first, behind in areas:
            with suppress(OSError):
                memory.seek(int(first, 16))
                held.append(memory.read(int(behind, 16) - int(first, 16)))
    return b"".join(held)


async def test_the_server_never_knows_a_secret(up: Forking) -> None:
    part = up.part()
    await said(part)
    assert SECRET.encode() in memory_of(part.pid)
    assert SECRET.encode() not in memory_of(up.server.pid)
    assert not any(name.startswith("OTKLIK_") and name != MARK for name in up.server.environ())
    await part.stop(5)


async def test_a_server_that_cannot_import_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infra.local.fork_client.COMMAND", (PYTHON, "-c", "raise SystemExit('no memory')"))
    async with forking(tmp_path, COMMAND) as up:
        part = up.part()
        await said(part)
        assert "does not start" in up.warnings[0]
        await part.stop(5)


async def test_orphans_are_collected_and_children_are_not(up: Forking) -> None:
    collector = OrphanCollector()
    ended = up.part("leaves")

    def orphans() -> list[psutil.Process]:
        return [each for each in psutil.Process().children() if each.name() == "sleep"]

    await eventually(lambda: bool(orphans()) and orphans()[0].status() == psutil.STATUS_ZOMBIE)
    collector.collect()
    assert orphans(), "it might have been started just now"
    collector.collect()
    collector.collect()
    assert not orphans()
    assert await ended.exited() == 0, "that one was left to who asks for it"


HOST = """
import asyncio, os, sys
from pathlib import Path
from infra.local.fork_client import ForkServer
from infra.local.child import Child
from infra.local.identity import Identity
from infra.local.orphans import MARK
from infra.local.paths import Home
from infra.local.processes import PROJECT, Process
async def main():
    home, command = Home.at(sys.argv[1]), tuple(sys.argv[2:])
    forks = ForkServer(home, [Process("part", command)], os.environ)
    keeping = asyncio.create_task(forks.keep_running(print))
    await forks.imported(forks.of_parts)
    environment, identity = {**os.environ, MARK: str(home.root)}, Identity.of("sla", home.root)
    part = Child("part", command, home.log_file("part"), environment, PROJECT, identity=identity, forks=forks)
    part.start()
    await keeping
asyncio.run(main())
"""


async def test_server_and_parts_end_with_who_started_them(tmp_path: Path) -> None:
    home = tmp_path / "h"
    host = subprocess.Popen([PYTHON, "-c", HOST, str(home), *COMMAND], cwd=PROJECT)
    try:
        await eventually(
            lambda: (home / "log" / "part.log").exists() and "pid" in (home / "log" / "part.log").read_text()
        )
        assert len(processes_of(home)) == 3
    finally:
        host.kill()
        host.wait()
    await eventually(lambda: processes_of(home) == [], 10)


async def test_the_server_of_all_parts_can_be_forked_safely(tmp_path: Path) -> None:
    """One thread, no descriptor but its own, and a name that is nobody else's."""
    async with forking(tmp_path, *(process.command for process in PROCESSES)) as up:
        await eventually(lambda: up.forks.is_complete)
        assert up.home.log_file(NAME).read_text() == ""
        assert up.server.num_threads() == 1
        assert up.server.num_fds() == 4, "nothing, twice its log, and who asks"
        line = " ".join(up.server.cmdline()).removeprefix(PYTHON)
        assert not any(
            word in line
            for word in ("intake", "routing", "sla", "analytics", "gateway", "web", "postgres", "nats")
        )


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has rights to give up")
async def test_root_lends_the_server_what_parts_need_and_parts_keep_nothing(up: Forking) -> None:
    assert up.server.uids().real == first_id() + 10
    held = dict(line.split(":\t") for line in Path(f"/proc/{up.server.pid}/status").read_text().splitlines())
    assert held["NoNewPrivs"] == "1"
    assert int(held["CapEff"], 16) & ~sum(1 << number for number in RIGHTS) == 0
    identity = Identity.of("sla", up.home.root)
    assert identity is not None
    part = up.part(identity=identity)
    found = await said(part)
    assert set(found["users"]) == {identity.uid, identity.gid}
    assert found["rights"] == ["0" * 16] * 4
    lent = up.part(identity=identity, capabilities=(2,), name="lent")
    assert (await said(lent))["rights"] == [f"{4:016x}"] * 4
    for child in (part, lent):
        await child.stop(5)
