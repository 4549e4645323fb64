"""As whom the processes of a home run when root starts them: each as a user of its own, with no rights beyond its task.

Interpreter and `tmp_path` may lie below closed folders; then the one capability to read below them is lent, no other.
"""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from chassis.serve import bind
from infra.local import processes as processes_module
from infra.local.child import Child
from infra.local.credentials import load_or_create_secrets
from infra.local.embedded import embedded_servers
from infra.local.errors import StartError
from infra.local.identity import (
    BLOCK_SIZE,
    BLOCKS,
    CAP_DAC_READ_SEARCH,
    CAP_NET_BIND_SERVICE,
    NOBODY,
    USERS,
    Identity,
    first_id,
)
from infra.local.managed import ManagedProcess
from infra.local.paths import Home
from infra.local.processes import PROCESSES, LaunchContext
from tests.infra.test_supervisor import Up
from tests.infra.watching import query, wait_until

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root has rights to give up")
NONE, LENT = 0, 1 << CAP_DAC_READ_SEARCH


@pytest.fixture
def open_home() -> Iterator[Home]:
    """A home that every user may pass to."""
    folder = Path(tempfile.mkdtemp(prefix="otklik-"))
    folder.chmod(0o711)
    yield Home.at(folder / "home")
    shutil.rmtree(folder)


def status_of(process: psutil.Process) -> dict[str, str]:
    lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def context_of(home: Home, listen: str = "127.0.0.1:8080") -> LaunchContext:
    secrets = load_or_create_secrets(home)
    return LaunchContext(
        home=home,
        secrets=secrets,
        listen=listen,
        database_urls={role: f"url of {role}" for role in secrets.database},
        nats_urls={user: f"url of {user}" for user in secrets.nats},
        inherited={"PATH": os.environ["PATH"], "HOME": "/root"},
    )


def run_as(name: str, home: Home, *command: str, migration: bool = False) -> tuple[int, str]:
    """Exit code and output of a command under the identity of a part."""
    log = home.log_file(f"run-{name}")
    log.unlink(missing_ok=True)
    identity = Identity.of(name, home.root, migration=migration)
    child = Child(name, command, log, {"PATH": "/usr/bin:/bin"}, Path("/"), identity=identity)

    async def run() -> int:
        child.start()
        return await child.exited()

    return asyncio.run(run()), log.read_text()


def test_every_process_of_a_system_that_root_starts_has_given_up_its_rights(tmp_path: Path) -> None:
    up = Up(tmp_path)
    try:
        up.until_ready()
        children = psutil.Process(up.process.pid).children()
        users = [process.uids().real for process in children]
        assert len(set(users)) == len(users) == 6, "each has its own: nobody reads another's environment"
        for process in psutil.Process(up.process.pid).children(recursive=True):
            with suppress(
                FileNotFoundError, psutil.NoSuchProcess
            ):  # a backend of Postgres may just have ended
                status = status_of(process)
                assert set(status["Uid"].split()) <= {
                    str(number) for number in range(first_id(), first_id() + 64)
                }
                assert status["Gid"].split() == [str(first_id())] * 4
                assert status["Groups"] == ""
                assert status["NoNewPrivs"] == "1"
                for mask in ("CapEff", "CapPrm", "CapInh", "CapAmb"):
                    assert int(status[mask], 16) in (NONE, LENT), (mask, process.cmdline())
    finally:
        up.end()


def test_a_part_reads_no_others_environment_and_no_secrets(open_home: Home) -> None:
    load_or_create_secrets(open_home)
    told = {"PATH": "/usr/bin:/bin", "OTKLIK_ENCRYPTION_KEY": "do-not-tell"}
    identity = Identity.of("intake", open_home.root)
    holder = Child(
        "intake", ("sleep", "60"), open_home.log_file("intake"), told, Path("/"), identity=identity
    )
    holder.start()
    try:
        environment = f"/proc/{holder.pid}/environ"
        wait_until(
            lambda: Path(f"/proc/{holder.pid}/cmdline").read_bytes().startswith(b"sleep"), 10, "it runs"
        )
        assert "do-not-tell" in run_as("intake", open_home, "cat", environment)[1], "its own"
        for name in ("sla", "gateway", "intake-work", "postgres", "nats-server"):
            for place in (environment, str(open_home.secrets_file), str(open_home.log_file("intake"))):
                code, output = run_as(name, open_home, "cat", place)
                assert code != 0, (name, place)
                assert "Permission denied" in output
                assert "do-not-tell" not in output
        code, output = run_as("sla", open_home, "kill", "-9", str(holder.pid))
        assert code != 0
        assert "not permitted" in output
        assert holder.running
    finally:
        asyncio.run(holder.stop(1))


def test_a_migration_is_somebody_else_than_its_part(open_home: Home) -> None:
    part = run_as("sla", open_home, "id", "-u")[1]
    migration = run_as("sla", open_home, "id", "-u", migration=True)[1]
    assert part != migration


def test_sockets_are_for_the_parts_and_for_no_stranger(open_home: Home) -> None:
    context = context_of(open_home)
    part = ManagedProcess(PROCESSES[0], context, PROCESSES)
    part.child.command = ("true",)
    asyncio.run(part.start())
    folder = part.socket.parent
    part.socket.touch()
    assert part.child.umask == 0o007, "so that the socket is its group's too"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o710
    assert folder.stat().st_uid == first_id() + USERS.index("intake") + 1
    assert run_as("gateway", open_home, "stat", str(part.socket))[0] == 0
    assert run_as("gateway", open_home, "touch", str(folder / "another"))[0] != 0, (
        "it listens there, nobody else"
    )
    stranger = Child(
        "s", ("stat", str(part.socket)), open_home.log_file("s"), {}, Path("/"), identity=Identity(4321, 4321)
    )
    stranger.start()
    assert asyncio.run(stranger.exited()) != 0


@pytest.mark.parametrize(
    ("umask", "mode"), [(0o007, 0o660), (0o077, 0o600), (0o022, 0o600), (0o002, 0o600), (0, 0o600)]
)
def test_a_socket_is_its_groups_only_where_the_starter_said_so(tmp_path: Path, umask: int, mode: int) -> None:
    before = os.umask(umask)
    try:
        bind(f"unix:{tmp_path}/socket").close()
        assert os.umask(umask) == umask, "as it was"
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "socket").stat().st_mode) == mode


def test_data_of_an_older_version_are_taken_over_and_stay_readable(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with embedded_servers(home) as own:
        query(own, "CREATE TABLE sla.kept AS SELECT generate_series(1, 100) AS n", "sla_owner")
    for folder in (home / "postgres", home / "nats"):
        Identity(pwd.getpwnam("nobody").pw_uid, pwd.getpwnam("nobody").pw_gid).own(folder)
    with embedded_servers(home) as own:
        assert query(own, "SELECT count(*) FROM kept", "sla") == 100
        assert psutil.Process(own.postgres_pid).uids().real == first_id() + 1
        assert psutil.Process(own.nats_pid).uids().real == first_id() + 2
        assert (home / "postgres" / "PG_VERSION").stat().st_uid == first_id() + 1


def test_what_an_ordinary_user_made_stays_that_users(open_home: Home) -> None:
    open_home.postgres.mkdir()
    os.chown(open_home.postgres, 4321, 4322)
    assert Identity.of("postgres", open_home.postgres, open_home.root) == Identity(4321, 4322)
    assert Identity.of("nats-server", open_home.nats, open_home.root) != Identity(4321, 4322)
    os.chown(open_home.root, 4321, 4322)
    assert Identity.of("sla", open_home.root) == Identity(4321, 4322)


def test_numbers_that_somebody_has_are_left_to_them(monkeypatch: pytest.MonkeyPatch) -> None:
    def taken(*numbers: int) -> int:
        users = [pwd.struct_passwd(("u", "x", number, number, "", "/", "")) for number in numbers]
        monkeypatch.setattr(pwd, "getpwall", lambda: users)
        return first_id.__wrapped__()

    assert taken(0, 1000, NOBODY) == BLOCKS[0]
    assert taken(BLOCKS[0] + BLOCK_SIZE - 1) == BLOCKS[1]
    with pytest.raises(StartError, match="ordinary user"):
        taken(*BLOCKS)


@pytest.mark.parametrize(
    ("listen", "binds"), [("0.0.0.0:80", True), ("[::]:443", True), ("127.0.0.1:8080", False)]
)
def test_only_the_gateway_may_take_a_low_port_and_only_when_it_has_to(
    open_home: Home, monkeypatch: pytest.MonkeyPatch, listen: str, binds: bool
) -> None:
    monkeypatch.setattr(processes_module, "_first_free_port", lambda: 1024)
    context = context_of(open_home, listen)
    holders = {
        process.part
        for process in PROCESSES
        if CAP_NET_BIND_SERVICE in context.child_of(process, PROCESSES).capabilities
    }
    assert holders == ({"gateway"} if binds else set())


def test_code_that_others_may_not_read_is_lent_the_right_to(open_home: Home) -> None:
    identity = Identity(4321, 4321)
    file = open_home.root.parent / "code.py"
    file.touch(mode=0o644)
    assert identity.capability_to_read([file]) is None
    file.chmod(0o600)
    assert identity.capability_to_read([file]) == CAP_DAC_READ_SEARCH
    assert identity.capability_to_read([file.with_name("not-there")]) is None
