"""A second start need not migrate again – but only when every doubt is out."""

from __future__ import annotations

from pathlib import Path

import asyncpg
import pytest

from contracts.parts import PARTS
from harness.databases import PROJECT, Database
from infra.local.errors import StartError
from infra.local.revisions import newest_revision, parts_up_to_date


@pytest.mark.parametrize(
    ("files", "newest"),
    [
        (["revision = '1'\ndown_revision = None"], "1"),
        (["revision = '1'", "revision: str = '2'\ndown_revision: str | None = '1'"], "2"),
        (
            ["revision = '1'", "revision = '2'\ndown_revision = '1'", "revision = '3'\ndown_revision = '1'"],
            None,
        ),
        (["x = 1"], None),
        ([], None),
    ],
    ids=["first", "typed", "two ends", "no revision", "nothing"],
)
def test_the_newest_revision_is_the_one_nobody_follows(
    tmp_path: Path, files: list[str], newest: str | None
) -> None:
    for number, content in enumerate(files):
        (tmp_path / f"{number}.py").write_text(content)
    assert newest_revision(tmp_path) == newest


async def test_a_part_is_up_to_date_when_its_schema_says_so(database: Database) -> None:
    url = database.dsn()
    assert await parts_up_to_date(url, PARTS, PROJECT) == set(PARTS)
    connection = await asyncpg.connect(url)
    await connection.execute("UPDATE sla.alembic_version SET version_num = '0001'")
    await connection.execute("DELETE FROM routing.alembic_version")
    await connection.execute("DROP SCHEMA gateway CASCADE")
    await connection.close()
    assert await parts_up_to_date(url, PARTS, PROJECT) == {"intake", "analytics"}


async def test_tables_of_a_newer_version_are_refused_in_a_sentence(database: Database) -> None:
    connection = await asyncpg.connect(database.dsn())
    await connection.execute("UPDATE sla.alembic_version SET version_num = '9999'")
    await connection.close()
    with pytest.raises(
        StartError, match=r"tables of sla are at revision 9999.* a newer one has worked with them"
    ):
        await parts_up_to_date(database.dsn(), PARTS, PROJECT)


async def test_an_unreachable_database_is_no_proof() -> None:
    assert await parts_up_to_date("postgresql://a:b@127.0.0.1:1/otklik", PARTS, PROJECT) == set()
