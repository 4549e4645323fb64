"""Every process proves its keys before it serves: what a wrong key seals, nobody could open again (ADR 15).

Each schema keeps one row per key: a keyed hash of a constant, written by the first process that starts with the key
and compared by every later one. A key that is not the one the data were made with closes the process: it answers 503,
works on nothing, and says which key is wrong in its log and in /health/ready.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from starlette.types import Receive, Scope, Send

from chassis.db import open_all_rows, rows, run
from chassis.faults import Wording
from chassis.problems import Problem, problem_response
from chassis.settings import SealingSettings, Settings
from chassis.tasks import BackgroundTask
from chassis.word_keys import PUBLIC_KEY

log = structlog.get_logger()
AGAIN_SECONDS = 1.0
FIRST_PROOF_SECONDS = 5.0
WRONG = "{fault} Restore secrets.json from the backup made with these data, then start again."
NOT_YET = "the keys are not proven yet"
# What a closed process answers all the same.
TECHNICAL = ("/health/", "/metrics")

Evidence = Callable[[AsyncSession], Awaitable[bool | None]]
KeyId = tuple[str, int]  # its name and its number


class Closed(Problem):
    status, slug, title = 503, "keys-not-proven", "This part does not serve: its keys are not proven"


@dataclass(frozen=True)
class NamedKey:
    """A key of this process. `evidence` looks at data made before keys were proven: whether they were made with this
    key, None when there are none to judge by."""

    name: str  # such as "hash key"
    variable: str  # where the process has it from
    secret: str
    id: int = 1
    evidence: Evidence | None = None

    @property
    def id_in_schema(self) -> KeyId:
        """By which its proof is found."""
        return self.name, self.id

    def check(self, schema: str) -> bytes:
        """What is stored of the key: nothing from which it could be got other than by trying all keys."""
        message = f"otklik key check|{schema}|{self.name}|{self.id}".encode()
        mac_key = hashlib.sha512(b"otklik key check" + self.secret.encode()).digest()
        return hashlib.blake2b(message, key=mac_key, digest_size=32).digest()


@dataclass(frozen=True, slots=True)
class StoredCheck:
    """The proof of a key as it is stored."""

    name: str
    key_id: int
    check_value: bytes


def common_keys(settings: Settings, hash_evidence: Evidence | None = None) -> tuple[NamedKey, ...]:
    """What every process has. The key of cursors is not proven: nothing that is kept is made with it."""
    hashes = settings.hash_key.get_secret_value()
    return (NamedKey("hash key", "OTKLIK_HASH_KEY", hashes, evidence=hash_evidence),)


def encryption_keys(
    settings: SealingSettings, evidence_of: Callable[[int], Evidence | None] = lambda _: None
) -> tuple[NamedKey, ...]:
    """Every encryption key by its id."""
    return tuple(
        NamedKey(
            "encryption key",
            "OTKLIK_ENCRYPTION_KEY" if key_id == settings.encryption_key_id else "OTKLIK_OLD_ENCRYPTION_KEYS",
            secret,
            key_id,
            evidence_of(key_id),
        )
        for key_id, secret in settings.encryption_keys().items()
    )


def sealing_keys(settings: SealingSettings) -> tuple[NamedKey, ...]:
    """What a service has that keeps officials' words and emits them."""
    words = NamedKey("public key of words", PUBLIC_KEY, settings.words_public_key)
    return (*encryption_keys(settings), words, *common_keys(settings))


class WrongKey(Exception):
    """A key is not the one the data were made with; the text says which."""

    def __init__(self, fault: str, values: Mapping[str, object]) -> None:
        self.fault = Wording(fault, values)
        super().__init__(self.fault)


class KeyProof:
    """Whether this process holds the keys its data were made with; closed until it has been proven."""

    def __init__(self, schema: str, keys: Callable[[], Sequence[NamedKey]], *, is_open: bool = False) -> None:
        self.schema = schema
        self.keys = keys
        self.is_open = is_open
        self.wrong: Wording | None = None  # which key is not the right one; for the life of the process

    def problems(self) -> dict[str, str]:
        """For /health/ready; empty when the process may serve."""
        if self.wrong:
            return {"secrets": self.wrong.in_language("en")}
        return {} if self.is_open else {"start": NOT_YET}

    async def attempt(self, sessions: async_sessionmaker[AsyncSession]) -> bool:
        """Prove once; whether this is decided now. False: the database can't be asked."""
        try:
            async with sessions.begin() as session:
                await open_all_rows(session)  # evidence that row security hid would be none
                await prove_keys(session, self.schema, self.keys())
        except WrongKey as error:
            self.wrong = Wording(WRONG, {"fault": error.fault})
            log.error("wrong key: this process does not serve", reason=self.wrong.in_language("en"))
            return True
        except Exception as error:  # most often the database is not there; whatever it is, closed is safe
            log.warning("keys not proven yet", error=type(error).__name__)
            return False
        self.is_open = True
        return True

    async def until_decided(self, sessions: async_sessionmaker[AsyncSession]) -> bool:
        """Wait for the database as long as it takes; whether the keys are the right ones."""
        decided = await self.attempt(sessions)
        while not decided:
            await asyncio.sleep(AGAIN_SECONDS)
            decided = await self.attempt(sessions)
        return self.is_open

    def refuses(self, scope: Scope) -> bool:
        """Whether this request may not be answered."""
        return not (self.is_open or scope["path"].startswith(TECHNICAL))

    async def refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        """503 with the reason."""
        await problem_response(Closed(self.wrong or "the keys are not proven yet."))(scope, receive, send)


async def prove_keys(session: AsyncSession, schema: str, keys: Sequence[NamedKey]) -> None:
    """Compare with what is stored, and store what is not yet, all or nothing; WrongKey names the first that differs.

    Of several first starts at once one is stored, and the others compare themselves with it.
    """
    stored = await _read_checks(session, schema)
    _require_all(stored, keys)
    fresh = [key for key in keys if key.id_in_schema not in stored]
    if fresh:
        await _store(session, schema, fresh)
        stored = await _read_checks(session, schema)
    for key in keys:
        if not hmac.compare_digest(stored[key.id_in_schema], key.check(schema)):
            raise _wrong(key)


def _require_all(stored: Mapping[KeyId, bytes], keys: Sequence[NamedKey]) -> None:
    """WrongKey where data were made with an older key of a name that this process has, and it was not given."""
    names = {key.name for key in keys}
    missing = sorted(stored.keys() - {key.id_in_schema for key in keys})
    for name, key_id in missing:
        if name in names:
            raise WrongKey(
                "Data were made with {name} {id}, which this process was not given.",
                {"name": name, "id": key_id},
            )


async def _store(session: AsyncSession, schema: str, fresh: Sequence[NamedKey]) -> None:
    for key in fresh:
        if key.evidence is not None and await key.evidence(session) is False:
            raise _wrong(key)
        await run(
            session,
            f"INSERT INTO {schema}.key_check (name, key_id, check_value) VALUES (:name, :id, :check) "
            "ON CONFLICT DO NOTHING",
            name=key.name,
            id=key.id,
            check=key.check(schema),
        )


async def _read_checks(session: AsyncSession, schema: str) -> dict[KeyId, bytes]:
    stored = await rows(session, StoredCheck, f"SELECT name, key_id, check_value FROM {schema}.key_check")
    return {(check.name, check.key_id): check.check_value for check in stored}


def _wrong(key: NamedKey) -> WrongKey:
    return WrongKey(
        "{variable} is not the {name} ({id}) these data were made with.",
        {"variable": key.variable, "name": key.name, "id": key.id},
    )


@asynccontextmanager
async def working_when_proven(
    proof: KeyProof,
    sessions: async_sessionmaker[AsyncSession],
    tasks: Sequence[BackgroundTask],
    prepare: Callable[[], Awaitable[None]] | None = None,
) -> AsyncIterator[None]:
    """Nothing is read, sent or masked with a key that is not the right one: `prepare` and then `tasks` wait for the
    proof, for which this waits a moment only. The tasks are stopped in the end."""

    async def open_up() -> None:
        if await proof.until_decided(sessions):
            if prepare is not None:
                await prepare()
            for task in tasks:
                task.start()

    opening = asyncio.create_task(open_up(), name="prove keys")
    await asyncio.wait([opening], timeout=FIRST_PROOF_SECONDS)
    yield
    opening.cancel()
    await asyncio.gather(opening, return_exceptions=True)
    for task in reversed(tasks):
        await task.stop()


def key_check_statements(schema: str) -> tuple[str, str]:
    """DDL of a schema's table of proofs. A key that was proven stays so: only the owner may forget one."""
    return (
        f"CREATE TABLE {schema}.key_check (name text NOT NULL, key_id integer NOT NULL, check_value bytea NOT NULL, "
        "created_at timestamptz NOT NULL DEFAULT now(), CONSTRAINT key_check_pk PRIMARY KEY (name, key_id))",
        f"REVOKE UPDATE, DELETE, TRUNCATE ON {schema}.key_check FROM {schema}",
    )
