"""Appeals sent packed, or behind a byte order mark, are the appeals that were meant."""

from __future__ import annotations

import codecs
import gzip
from typing import Any

import orjson

from tests.intake.conftest import OPEN, appeal_body

BATCH = f"{OPEN}/batch"
MARK = codecs.BOM_UTF8
NDJSON = {"content-type": "application/x-ndjson"}
PACKED = {"content-encoding": "gzip"}


def statuses(answer: Any) -> list[int]:
    return [orjson.loads(line)["status"] for line in answer.content.splitlines()]


async def test_a_packed_batch_answers_every_line(app_client: Any, mint: Any) -> None:
    client, _ = await app_client("intake")
    headers = {**mint.headers("portal"), **NDJSON, **PACKED}
    lines = [orjson.dumps(appeal_body()) for _ in range(3000)]
    lines[7] = orjson.dumps(appeal_body(text="х" * 131_072))
    answer = await client.post(BATCH, content=gzip.compress(b"\n".join(lines)), headers=headers)
    assert answer.status_code == 200
    assert statuses(answer) == [201] * 7 + [422] + [201] * 2992
    members = b"".join(gzip.compress(line + b"\n") for line in lines[:5])
    assert statuses(await client.post(BATCH, content=members, headers=headers)) == [200] * 5


async def test_the_limits_of_a_batch_hold_unpacked(app_client: Any, mint: Any, monkeypatch: Any) -> None:
    client, _ = await app_client("intake")
    headers = {**mint.headers("portal"), **NDJSON, **PACKED}
    too_many = await client.post(BATCH, content=gzip.compress(b"{}\n" * 10_001), headers=headers)
    assert (too_many.status_code, too_many.json()["type"]) == (413, "/problems/too-large")
    cut = gzip.compress(b"\n".join(orjson.dumps(appeal_body()) for _ in range(100)))[:-9]
    damaged = await client.post(BATCH, content=cut, headers=headers)
    assert (damaged.status_code, damaged.json()["type"]) == (400, "/problems/bad-gzip")
    monkeypatch.setattr("services.intake.registration.api.batches.MOST_BYTES", 1000)
    assert (await client.post(BATCH, content=gzip.compress(b"x" * 1000), headers=headers)).status_code == 200
    large = await client.post(BATCH, content=gzip.compress(b"x" * 1001), headers=headers)
    assert (large.status_code, large.headers["content-type"]) == (413, "application/problem+json")


async def test_a_mark_before_the_first_line_belongs_to_no_line(app_client: Any, mint: Any) -> None:
    client, _ = await app_client("intake")
    headers = {**mint.headers("portal"), **NDJSON}
    content = MARK + b"\n".join(orjson.dumps(appeal_body()) for _ in range(3))
    assert statuses(await client.post(BATCH, content=content, headers=headers)) == [201] * 3
    packed = gzip.compress(content)
    assert statuses(await client.post(BATCH, content=packed, headers={**headers, **PACKED})) == [200] * 3
    for nonsense in (b"\xff\xfe", b"\x1f\x8b", b"\0", b"\xfe\xff{", MARK, b"\0\0\0\0"):
        spoilt = nonsense + b"\n" + content[3:]
        assert statuses(await client.post(BATCH, content=spoilt, headers=headers)) == [422, 200, 200, 200]
    other = await client.post(BATCH, content=content[3:].decode().encode("utf-16"), headers=headers)
    assert (other.status_code, other.json()["type"]) == (400, "/problems/not-utf-8")


async def test_a_key_compares_what_was_meant_and_not_how_it_was_sent(app_client: Any, mint: Any) -> None:
    client, _ = await app_client("intake")
    body = orjson.dumps({"text": "Яма", "region": "46"})
    headers = {**mint.headers("portal"), "content-type": "application/json", "Idempotency-Key": "k-1"}
    plain = await client.post(OPEN, content=body, headers=headers)
    packed = await client.post(OPEN, content=gzip.compress(MARK + body), headers={**headers, **PACKED})
    marked = await client.post(OPEN, content=MARK + body, headers=headers)
    assert plain.status_code == 201
    assert plain.json() == packed.json() == marked.json()
    other = gzip.compress(orjson.dumps({"text": "Две ямы", "region": "46"}))
    reused = await client.post(OPEN, content=other, headers={**headers, **PACKED})
    assert (reused.status_code, reused.json()["type"]) == (422, "/problems/idempotency-key-reused")
