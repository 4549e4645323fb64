"""Row security: a transaction sees and changes the rows within its scope, and none without one (ADR 18).

`app.scope` is `service` (all rows: consumers, workers, what concerns all regions), `regions` (those in `app.regions`),
`municipalities` (of those regions what lies in `app.municipalities`) or `organisation` (of those regions what
`app.organisation` has to do with). Anything else is closed: a transaction without a scope sees no row. Beside its scope a
transaction has what is its owner's alone (`app.owner`), in tables without a region. `db` sets it; the policies that read it
are made here.

The settings are read in sub-selects, once a statement and not once a row. CASE, because its branches are tried in order
and because the planner takes it for half of the rows, where it would take an OR for next to none.
"""

from __future__ import annotations

from collections.abc import Mapping

POLICY = "own_rows"
PARTITION_POLICY = "through_the_parent_only"

_REGIONS = "region = ANY ((SELECT string_to_array(current_setting('app.regions', true), ','))::text[])"
ORGANISATION = "nullif(current_setting('app.organisation', true), '')::uuid"
OWNER = (
    "nullif(current_setting('app.owner', true), '')"  # a client, or the organisation that clients work for
)

# What an organisation, or a municipal centre, may do with a region's rows: all (reference data), nothing, its own.
SHARED = "true"
CLOSED = "false"
OWN = f"organisation_id = (SELECT {ORGANISATION})"
# How the codes (ОКТМО) of a transaction's municipalities begin: a district's code covers its settlements.
_MUNICIPALITIES = "string_to_array(current_setting('app.municipalities', true), ',')"


def lies_in_own(*columns: str) -> str:
    """SQL condition: whether one of a row's columns names a municipality of the transaction's."""
    return (
        "(" + " OR ".join(f"{column} ^@ ANY ((SELECT {_MUNICIPALITIES})::text[])" for column in columns) + ")"
    )


def rows_within(organisation: str, municipality: str = CLOSED) -> str:
    """SQL condition over a table's `region`.

    `organisation`, `municipality`: what one organisation, or a municipal centre, is further limited to.
    """
    return (
        "CASE (SELECT current_setting('app.scope', true)) WHEN 'service' THEN true "
        f"WHEN 'regions' THEN {_REGIONS} WHEN 'organisation' THEN {_REGIONS} AND {organisation} "
        f"WHEN 'municipalities' THEN {_REGIONS} AND {municipality} ELSE false END"
    )


SERVICE_ONLY = "CASE (SELECT current_setting('app.scope', true)) WHEN 'service' THEN true ELSE false END"


def isolate(schema: str, tables: Mapping[str, str]) -> list[str]:
    """DDL as the owner: close tables with a region, each with what an organisation is limited to; and the outbox.

    Partitions that exist are closed by `create_coming_partitions()`, which is called next.
    """
    statements = [
        statement
        for table, organisation in tables.items()
        for statement in close_table(f"{schema}.{table}", organisation)
    ]
    return [*statements, *_close_log(schema)]


def close_table(table: str, organisation: str, municipality: str = CLOSED) -> list[str]:
    """DDL as the owner: close one table with a region, or close it anew. See `rows_within`."""
    return [
        *_close(table),
        f"CREATE POLICY {POLICY} ON {table} USING ({rows_within(organisation, municipality)})",
    ]


def close_owned(table: str, owned: str = f"owner = (SELECT {OWNER})") -> list[str]:
    """DDL as the owner: close a table without a region, whose rows are each somebody's. `owned`: SQL condition of one's own."""
    condition = f"CASE (SELECT current_setting('app.scope', true)) WHEN 'service' THEN true ELSE {owned} END"
    return [*_close(table), f"CREATE POLICY {POLICY} ON {table} USING ({condition})"]


def _close(table: str) -> tuple[str, ...]:
    return (
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
        f"DROP POLICY IF EXISTS {POLICY} ON {table}",
    )


def _close_log(schema: str) -> tuple[str, ...]:
    """The event log: whoever changes rows adds to it, the relay reads it, nobody changes it."""
    log = f"{schema}.outbox"
    return (
        *_close(log),
        f"CREATE POLICY {POLICY} ON {log} FOR SELECT USING ({SERVICE_ONLY})",
        f"CREATE POLICY own_events ON {log} FOR INSERT WITH CHECK ({rows_within(SHARED)})",
        f'REVOKE UPDATE, DELETE, TRUNCATE ON {log} FROM "{schema}"',
    )


def holding_function(schema: str, table: str, condition: str = "true") -> str:
    """DDL of `<schema>.holds(region, appeal_id)`: whether `table` gives the appeal to the transaction's organisation.

    A function, so that policies which ask it cost nothing to plan where nobody asks for an organisation; and a cheap one
    to the planner, which otherwise leaves the plans it makes without row security.
    """
    return f"""
CREATE FUNCTION {schema}.holds(its_region text, its_appeal uuid) RETURNS boolean
LANGUAGE plpgsql STABLE COST 1 AS $body$
BEGIN
    RETURN EXISTS (SELECT FROM {schema}.{table} h WHERE h.region = its_region AND h.appeal_id = its_appeal
        AND h.organisation_id = {ORGANISATION} AND {condition});
END $body$
"""


def lying_function(schema: str, table: str, key: str, *columns: str) -> str:
    """DDL of `<schema>.lies_within(region, id)`: whether the rows of `table` with this `key` lie in the transaction's
    municipalities, by their `columns`. A function for the same reasons as `holding_function`.
    """
    return f"""
CREATE FUNCTION {schema}.lies_within(its_region text, its_id uuid) RETURNS boolean
LANGUAGE plpgsql STABLE COST 1 AS $body$
BEGIN
    RETURN EXISTS (SELECT FROM {schema}.{table} WHERE region = its_region AND {key} = its_id AND {lies_in_own(*columns)});
END $body$
"""


MunicipalTables = Mapping[
    str, tuple[str, str]
]  # table → what an organisation, and a municipal centre, sees of it


def admit_municipal_centres(schema: str, lying: str, tables: MunicipalTables) -> list[str]:
    """DDL as the owner: tables that were closed to municipal centres are closed anew beyond what is theirs.

    `lying`: the DDL of `lying_function`, which conditions of the tables may use.
    """
    return [lying, *_close_anew(schema, tables), *_admit_events(schema, SHARED)]


def shut_municipal_centres_out(schema: str, tables: MunicipalTables) -> list[str]:
    """DDL for a downgrade."""
    closed = {table: (organisation, CLOSED) for table, (organisation, _) in tables.items()}
    return [
        *_close_anew(schema, closed),
        *_admit_events(schema, CLOSED),
        f"DROP FUNCTION {schema}.lies_within(text, uuid)",
    ]


def _close_anew(schema: str, tables: MunicipalTables) -> list[str]:
    return [
        statement
        for table, (organisation, municipality) in tables.items()
        for statement in close_table(f"{schema}.{table}", organisation, municipality)
    ]


def _admit_events(schema: str, municipality: str) -> tuple[str, str]:
    log = f"{schema}.outbox"
    return (
        f"DROP POLICY own_events ON {log}",
        f"CREATE POLICY own_events ON {log} FOR INSERT WITH CHECK ({rows_within(SHARED, municipality)})",
    )


def open_again(schema: str, tables: Mapping[str, str]) -> list[str]:
    """DDL for a downgrade. Partitions stay closed: who comes through the parent does not notice."""
    opened = [
        statement
        for table in (*tables, "outbox")
        for statement in (
            f"DROP POLICY {POLICY} ON {schema}.{table}",
            f"ALTER TABLE {schema}.{table} DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY",
        )
    ]
    return [
        *opened,
        f"DROP POLICY own_events ON {schema}.outbox",
        f'GRANT UPDATE, DELETE ON {schema}.outbox TO "{schema}"',
    ]


def closing_block(schema: str) -> str:
    """PL/pgSQL (`part` is a text variable): every partition of the schema is reached through its parent only.

    Rights and policies of a parent do not hold for who names a partition itself, and new tables get rights by default.
    """
    return f"""
    FOR part IN
        SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_class p ON p.oid = i.inhparent
        WHERE p.relnamespace = '{schema}'::regnamespace AND p.relkind = 'p'
            AND has_table_privilege('{schema}', c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
    LOOP
        EXECUTE format('REVOKE ALL ON {schema}.%I FROM "{schema}"', part);
    END LOOP;
    FOR part IN
        SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_class p ON p.oid = i.inhparent
        WHERE p.relnamespace = '{schema}'::regnamespace AND p.relkind = 'p' AND p.relrowsecurity
            AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
    LOOP
        EXECUTE format('ALTER TABLE {schema}.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', part);
        EXECUTE format('CREATE POLICY {PARTITION_POLICY} ON {schema}.%I USING (false)', part);
    END LOOP;
"""
