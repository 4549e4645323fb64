"""The servers of the embedded runtime as `otklik up` starts them, not the quick ones of the other tests."""

from collections.abc import AsyncIterator, Iterator

import asyncpg
import pytest

from contracts.parts import PARTS
from harness.databases import Database
from infra.local.embedded import EmbeddedServers, embedded_servers
from tests.infra.filling import TABLES, Filled, fill
from tests.infra.watching import processes_of


@pytest.fixture(scope="module")
def own_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedServers]:
    home = tmp_path_factory.mktemp("shared") / "home"
    with embedded_servers(home) as started:
        yield started
    assert processes_of(home) == []


@pytest.fixture
async def filled(database: Database) -> AsyncIterator[Filled]:
    admin = await asyncpg.connect(database.dsn())
    tables = await admin.fetch(TABLES, PARTS)
    for row in tables:
        if row["has_region"] and not row["relispartition"]:
            await fill(admin, row["name"])
    yield Filled(database, admin, tables)
    await admin.close()
