"""Alembic, one history per schema: `python -m chassis.migrations <part> upgrade|revision`.

Runs as the schema's owner; the service itself works under a role that may not change tables.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import importlib.util
import os
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from alembic import command, context
from alembic.config import Config
from sqlalchemy import Connection, MetaData, Table, text
from sqlalchemy.ext.asyncio import create_async_engine

from chassis.isolation import closing_block
from chassis.logs import configure_logging, log_as_a_process
from chassis.partitions import Grain, coming_partitions, default_partition_statement, partitioned_by
from contracts.parts import PARTS

_PARTITION = re.compile(r"_(default|p\d{6}|p\d{8})$")


def module_of(part: str) -> str:
    """The package that owns a schema."""
    return "gateway" if part == "gateway" else f"services.{part}"


def metadata_of(part: str) -> MetaData:
    """The tables a part declares."""
    package = module_of(part)
    metadata: MetaData = importlib.import_module(f"{package}.tables").metadata
    return metadata


def config_of(part: str) -> Config:
    """Alembic's configuration of one part, without an ini file."""
    config = Config()
    root = Path(__file__).resolve().parent.parent / module_of(part).replace(".", "/")
    config.set_main_option("script_location", str(root / "migrations"))
    config.attributes["part"] = part
    return config


def run_migrations(part: str) -> None:
    """Called by every `migrations/env.py`."""
    connection: Connection | None = context.config.attributes.get("connection")
    if connection is None:
        raise RuntimeError("run `python -m chassis.migrations <part> upgrade`")
    # The role's search_path is its schema, which reflection would then take for the nameless default one and find empty.
    connection.execute(text("SET search_path TO pg_catalog"))
    connection.dialect.default_schema_name = "pg_catalog"
    context.configure(
        connection=connection,
        target_metadata=metadata_of(part),
        version_table_schema=part,
        include_schemas=True,
        include_name=lambda name, kind, _: name == part if kind == "schema" else True,
        include_object=lambda _, name, kind, reflected, __: (
            not (
                kind == "table" and reflected and (_PARTITION.search(name or "") or name == "alembic_version")
            )
        ),
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def partition_statements(tables: Iterable[Table], now: datetime) -> list[str]:
    """DDL for default and coming partitions of freshly created tables."""
    statements = []
    for table in tables:
        if partitioned_by(table):
            statements += [default_partition_statement(table), *coming_partitions(table, now)]
    return statements


def partition_function(schema: str, tables: Iterable[Table]) -> str:
    """DDL of `<schema>.create_coming_partitions()`: the owner's function that the service may call.

    It leaves no partition open that a service could reach past the parent's policy, whoever made it.
    The UUIDv7 bounds repeat `partitions.lowest_uuid7` in SQL, so that no superuser rights are needed at run time.
    """
    names = ", ".join(
        f"('{table.name}', '{partitioned_by(table)}')" for table in tables if partitioned_by(table)
    )
    values = f"VALUES {names}" if names else "SELECT NULL::text, NULL::text WHERE false"
    return f"""
CREATE OR REPLACE FUNCTION {schema}.create_coming_partitions() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $body$
DECLARE
    item record; start_at timestamptz; next_at timestamptz; step interval; part text; made integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('otklik partitions {schema}'));
    FOR item IN SELECT * FROM ({values}) AS t(name, grain) LOOP
        step := CASE item.grain WHEN 'month' THEN interval '1 month' ELSE interval '1 day' END;
        start_at := date_trunc(item.grain, now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC';
        FOR i IN 0..(CASE item.grain WHEN 'month' THEN 2 ELSE 5 END) LOOP
            next_at := (start_at AT TIME ZONE 'UTC' + step) AT TIME ZONE 'UTC';
            part := item.name || '_p' || to_char(start_at AT TIME ZONE 'UTC',
                CASE item.grain WHEN 'month' THEN 'YYYYMM' ELSE 'YYYYMMDD' END);
            IF to_regclass(format('{schema}.%I', part)) IS NULL THEN
                EXECUTE format(
                    'CREATE TABLE {schema}.%I PARTITION OF {schema}.%I FOR VALUES FROM (%L) TO (%L)', part, item.name,
                    rpad(lpad(to_hex((extract(epoch FROM start_at) * 1000)::bigint), 12, '0'), 32, '0')::uuid,
                    rpad(lpad(to_hex((extract(epoch FROM next_at) * 1000)::bigint), 12, '0'), 32, '0')::uuid);
                made := made + 1;
            END IF;
            start_at := next_at;
        END LOOP;
    END LOOP;
{closing_block(schema)}
    RETURN made;
END $body$
"""


def partition_everything(part: str, grain_names: dict[str, Grain], execute: object) -> None:
    """Used by first migrations: default and coming partitions of the named tables, and the owner's function."""
    assert callable(execute)
    tables = _tables(part, grain_names)
    for statement in partition_statements(tables, datetime.now(UTC)):
        execute(statement)
    execute(partition_function(part, tables))


def close_partitions(part: str, grain_names: dict[str, Grain]) -> list[str]:
    """SQL for a later migration: renew the owner's function, and let it close what is there."""
    return [partition_function(part, _tables(part, grain_names)), f"SELECT {part}.create_coming_partitions()"]


def _tables(part: str, grain_names: dict[str, Grain]) -> list[Table]:
    metadata = MetaData(schema=part)
    return [Table(name, metadata, info={"partition": grain}) for name, grain in grain_names.items()]


def isolate_rows(table: str, column: str) -> list[str]:
    """DDL of routing's first migrations; since then see `isolation`."""
    return [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY own_rows ON {table} USING (current_setting('app.scope', true) = 'service' "
        f"OR {column} = nullif(current_setting('app.organisation', true), '')::uuid)",
    ]


async def upgrade(part: str, url: str) -> None:
    """Bring one schema to the newest revision; several starts at once take turns."""
    engine = create_async_engine(url)
    config = config_of(part)

    def run(connection: Connection) -> None:
        connection.execute(text(f"SELECT pg_advisory_xact_lock(hashtext('otklik migrate {part}'))"))
        # The owner is under row security too: a migration that changes rows would silently find none.
        connection.execute(text("SELECT set_config('app.scope', 'service', true)"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")

    async with engine.begin() as connection:
        await connection.run_sync(run)
    await engine.dispose()


async def revise(part: str, url: str, message: str) -> None:
    """Write a new revision from the difference between models and database."""
    engine = create_async_engine(url)
    config = config_of(part)

    def run(connection: Connection) -> None:
        config.attributes["connection"] = connection
        command.revision(config, message=message, autogenerate=True)

    async with engine.connect() as connection:
        await connection.run_sync(run)
    await engine.dispose()


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", choices=PARTS)
    parser.add_argument("action", choices=["upgrade", "revision"])
    parser.add_argument("--message", default="change")
    arguments = parser.parse_args()
    url = os.environ["OTKLIK_DATABASE_URL"]
    configure_logging(f"migration of {arguments.part}", "INFO")
    log_as_a_process()
    if arguments.action == "upgrade":
        asyncio.run(upgrade(arguments.part, url))
    else:
        asyncio.run(revise(arguments.part, url, arguments.message))


if __name__ == "__main__":
    main()
