"""A home: whose files and rights are in it, and who may use it.

`tmp_path` lies below a folder of mode 0700, so that these tests also show Postgres running below a closed folder.
"""

import json
import os
import stat
import subprocess
from pathlib import Path

import psutil
import pytest

from infra.local import identity as identity_module
from infra.local.child import LAUNCHER
from infra.local.credentials import load_or_create_secrets
from infra.local.embedded import EmbeddedServers, embedded_servers
from infra.local.errors import StartError
from infra.local.identity import Identity
from infra.local.paths import Home
from infra.local.processes import PROCESSES, LaunchContext
from tests.infra.watching import PYTHON, query


def test_servers_do_not_run_as_root_and_files_are_private(own_servers: EmbeddedServers) -> None:
    home = own_servers.home
    for pid in (own_servers.postgres_pid, own_servers.nats_pid):
        assert psutil.Process(pid).uids().real != 0
    for private in (home.secrets_file, home.nats / "nats.conf", home.postgres / "postgresql.conf"):
        assert stat.S_IMODE(private.stat().st_mode) == 0o600, private
    logs = "".join(file.read_text() for file in home.log.iterdir())
    assert not any(password in logs for password in own_servers.secrets.database.values())


def test_two_homes_run_side_by_side(own_servers: EmbeddedServers, tmp_path: Path) -> None:
    with embedded_servers(tmp_path / "other") as other:
        query(other, "CREATE TABLE sla.only_here (id int)", "sla_owner")
        assert query(own_servers, "SELECT to_regclass('sla.only_here')") is None
        assert other.nats_url("sla") != own_servers.nats_url("sla")
        assert other.secrets != own_servers.secrets


def test_second_start_on_the_same_home_is_refused(own_servers: EmbeddedServers) -> None:
    second = embedded_servers(own_servers.home.root)
    with pytest.raises(StartError, match=f"in use by a running otklik .process {os.getpid()}"):
        second.__enter__()
    assert query(own_servers, "SELECT 1") == 1


def test_a_path_too_long_for_sockets_falls_back_to_loopback_ports(tmp_path: Path) -> None:
    home = tmp_path / ("long" * 20) / "home"
    with embedded_servers(home) as own:
        assert not own.home.has_sockets
        assert own.home.address("intake").startswith("127.0.0.1:")
        assert own.postgres.server.host == "127.0.0.1"
        own.restart_postgres()
        assert query(own, "SELECT current_user", "gateway") == "gateway"


def test_lost_secrets_are_not_replaced_while_there_is_data(tmp_path: Path) -> None:
    home = Home.at(tmp_path / "home")
    first = load_or_create_secrets(home)
    assert load_or_create_secrets(home) == first
    home.postgres.mkdir()
    home.secrets_file.unlink()
    with pytest.raises(StartError, match="Restore it from a backup"):
        load_or_create_secrets(home)


def test_secrets_of_an_older_version_are_completed_not_replaced(tmp_path: Path) -> None:
    home = Home.at(tmp_path / "home")
    first = load_or_create_secrets(home)
    older = json.loads(home.secrets_file.read_text())
    del older["cursor_key"], older["nats"]["admin"]
    home.secrets_file.write_text(json.dumps(older))
    completed = load_or_create_secrets(home)
    assert completed.encryption_key == first.encryption_key
    assert completed.cursor_key
    assert completed.nats["admin"]
    assert load_or_create_secrets(home) == completed


@pytest.mark.skipif(os.geteuid() != 0, reason="only root changes to another user")
def test_a_machine_without_the_capability_gives_a_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    monkeypatch.setattr(identity_module, "held_capabilities", lambda: 0)
    with pytest.raises(StartError, match="Choose a --home"):
        Identity(65534, 65534).capability_to_reach([closed / "data"])
    assert Identity(65534, 65534).capability_to_reach([Path("/usr/bin/env")]) is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root changes to another user")
def test_the_launcher_gives_up_every_right_but_one(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    (closed / "file").touch(mode=0o600)
    look = f"import os; print(os.getuid(), os.access({str(closed / 'file')!r}, os.R_OK)); " + (
        "print(*[line for line in open('/proc/self/status') if line[:6] in ('CapEff', 'CapPrm', 'CapAmb', 'NoNewP')])"
    )
    options = [f"parent={os.getpid()}", "death_signal=9", "uid=65534", "gid=65534", "capability=2", "nice=3"]
    command = [PYTHON, "-I", "-S", str(LAUNCHER), *options, "--", PYTHON, "-I", "-S", "-c", look]
    words = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert words[:2] == ["65534", "True"]  # access(2) too, which Postgres asks about its own binary
    assert words[2::2] == ["CapPrm:", "CapEff:", "CapAmb:", "NoNewPrivs:"]
    assert words[3::2] == ["0000000000000004"] * 3 + ["1"]


def test_each_process_gets_its_own_secrets_only(tmp_path: Path) -> None:
    home = Home.at(tmp_path / "h")
    secrets = load_or_create_secrets(home)
    context = LaunchContext(
        home=home,
        secrets=secrets,
        listen="127.0.0.1:8080",
        database_urls={role: f"url of {role}" for role in secrets.database},
        nats_urls={user: f"url of {user}" for user in secrets.nats},
        inherited={
            "PATH": "/bin",
            "OTKLIK_DATABASE_URL": "admin",
            "OTKLIK_ENCRYPTION_KEY": "k",
            "OTKLIK_WORDS_KEY": "k",
            "OTKLIK_X": "1",
        },
    )
    given = {process.part: context.environment_of(process, PROCESSES) for process in PROCESSES}
    holders = {part for part, it in given.items() if "OTKLIK_ENCRYPTION_KEY" in it}
    assert holders == {"intake", "intake-work", "routing", "sla", "gateway"}
    keys = {part: it.get("OTKLIK_ENCRYPTION_KEY") for part, it in given.items()}
    assert len({keys["intake"], keys["routing"], keys["sla"]}) == 3, "each its own"
    openers = {part for part, it in given.items() if "OTKLIK_WORDS_KEY" in it}
    assert openers == {"intake", "intake-work"}, "nobody else opens what officials write"
    assert {part for part, it in given.items() if "OTKLIK_BOOTSTRAP_ADMIN_SECRET" in it} == {"gateway"}
    pages = given.pop("web")
    assert {name for name in pages if name.startswith("OTKLIK_")} == {
        "OTKLIK_X", "OTKLIK_RUNTIME_HOME", "OTKLIK_HOME", "OTKLIK_SERVICE", "OTKLIK_PAGES_KEY", "OTKLIK_GATEWAY_URL", "OTKLIK_LISTEN", "OTKLIK_JWKS_URL",
    }, "a client of the gateway: no database, no broker, no key of anybody's texts"  # fmt: skip
    assert pages["OTKLIK_GATEWAY_URL"] == given["gateway"]["OTKLIK_INTERNAL_LISTEN"]
    assert given["gateway"]["OTKLIK_UPSTREAM_WEB"] == pages["OTKLIK_LISTEN"]
    for part, it in given.items():
        assert it["OTKLIK_DATABASE_URL"] == f"url of {part.removesuffix('-work')}"
    assert given["gateway"]["OTKLIK_UPSTREAM_INTAKE_WORK"] == given["intake-work"]["OTKLIK_LISTEN"]
    assert given["gateway"]["OTKLIK_UPSTREAM_SLA"] == given["sla"]["OTKLIK_LISTEN"]
    assert given["sla"]["OTKLIK_JWKS_URL"] == given["gateway"]["OTKLIK_INTERNAL_LISTEN"]
    assert "OTKLIK_NATS_URL" not in given["gateway"]
    assert given["sla"]["OTKLIK_X"] == "1"
    migration = context.migration_environment_of(PROCESSES[0], PROCESSES)
    assert migration["OTKLIK_DATABASE_URL"] == "url of intake_owner"
