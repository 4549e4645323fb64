"""Safe retries: the first answer is stored under the client's key in the transaction of the effect."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Annotated, Any

import orjson
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from fastapi import Depends, Header, Request
from fastapi.responses import Response
from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.principals import Principal
from chassis.problems import KeyReused, Unprocessable
from chassis.resources import resources_of
from chassis.sealing import NONCE_BYTES, open_bytes, seal_bytes

WAIT_FOR_DUPLICATE = "5s"
KEEP_DAYS = 7
STORED = b"stored answer"
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
        identity = {
            "client": principal.client_id,
            "key": keyed_hash(self.hash_key, self.key.encode()),
            "body": keyed_hash(
                self.hash_key, self.request.method.encode(), self.request.url.path.encode(), canonical(body)
            ),
        }
        table = f"{self.schema}.idempotency_key"
        await session.execute(text(f"SET LOCAL lock_timeout = '{WAIT_FOR_DUPLICATE}'"))
        fresh = await session.scalar(
            text(
                f"INSERT INTO {table} (client_id, key_hash, body_hash) VALUES (:client, :key, :body) "
                "ON CONFLICT DO NOTHING RETURNING 1"
            ),
            identity,
        )
        if not fresh:
            return await self._replay(session, table, identity)
        result = await act()
        await session.execute(
            text(
                f"UPDATE {table} SET status = :status, response = to_jsonb(CAST(:response AS text)) "
                "WHERE client_id = :client AND key_hash = :key"
            ),
            {**identity, "status": status, "response": self._seal(result.model_dump_json())},
        )
        return json_response(result, status)

    async def _replay(self, session: AsyncSession, table: str, identity: dict[str, Any]) -> Response:
        row = (
            await session.execute(
                text(
                    f"SELECT body_hash, status, response FROM {table} WHERE client_id = :client AND key_hash = :key"
                ),
                identity,
            )
        ).one()
        if bytes(row.body_hash) != identity["body"]:
            raise KeyReused
        return Response(
            self._open(row.response),
            status_code=row.status,
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
    await session.execute(
        text(
            f"DELETE FROM {schema}.idempotency_key "
            f"WHERE created_at < now() - make_interval(days => {KEEP_DAYS})"
        )
    )
