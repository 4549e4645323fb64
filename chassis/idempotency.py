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
_BEGIN = """
INSERT INTO {table} (client_id, key_hash, body_hash) VALUES (:client, :key, :body) ON CONFLICT DO NOTHING
"""
_STORE = """
UPDATE {table} SET status = :status, response = to_jsonb(:response::text)
WHERE client_id = :client AND key_hash = :key
"""
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
    """The first answer under a key. `response`: sealed; of an older version an object in clear."""

    body_hash: bytes
    status: int
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
        if not self.key.strip():
            raise Unprocessable("Idempotency-Key is empty.")
        table, client = f"{self.schema}.idempotency_key", principal.client_id
        key_hash = keyed_hash(self.hash_key, self.key.encode())
        body_hash = keyed_hash(
            self.hash_key, self.request.method.encode(), self.request.url.path.encode(), canonical(body)
        )
        await run(session, f"SET LOCAL lock_timeout = '{WAIT_FOR_DUPLICATE}'")
        is_first = await run(session, _BEGIN.format(table=table), client=client, key=key_hash, body=body_hash)
        if not is_first:
            return await self._replay(session, table, client, key_hash, body_hash)
        result = await act()
        response = self._seal(result.model_dump_json())
        await run(
            session, _STORE.format(table=table), client=client, key=key_hash, status=status, response=response
        )
        return json_response(result, status)

    async def _replay(
        self, session: AsyncSession, table: str, client: str, key_hash: bytes, body_hash: bytes
    ) -> Response:
        stored = await row(session, Stored, _READ.format(table=table), client=client, key=key_hash)
        assert stored is not None, "who waited for it finds it"
        if stored.body_hash != body_hash:
            raise KeyReused
        return Response(
            self._open(stored.response),
            status_code=stored.status,
            media_type="application/json",
            headers={"Idempotent-Replayed": "true"},
        )

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
