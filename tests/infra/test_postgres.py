"""The embedded Postgres: isolation of the roles, crashes, and nothing left behind.

`tmp_path` lies below a folder of mode 0700, so that these tests also show Postgres running below a closed folder.
"""

import asyncio
import subprocess
from pathlib import Path

import asyncpg
import pytest

from infra.local.credentials import load_or_create_secrets
from infra.local.database import prepare_database
from infra.local.embedded import EmbeddedServers, embedded_servers
from infra.local.paths import Home
from infra.local.postgres import Postgres
from infra.local.probe import http_get
from infra.local.processes import PROJECT
from tests.infra.watching import PYTHON, processes_of, query, wait_until


def test_service_role_works_in_its_own_schema_only(own_servers: EmbeddedServers) -> None:
    query(
        own_servers,
        "CREATE TABLE intake.own (id bigint GENERATED ALWAYS AS IDENTITY, word text)",
        "intake_owner",
    )
    assert query(own_servers, "INSERT INTO own (word) VALUES ('слово') RETURNING id", "intake") == 1
    assert query(own_servers, "SELECT upper(word) FROM intake.own", "intake") == "СЛОВО"
    for statement, role in [
        ("SELECT * FROM intake.own", "routing"),
        ("SELECT * FROM intake.own", "routing_owner"),
        ("CREATE TABLE intake.more (id int)", "intake"),
        ("ALTER TABLE intake.own ADD more int", "intake"),
        ("CREATE TABLE public.more (id int)", "intake_owner"),
        ("CREATE TABLE routing.more (id int)", "intake_owner"),
        ("SET ROLE intake_owner", "intake"),
    ]:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            query(own_servers, statement, role)


def test_no_role_may_pass_row_security(own_servers: EmbeddedServers) -> None:
    powerful = "SELECT count(*) FROM pg_roles WHERE (rolsuper OR rolbypassrls) AND rolname <> 'postgres'"
    assert query(own_servers, powerful) == query(own_servers, powerful + " AND rolname LIKE 'pg\\_%'")


def test_wrong_password_is_refused(own_servers: EmbeddedServers) -> None:
    url = own_servers.postgres.server.url("intake", "wrong")
    with pytest.raises(asyncpg.InvalidPasswordError):
        asyncio.run(asyncpg.connect(url))


def test_an_administrator_who_is_no_superuser_can_prepare_the_database(tmp_path: Path) -> None:
    home = Home.at(tmp_path / "home")
    secrets = load_or_create_secrets(home)

    async def check() -> None:
        postgres = Postgres(home, secrets)
        await postgres.start()
        try:
            connection = await asyncpg.connect(postgres.admin_url)
            await connection.execute("CREATE ROLE helper LOGIN CREATEROLE CREATEDB PASSWORD 'x'")
            await connection.close()
            url = postgres.server.url("helper", "x", driver="postgresql+asyncpg")
            for _ in range(2):
                await prepare_database(url, secrets)
            own = await asyncpg.connect(postgres.server.url("sla_owner", secrets.database["sla_owner"]))
            await own.execute("CREATE TABLE sla.own (id int)")
            await own.close()
            service = await asyncpg.connect(postgres.server.url("sla", secrets.database["sla"]))
            assert await service.fetchval("SELECT count(*) FROM own") == 0
            await service.close()
        finally:
            await postgres.stop()

    asyncio.run(check())


def test_killed_postgres_comes_back_with_its_rows(tmp_path: Path) -> None:
    with embedded_servers(tmp_path / "home") as own:
        query(own, "CREATE TABLE sla.kept AS SELECT generate_series(1, 1000) AS n", "sla_owner")
        first = own.postgres_pid
        own.kill_postgres()
        with pytest.raises(OSError):
            query(own, "SELECT 1")
        own.start_postgres()
        assert own.postgres_pid != first
        assert query(own, "SELECT count(*) FROM kept", "sla") == 1000

        own.kill_nats()
        own.start_nats()
        assert asyncio.run(http_get("127.0.0.1", own.nats.monitor_port, "/healthz"))[0] == 200
    assert processes_of(tmp_path / "home") == []


EMBEDS = """
import sys, time
from infra.local.embedded import embedded_servers
with embedded_servers(sys.argv[1]):
    print("started", flush=True)
    time.sleep(3600)
"""


def test_nothing_outlives_a_killed_embedding_process(tmp_path: Path) -> None:
    home = tmp_path / "home"
    embedding = subprocess.Popen([PYTHON, "-c", EMBEDS, str(home)], cwd=PROJECT, stdout=subprocess.PIPE)
    assert embedding.stdout is not None
    assert embedding.stdout.readline() == b"started\n"
    assert len(processes_of(home)) > 5
    embedding.kill()
    embedding.wait()
    embedding.stdout.close()
    wait_until(lambda: processes_of(home) == [], 30, "all of them ended by themselves")
    assert not (home / "postgres" / "postmaster.pid").exists()  # an orderly end, no crash


def test_postgres_starts_although_its_old_number_belongs_to_a_stranger(tmp_path: Path) -> None:
    home = Home.at(tmp_path / "home")
    with embedded_servers(home.root) as own:
        own.kill_postgres()
        pid_file = home.postgres / "postmaster.pid"
        lines = pid_file.read_text().splitlines()
        # One whom Postgres could signal: it would take that for a running Postgres and refuse.
        pid_file.write_text("\n".join([str(own.nats_pid), *lines[1:]]) + "\n")
        own.start_postgres()
        assert query(own, "SELECT 1") == 1
