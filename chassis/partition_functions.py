"""The owner's functions over partitions, which a service may call although it may not make or drop tables.

`create_coming_partitions()` and `create_months(moments)` make what is missing, `purge_inbox(days)` drops days of the
inbox. Whatever lies in the default partition already is moved on the way; nothing waits long for a lock: a partition that
cannot be made now is made the next time, and until then its rows go to the default one.
"""

from __future__ import annotations

from collections.abc import Mapping

from chassis.isolation import closing_block
from chassis.partitions import DAYS_AHEAD, MONTHS_AHEAD, OLDEST_MONTH, Grain

_LOCK_PATIENCE = "2s"
_TO_KEY = "rpad(lpad(to_hex((extract(epoch FROM {at}) * 1000)::bigint), 12, '0'), 32, '0')::uuid"


# Attached when it is full, so that the parent stays open to readers and writers meanwhile.
# The default partition is closed while its rows move: to others they are in one place or the other. Row security would
# hide them from the owner, too, so it steps aside for that moment.
_MAKE_PARTITION = """
CREATE OR REPLACE FUNCTION {schema}.make_partition(name text, grain text, start_at timestamptz) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog SET lock_timeout = '{patience}' AS $body$
DECLARE
    next_at timestamptz := (start_at AT TIME ZONE 'UTC' + ('1 ' || grain)::interval) AT TIME ZONE 'UTC';
    part text := name || '_p' || to_char(start_at AT TIME ZONE 'UTC', CASE grain WHEN 'month' THEN 'YYYYMM' ELSE 'YYYYMMDD' END);
    rest text := name || '_default';
    key text; kept text; forced boolean;
BEGIN
    IF to_regclass(format('{schema}.%I', part)) IS NOT NULL THEN
        RETURN false;
    END IF;
    SELECT a.attname INTO key FROM pg_partitioned_table p
        JOIN pg_attribute a ON a.attrelid = p.partrelid AND a.attnum = p.partattrs[0]
        WHERE p.partrelid = format('{schema}.%I', name)::regclass;
    EXECUTE format('CREATE TABLE {schema}.%I (LIKE {schema}.%I INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING GENERATED INCLUDING STORAGE)',
        part, name);
    EXECUTE format('LOCK TABLE {schema}.%I IN ACCESS EXCLUSIVE MODE', rest);
    SELECT relforcerowsecurity INTO forced FROM pg_class WHERE oid = format('{schema}.%I', rest)::regclass;
    IF forced THEN
        EXECUTE format('ALTER TABLE {schema}.%I NO FORCE ROW LEVEL SECURITY', rest);
    END IF;
    SELECT string_agg(quote_ident(attname), ', ') INTO kept FROM pg_attribute
        WHERE attrelid = format('{schema}.%I', rest)::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '';
    EXECUTE format('WITH moved AS (DELETE FROM {schema}.%I WHERE %I >= %L AND %I < %L RETURNING %s) '
        'INSERT INTO {schema}.%I (%s) SELECT * FROM moved', rest, key, {lowest}, key, {highest}, kept, part, kept);
    IF forced THEN
        EXECUTE format('ALTER TABLE {schema}.%I FORCE ROW LEVEL SECURITY', rest);
    END IF;
    EXECUTE format('ALTER TABLE {schema}.%I ATTACH PARTITION {schema}.%I FOR VALUES FROM (%L) TO (%L)',
        name, part, {lowest}, {highest});
    RETURN true;
EXCEPTION WHEN lock_not_available THEN
    RETURN NULL;
END $body$
"""

_CREATE_COMING = """
CREATE OR REPLACE FUNCTION {schema}.create_coming_partitions() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $body$
DECLARE
    item record; start_at timestamptz; part text; made integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('otklik partitions {schema}'));
    FOR item IN SELECT * FROM ({grains}) AS t(name, grain) LOOP
        start_at := date_trunc(item.grain, now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC';
        FOR i IN 0..(CASE item.grain WHEN 'month' THEN {months_ahead} ELSE {days_ahead} END) LOOP
            made := made + coalesce({schema}.make_partition(item.name, item.grain, start_at)::integer, 0);
            start_at := (start_at AT TIME ZONE 'UTC' + ('1 ' || item.grain)::interval) AT TIME ZONE 'UTC';
        END LOOP;
    END LOOP;
{close}
    RETURN made;
END $body$
"""

# It returns how many could not be made now.
_CREATE_MONTHS = """
CREATE OR REPLACE FUNCTION {schema}.create_months(moments timestamptz[]) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $body$
DECLARE
    item record; part text; missing integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('otklik partitions {schema}'));
    FOR item IN
        SELECT DISTINCT t.name, date_trunc('month', m.at AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AS start_at
        FROM unnest(moments) AS m(at), ({months}) AS t(name, grain)
        WHERE m.at >= '{oldest}' AND m.at < now() ORDER BY 2, 1
    LOOP
        IF {schema}.make_partition(item.name, 'month', item.start_at) IS NULL THEN
            missing := missing + 1;
        END IF;
    END LOOP;
{close}
    RETURN missing;
END $body$
"""

# A day goes as a whole, unless something in it came late and the broker may still bring it again.
_PURGE_INBOX = """
CREATE OR REPLACE FUNCTION {schema}.purge_inbox(keep_days integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog SET lock_timeout = '{patience}' AS $body$
DECLARE
    part text; kept boolean; dropped integer := 0;
BEGIN
    FOR part IN
        SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = '{schema}.inbox'::regclass AND c.relname ~ '^inbox_p[0-9]{{8}}$'
            AND to_date(right(c.relname, 8), 'YYYYMMDD') < (now() AT TIME ZONE 'UTC')::date - greatest(keep_days, 1)
        ORDER BY 1
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM {schema}.%I WHERE late_at >= now() - make_interval(days => $1))', part)
            INTO kept USING keep_days;
        IF NOT kept THEN
            EXECUTE format('DROP TABLE {schema}.%I', part);
            dropped := dropped + 1;
        END IF;
    END LOOP;
    RETURN dropped;
EXCEPTION WHEN lock_not_available THEN
    RETURN 0;
END $body$
"""

_FILL_MONTHS = """
DO $body$
DECLARE
    item record; moments timestamptz[]; found timestamptz[] := '{{}}';
BEGIN
    FOR item IN
        SELECT c.relname AS rest, c.relforcerowsecurity AS forced, a.attname AS key
        FROM pg_partitioned_table p JOIN pg_class t ON t.oid = p.partrelid JOIN pg_class c ON c.oid = p.partdefid
            JOIN pg_attribute a ON a.attrelid = p.partrelid AND a.attnum = p.partattrs[0]
        WHERE t.relnamespace = '{schema}'::regnamespace AND t.relname IN ({months})
    LOOP
        IF item.forced THEN
            EXECUTE format('ALTER TABLE {schema}.%I NO FORCE ROW LEVEL SECURITY', item.rest);
        END IF;
        EXECUTE format('SELECT array_agg(DISTINCT date_trunc(''month'', to_timestamp(
            (''x'' || left(replace(%I::text, ''-'', ''''), 12))::bit(48)::bigint / 1000.0))) FROM {schema}.%I',
            item.key, item.rest) INTO moments;
        IF item.forced THEN
            EXECUTE format('ALTER TABLE {schema}.%I FORCE ROW LEVEL SECURITY', item.rest);
        END IF;
        found := found || coalesce(moments, '{{}}');
    END LOOP;
    PERFORM {schema}.create_months(found);
END $body$
"""


def partition_functions(schema: str, grains: Mapping[str, Grain]) -> list[str]:
    """DDL as the owner; `grains`: the partitioned tables."""
    return [
        _make_partition(schema),
        _create_coming(schema, grains),
        _create_months(schema, grains),
        _purge_inbox(schema),
        *_for_the_service(schema),
    ]


def drop_partition_functions(schema: str) -> list[str]:
    """DDL for a downgrade; `create_coming_partitions()` gets its former body from `migrations.close_partitions`."""
    return [
        f"DROP FUNCTION {schema}.create_months(timestamptz[])",
        f"DROP FUNCTION {schema}.purge_inbox(integer)",
        f"DROP FUNCTION {schema}.make_partition(text, text, timestamptz)",
    ]


def _for_the_service(schema: str) -> list[str]:
    functions = (
        "make_partition(text, text, timestamptz)",
        "create_months(timestamptz[])",
        "purge_inbox(integer)",
    )
    return [
        *(f"REVOKE ALL ON FUNCTION {schema}.{function} FROM PUBLIC" for function in functions),
        *(f'GRANT EXECUTE ON FUNCTION {schema}.{function} TO "{schema}"' for function in functions[1:]),
    ]


def _make_partition(schema: str) -> str:
    lowest, highest = _TO_KEY.format(at="start_at"), _TO_KEY.format(at="next_at")
    return _MAKE_PARTITION.format(schema=schema, lowest=lowest, highest=highest, patience=_LOCK_PATIENCE)


def _create_coming(schema: str, grains: Mapping[str, Grain]) -> str:
    return _CREATE_COMING.format(
        schema=schema,
        grains=_values(grains),
        months_ahead=MONTHS_AHEAD,
        days_ahead=DAYS_AHEAD,
        close=closing_block(schema),
    )


def _create_months(schema: str, grains: Mapping[str, Grain]) -> str:
    months = {name: grain for name, grain in grains.items() if grain == "month"}
    return _CREATE_MONTHS.format(
        schema=schema, months=_values(months), oldest=OLDEST_MONTH.isoformat(), close=closing_block(schema)
    )


def _purge_inbox(schema: str) -> str:
    return _PURGE_INBOX.format(schema=schema, patience=_LOCK_PATIENCE)


def _values(grains: Mapping[str, Grain]) -> str:
    names = ", ".join(f"('{name}', '{grain}')" for name, grain in grains.items())
    return f"VALUES {names}" if names else "SELECT NULL::text, NULL::text WHERE false"


def fill_months(schema: str, grains: Mapping[str, Grain]) -> list[str]:
    """DDL as the owner: make the months of what lies in the default partitions, and move it there."""
    months = ", ".join(f"'{name}'" for name, grain in grains.items() if grain == "month")
    return [_FILL_MONTHS.format(schema=schema, months=months)]


def add_passing_tables(schema: str) -> list[str]:
    """DDL: what the purge of the inbox goes by, and the parts of the log that are to be sent again."""
    return [
        f"ALTER TABLE {schema}.inbox ADD COLUMN late_at timestamptz",
        f"CREATE INDEX inbox_late_ix ON {schema}.inbox (late_at) WHERE late_at IS NOT NULL",
        f"""
CREATE TABLE {schema}.replay (
    id uuid CONSTRAINT replay_pk PRIMARY KEY, consumer text NOT NULL, since uuid NOT NULL, before uuid NOT NULL,
    events bigint NOT NULL DEFAULT 0, created_at timestamptz NOT NULL DEFAULT now(), finished_at timestamptz)
""",
    ]


def drop_passing_tables(schema: str) -> list[str]:
    """DDL for a downgrade."""
    return [
        f"DROP TABLE {schema}.replay",
        f"ALTER TABLE {schema}.inbox DROP COLUMN late_at",
    ]
