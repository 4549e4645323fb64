"""A server that is not as it has to be stops the start within seconds, in one sentence, which never holds a password."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from infra.local.credentials import load_or_create_secrets
from infra.local.database import Server, parse_url
from infra.local.errors import StartError
from infra.local.given import require_nats, require_synced
from infra.local.paths import Home
from infra.local.ports import free_port
from infra.local.postgres import Postgres, find_binaries, major_version

NASTY = "p/a#s?s%w@r:d"


async def test_a_nats_that_is_away_is_named_after_its_patience() -> None:
    port, other = free_port(), free_port()
    with pytest.raises(
        StartError, match=f"NATS at 127.0.0.1:{port} and 127.0.0.1:{other} .* does not answer"
    ) as refused:
        await require_nats(f"nats://sla:secret@127.0.0.1:{port}, nats://127.0.0.1:{other}", patience=0.5)
    assert "secret" not in str(refused.value)
    with pytest.raises(StartError, match=r"monitor at 127\.0\.0\.1"):
        await require_synced(f"http://127.0.0.1:{port}")


async def test_one_server_of_a_cluster_is_enough() -> None:
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        await require_nats(f"nats://127.0.0.1:{free_port()},127.0.0.1:{port}")


@pytest.mark.parametrize(
    "url", [f"nats://sla:{NASTY}@127.0.0.1:4222", "nats://", "://", "nats://h:port", "nats://sla:12/s?s%w@h"]
)
async def test_an_address_that_is_none_is_not_repeated(url: str) -> None:
    with pytest.raises(StartError, match="OTKLIK_NATS_URL is no address like") as refused:
        await require_nats(url, patience=0.1)
    assert NASTY not in str(refused.value)
    assert "s?s%w" not in str(refused.value)


def test_a_password_that_is_not_quoted_is_a_sentence_without_it() -> None:
    with pytest.raises(StartError, match="In user and password write") as refused:
        parse_url(f"postgresql://postgres:{NASTY}@db:5432/otklik")
    assert "p/a" not in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__
    quoted = Server("db", 5432).url("postgres", NASTY)
    assert parse_url(quoted) == (Server("db", 5432), "postgres", NASTY)


async def test_data_of_another_major_version_are_refused_in_a_sentence(tmp_path: Path) -> None:
    home = Home.at(tmp_path / "home")
    postgres = Postgres(home, load_or_create_secrets(home))
    postgres.data.mkdir()
    (postgres.data / "PG_VERSION").write_text("9\n")
    ours = major_version(find_binaries())
    with pytest.raises(StartError, match=f"was made by Postgres 9, and this is Postgres {ours}"):
        await postgres.start()
    assert not postgres.child.running
