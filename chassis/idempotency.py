"""Safe retries: the first answer is stored under the client's key in the transaction of the effect."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any

import orjson
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from fastapi import Depends, Header, Request
from fastapi.responses import Response
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import row, run
from chassis.principals import Principal
from chassis.problems import KeyReused, Unprocessable
from chassis.resources import resources_of
from chassis.sealing import NONCE_BYTES, open_bytes, seal_bytes

WAIT_FOR_DUPLICATE = "5s"
KEEP_DAYS = 7
STORED = b"stored answer"
_PART = "\0"  # no header can hold it, so no client's key is the key of a part
_BEGIN = """
INSERT INTO {table} (client_id, key_hash, body_hash) VALUES (:client, :key, :body) ON CONFLICT DO NOTHING
"""
_STORE = """
UPDATE {table} SET status = :status, response = to_jsonb(:response::text)
WHERE client_id = :client AND key_hash = :key AND status IS NULL
"""
_DROP_PARTS = "DELETE FROM {table} WHERE client_id = :client AND key_hash = ANY(:parts::bytea[])"
_READ = "SELECT body_hash, status, response FROM {table} WHERE client_id = :client AND key_hash = :key"
IdempotencyKey = Annotated[str | None, Header(alias="Idempotency-Key", max_length=255)]


def keyed_hash(key: str, *parts: bytes) -> bytes:
    """Keyed BLAKE2b (32 bytes) over length-prefixed parts: personal data can't be guessed back from it."""
    message = b"".join(len(part).to_bytes(8, "big") + part for part in parts)
    return hashlib.blake2b(message, key=_mac_key(key), digest_size=32).digest()


@lru_cache(maxsize=8)
def _mac_key(key: str) -> bytes:
    return hashlib.sha512(key.encode()).digest()


def canonical(body: Any) -> bytes:
    """The fields that were sent, in one order."""
    if isinstance(body, BaseModel):
        body = body.model_dump(mode="json", exclude_unset=True)
    return orjson.dumps(body, option=orjson.OPT_SORT_KEYS)


@dataclass(frozen=True, slots=True)
class Stored:
    """The first answer under a key. `response`: sealed; of an older version an object in clear. Without `status`: a
    request of many parts that was begun, and is still going on or was cut off."""

    body_hash: bytes
    status: int | None
    response: Any


class Idempotency:
    """What a route calls to answer the same key with the same answer."""

    def __init__(self, request: Request, key: str | None) -> None:
        self.request = request
        self.key = key
        self.schema: str = resources_of(request).service
        self.hash_key: str = resources_of(request).hash_key

    async def run(
        self,
        session: AsyncSession,
        principal: Principal,
        body: Any,
        act: Callable[[], Awaitable[BaseModel]],
        status: int = 200,
    ) -> Response:
        """Run `act` once per (client, key, route); repeats get the stored answer and `Idempotent-Replayed: true`.

        Without a key `act` simply runs. The same key with another body is 422; a concurrent duplicate still running makes this
        call wait, and after 5 s answer 409.
        """
        if self.key is None:
            return json_response(await act(), status)
        stored = await self._begin(session, principal, body)
        if stored is not None:
            return self._replay(stored)
        result = await act()
        await self._store(session, principal, result, status)
        return json_response(result, status)

    def part(self, number: int) -> Idempotency:
        """The same for one of the things that a request does one after the other, each in a transaction of its own.

        Whoever repeats a request that was cut off in the middle finds done what was done, and only that.
        """
        return Idempotency(self.request, None if self.key is None else f"{self.key}{_PART}{number}")

    async def begin_whole(self, session: AsyncSession, principal: Principal, body: Any) -> Response | None:
        """Before the parts, in a transaction of its own: the answer to the whole request, if there has been one.

        Nobody waits here for a concurrent duplicate: duplicates meet at each part.
        """
        if self.key is None:
            return None
        stored = await self._begin(session, principal, body)
        return None if stored is None or stored.status is None else self._replay(stored)

    async def end_whole(
        self, session: AsyncSession, principal: Principal, result: BaseModel, parts: int
    ) -> Response:
        """After the parts: keep the answer to the whole request, in place of theirs. Of concurrent duplicates the first to
        come here has answered for all."""
        if self.key is None:
            return json_response(result)
        client, key = principal.client_id, self._key_hash()
        if not await self._store(session, principal, result, 200):
            stored = await row(session, Stored, _READ.format(table=self._table), client=client, key=key)
            assert stored is not None, "it was begun"
            return self._replay(stored)
        hashes = [self.part(number)._key_hash() for number in range(parts)]
        await run(session, _DROP_PARTS.format(table=self._table), client=client, parts=hashes)
        return json_response(result)

    async def _begin(self, session: AsyncSession, principal: Principal, body: Any) -> Stored | None:
        """What is stored under the key already; None: nothing, and now it is begun."""
        assert self.key is not None
        if not self.key.strip():
            raise Unprocessable("Idempotency-Key is empty.")
        body_hash = keyed_hash(
            self.hash_key, self.request.method.encode(), self.request.url.path.encode(), canonical(body)
        )
        key = {"client": principal.client_id, "key": self._key_hash()}
        await run(session, f"SET LOCAL lock_timeout = '{WAIT_FOR_DUPLICATE}'")
        if await run(session, _BEGIN.format(table=self._table), **key, body=body_hash):
            return None
        stored = await row(session, Stored, _READ.format(table=self._table), **key)
        assert stored is not None, "who waited for it finds it"
        if stored.body_hash != body_hash:
            raise KeyReused
        return stored

    async def _store(
        self, session: AsyncSession, principal: Principal, result: BaseModel, status: int
    ) -> int:
        return await run(
            session,
            _STORE.format(table=self._table),
            client=principal.client_id,
            key=self._key_hash(),
            status=status,
            response=self._seal(result.model_dump_json()),
        )

    def _replay(self, stored: Stored) -> Response:
        assert stored.status is not None, "what is stored without an answer is begun in the same transaction"
        return Response(
            self._open(stored.response),
            status_code=stored.status,
            media_type="application/json",
            headers={"Idempotent-Replayed": "true"},
        )

    @property
    def _table(self) -> str:
        return f"{self.schema}.idempotency_key"

    def _key_hash(self) -> bytes:
        assert self.key is not None
        return keyed_hash(self.hash_key, self.key.encode())

    def _cipher(self) -> AESGCM:
        assert self.key is not None
        return AESGCM(keyed_hash(self.hash_key, STORED, self.key.encode()))

    def _seal(self, answer: str) -> str:
        """Answers hold what officials wrote; a stored one opens only with the key the client gave."""
        sealed = seal_bytes(self._cipher(), answer.encode(), STORED, os.urandom(NONCE_BYTES))
        return base64.b64encode(sealed).decode()

    def _open(self, stored: Any) -> bytes:
        if not isinstance(stored, str):  # of an older version, in clear
            return orjson.dumps(stored)
        return open_bytes(self._cipher(), base64.b64decode(stored), STORED)


def json_response(model: BaseModel, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A model as JSON without a second validation."""
    return Response(
        model.model_dump_json(), status_code=status, media_type="application/json", headers=headers
    )


def idempotency(request: Request, key: IdempotencyKey = None) -> Idempotency:
    """Dependency: reads `Idempotency-Key`."""
    return Idempotency(request, key)


Idempotent = Annotated[Idempotency, Depends(idempotency)]


async def purge_old_keys(session: AsyncSession, schema: str) -> None:
    """Keys are kept for a week."""
    await run(
        session,
        f"DELETE FROM {schema}.idempotency_key WHERE created_at < now() - make_interval(days => {KEEP_DAYS})",
    )
