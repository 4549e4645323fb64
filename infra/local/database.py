"""Roles and schemas: every part owns one schema, and its service can touch nothing else.

Two logins per part: `<part>_owner` makes and changes the tables (migrations), `<part>` is the service's.
The same statements serve the embedded Postgres, one given by URL, and docker compose (`python -m
infra.local.database HOME`, with OTKLIK_DATABASE_URL naming an administrator).
"""

import asyncio
import base64
import hashlib
import hmac
import os
import secrets as random_source
import sys
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit

import asyncpg

from contracts.parts import PARTS
from infra.local.credentials import Secrets, load_or_create_secrets
from infra.local.errors import StartError
from infra.local.paths import Home
from infra.local.ports import bracketed

ADMIN = "postgres"
DATABASE = "otklik"
DRIVER = "postgresql+asyncpg"
BAD_URL = (
    "OTKLIK_DATABASE_URL should look like postgresql://admin:password@host:5432/otklik. In user and password write "
    "/ # ? % @ : as %2F %23 %3F %25 %40 %3A."
)
_PREPARATION_LOCK = 0x07_4B_11_4B


@dataclass(frozen=True)
class Server:
    """Where a Postgres answers, without who asks. A host that starts with / is the folder of its socket."""

    host: str
    port: int
    database: str = DATABASE
    options: str = ""  # further parameters of a given URL, such as ssl=require

    def url(
        self, user: str, password: str, *, driver: str = "postgresql", database: str | None = None
    ) -> str:
        """For one login; the database is the usual one where none is named."""
        login = f"{quote(user, safe='')}:{quote(password, safe='')}"
        if self.host.startswith("/"):
            address, place = "", urlencode({"host": self.host, "port": self.port}, safe="/")
        else:
            address, place = f"{bracketed(self.host)}:{self.port}", ""
        url = f"{driver}://{login}@{address}/{quote(database or self.database, safe='')}"
        query = "&".join(filter(None, (place, self.options)))
        return f"{url}?{query}" if query else url


def parse_url(url: str) -> tuple[Server, str, str]:
    """Server, user and password of a URL, with or without `+asyncpg`; the host may be a parameter."""
    try:
        parts = urlsplit(url)
        query = parse_qs(parts.query)
        host = query.pop("host", [parts.hostname or "127.0.0.1"])[0]
        port = int(query.pop("port", [str(parts.port or 5432)])[0])
    except ValueError:  # whose message would hold a piece of the password
        raise StartError(BAD_URL) from None
    if not parts.scheme.startswith("postgres") or not parts.username:
        raise StartError(BAD_URL)
    name = unquote(parts.path.lstrip("/"))
    server = Server(
        host=host,
        port=port,
        database=name if name not in ("", "postgres") else DATABASE,
        options=urlencode({key: values[0] for key, values in query.items()}),
    )
    return server, unquote(parts.username), unquote(parts.password or "")


def scram_verifier(password: str, salt: bytes | None = None, iterations: int = 4096) -> str:
    """What Postgres would store for this password. Sent instead, it keeps the password out of statements.

    Passwords are plain ASCII here, which SASLprep leaves as they are.
    """
    salt = salt or random_source.token_bytes(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, iterations)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    texts = [base64.b64encode(value).decode() for value in (salt, stored, server)]
    return "SCRAM-SHA-256${}:{}${}:{}".format(iterations, *texts)


def database_statements(database: str = DATABASE) -> list[str]:
    """Once per database: nobody has anything that was not given to them."""
    return [
        f'REVOKE ALL ON DATABASE "{database}" FROM PUBLIC',
        "REVOKE ALL ON SCHEMA public FROM PUBLIC",
    ]


def role_statements(
    part: str, *, owner_password: str, service_password: str, database: str = DATABASE
) -> list[str]:
    """Once per part, again and again if need be: two roles, one schema, and the rights between them."""
    owner = f"{part}_owner"
    create = "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS NOINHERIT"
    statements = []
    for role, password in ((owner, owner_password), (part, service_password)):
        statements += [
            f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') "
            f'THEN CREATE ROLE "{role}" {create}; END IF; END $$',
            f"ALTER ROLE \"{role}\" PASSWORD '{scram_verifier(password)}'",
            f'ALTER ROLE "{role}" IN DATABASE "{database}" SET search_path = "{part}"',
            f'GRANT CONNECT, TEMPORARY ON DATABASE "{database}" TO "{role}"',
        ]
    may_act_as_owner = (
        f"DO $$ BEGIN IF NOT pg_has_role(current_user, '{owner}', 'USAGE') THEN "
        f"EXECUTE format('GRANT \"{owner}\" TO %I', current_user); END IF; END $$"
    )  # an administrator who is no superuser
    by_default = f'ALTER DEFAULT PRIVILEGES FOR ROLE "{owner}" IN SCHEMA "{part}" GRANT'
    return [
        *statements,
        may_act_as_owner,
        f'CREATE SCHEMA IF NOT EXISTS "{part}" AUTHORIZATION "{owner}"',
        f'REVOKE ALL ON SCHEMA "{part}" FROM PUBLIC',
        f'GRANT USAGE ON SCHEMA "{part}" TO "{part}"',
        f'{by_default} SELECT, INSERT, UPDATE, DELETE ON TABLES TO "{part}"',
        f'{by_default} USAGE, SELECT ON SEQUENCES TO "{part}"',
    ]


async def prepare_database(admin_url: str, secrets: Secrets, database: str = DATABASE) -> None:
    """Database, roles and schemas as they should be, whatever was there before."""
    await _create_database(admin_url, database)
    connection = await connect(admin_url, database)
    try:
        async with connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", _PREPARATION_LOCK)
            for statement in database_statements(database):
                await connection.execute(statement)
            for part in PARTS:
                for statement in role_statements(
                    part,
                    owner_password=secrets.database[f"{part}_owner"],
                    service_password=secrets.database[part],
                    database=database,
                ):
                    await connection.execute(statement)
    except asyncpg.InsufficientPrivilegeError as error:
        raise StartError(
            f"The user of OTKLIK_DATABASE_URL may not prepare the database {database!r} ({error}). "
            f"It needs to be a superuser, or the owner of that database with CREATEROLE."
        ) from None
    finally:
        await connection.close()


async def _create_database(admin_url: str, database: str) -> None:
    try:
        connection = await connect(admin_url, database)
    except asyncpg.InvalidCatalogNameError:
        connection = await connect(admin_url, "postgres")
        try:
            await connection.execute(f"CREATE DATABASE \"{database}\" ENCODING 'UTF8' TEMPLATE template0")
        except (asyncpg.DuplicateDatabaseError, asyncpg.UniqueViolationError):
            pass  # somebody else was quicker
        except asyncpg.InsufficientPrivilegeError as error:
            message = f"The user of OTKLIK_DATABASE_URL may not create {database!r}: {error}"
            raise StartError(message) from None
        finally:
            await connection.close()
    else:
        await connection.close()


async def connect(admin_url: str, database: str) -> Any:
    """A connection as the administrator to that database; StartError when Postgres does not let us in."""
    server, user, password = parse_url(admin_url)
    url = server.url(user, password, database=database).replace("ssl=", "sslmode=")
    try:
        return await asyncpg.connect(url)
    except (OSError, asyncpg.InvalidPasswordError, asyncpg.InvalidAuthorizationSpecificationError) as error:
        raise StartError(f"Postgres at {server.host} does not let {user!r} in: {error}") from None


async def _main(home: str) -> None:
    url = os.environ["OTKLIK_DATABASE_URL"]
    await prepare_database(url, load_or_create_secrets(Home.at(home)), parse_url(url)[0].database)


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1]))
