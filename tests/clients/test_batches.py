"""Batches: every line gets its own final answer, whatever happens to the connection."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from otklik_client import AsyncClient, Client, NotReachable, ProblemError
from otklik_client.batches import CHUNK_BYTES, LONGEST_LINE, cut_into_chunks
from tests.clients.standin import Line, Standin, problem

BATCH = "/api/v1/appeals/batch"


def appeals(count: int, external: bool = True) -> list[dict[str, Any]]:
    """Appeals that tell each other apart."""
    return [
        {"text": f"Обращение {n}", "region": "46", **({"external_id": f"e-{n}"} if external else {})}
        for n in range(1, count + 1)
    ]


def sizes(standin: Standin) -> list[int]:
    """Lines of each batch request."""
    return [request[3].count(b"\n") for request in standin.seen(BATCH)]


def test_a_batch_is_cut_into_chunks(client: Client, standin: Standin) -> None:
    results = list(client.appeals.submit_batch(appeals(2_500)))
    assert sizes(standin) == [1000, 1000, 500]
    assert [result.line for result in results] == list(range(1, 2_501))
    assert all(result.status == 201 for result in results)
    assert all("idempotency-key" not in request[2] for request in standin.requests)


def test_results_come_before_all_appeals_are_read(client: Client) -> None:
    taken = []

    def source() -> Iterator[dict[str, Any]]:
        for appeal in appeals(30):
            taken.append(threading.current_thread())
            yield appeal

    results = iter(client.appeals.submit_batch(source(), chunk_lines=10))
    assert next(results).line == 1
    assert len(taken) < 30
    assert set(taken) == {threading.current_thread()}, "a caller's iterable is read in the caller's thread"
    assert len(list(results)) == 29


@pytest.mark.parametrize("external", [True, False])
def test_busy_lines_are_sent_again(client: Client, standin: Standin, external: bool) -> None:
    standin.busy_lines.extend([{"Обращение 2", "Обращение 5"}, {"Обращение 5"}])
    results = list(client.appeals.submit_batch(appeals(6, external)))
    assert [result.status for result in results] == [201] * 6
    assert len(standin.register) == 6
    # Where the line number is part of the identity, the chunk is sent whole.
    assert sizes(standin) == ([6, 2, 1] if external else [6, 6, 6])


@pytest.mark.parametrize("external", [True, False])
@pytest.mark.parametrize("cut", [0, 30, 2_000])
def test_lost_answers_register_once(standin: Standin, line: Line, external: bool, cut: int) -> None:
    with Client(line.url, "portal", "right", patience=5) as client:
        client.authenticate()
        line.cuts.extend([cut, cut])
        results = list(client.appeals.submit_batch(appeals(60, external)))
    assert line.lost == 2
    assert len(standin.register) == 60
    assert [result.line for result in results] == list(range(1, 61))
    assert all(result.problem is None for result in results)
    numbers = {appeal["text"]: appeal["number"] for appeal in standin.register.values()}
    assert [result.number for result in results] == [numbers[f"Обращение {n}"] for n in range(1, 61)]


def test_lines_known_before_the_cut_are_not_sent_again(standin: Standin, line: Line) -> None:
    with Client(line.url, "portal", "right", patience=5) as client:
        client.authenticate()
        line.cuts.append(2_000)
        results = list(client.appeals.submit_batch(appeals(60)))
    first, second = sizes(standin)
    assert first == 60
    assert 0 < second < 60
    assert {result.status for result in results[: 60 - second]} == {201}


def test_a_refused_line_spoils_no_other(client: Client) -> None:
    three = appeals(3)
    three[1]["text"] = ""
    results = list(client.appeals.submit_batch(three))
    assert [result.status for result in results] == [201, 422, 201]
    assert results[1].problem is not None
    assert results[1].problem.title == "No text\u2028here", "U+2028 ends no line"


@pytest.mark.parametrize("external", [True, False])
def test_a_line_that_is_too_long_is_not_sent(client: Client, standin: Standin, external: bool) -> None:
    three = appeals(3, external)
    three[1]["text"] = "я" * LONGEST_LINE
    results = list(client.appeals.submit_batch(three))
    assert [(result.line, result.status) for result in results] == [(1, 201), (2, 422), (3, 201)]
    assert len(standin.requests[0][3]) < LONGEST_LINE


def test_hindrances_of_a_whole_chunk_are_tried_again(client: Client, standin: Standin) -> None:
    standin.instead.extend(
        [problem(503, "unavailable", headers={"Retry-After": "0"}), problem(429, "too-many")]
    )
    assert [result.status for result in client.appeals.submit_batch(appeals(3))] == [201] * 3
    assert sizes(standin) == [3, 3, 3]


def test_a_refused_chunk_is_a_problem(client: Client, standin: Standin) -> None:
    standin.instead.append(problem(403, "forbidden"))
    with pytest.raises(ProblemError, match="403"):
        list(client.appeals.submit_batch(appeals(3)))


def test_lines_that_stay_busy_are_handed_back(standin: Standin) -> None:
    standin.busy_lines.extend([{"Обращение 2"}] * 100)
    with Client(standin.url, "portal", "right", patience=0.4) as client:
        results = list(client.appeals.submit_batch(appeals(3)))
    assert [result.status for result in results] == [201, 503, 201]


@pytest.mark.parametrize("external", [True, False])
def test_what_was_answered_is_handed_over_before_the_error(
    standin: Standin, line: Line, external: bool
) -> None:
    """Which says by what key, and from which line on, the batch goes on."""
    results = []
    with Client(line.url, "portal", "right", patience=0.05) as client:
        client.authenticate()
        standin.busy_lines.extend([set(), {"Обращение 13"}])
        batch = iter(client.appeals.submit_batch(appeals(60, external), chunk_lines=10))
        results += [next(batch) for _ in range(10)]
        line.cuts.extend([1_000, *[0] * 20])
        with pytest.raises(NotReachable) as caught:
            results += batch
    error, answered = caught.value, [result.line for result in results]
    assert len(answered) > 10, "some of the second chunk"
    assert answered == sorted(answered)
    assert error.line == next(line for line in range(1, 61) if line not in answered)
    assert error.idempotency_key
    with Client(standin.url, "portal", "right") as client:
        again = client.appeals.submit_batch(
            appeals(60, external), idempotency_key=error.idempotency_key, chunk_lines=10
        )
        assert len(list(again)) == 60
    assert len(standin.register) == 60


async def test_an_asynchronous_batch_says_the_same(standin: Standin) -> None:
    standin.instead.append(problem(403, "forbidden"))
    async with AsyncClient(standin.url, "portal", "right") as client:
        with pytest.raises(ProblemError) as caught:
            [each async for each in client.appeals.submit_batch(appeals(3), idempotency_key="run-1")]
    assert (caught.value.idempotency_key, caught.value.line) == ("run-1", 1)


def test_silence_raises() -> None:
    with Client("http://127.0.0.1:1", "portal", "right", patience=0.3) as client, pytest.raises(NotReachable):
        list(client.appeals.submit_batch(appeals(3)))


def test_nothing_makes_no_request(client: Client, standin: Standin) -> None:
    assert list(client.appeals.submit_batch([])) == []
    assert standin.requests == []


async def test_the_asynchronous_one_does_the_same(standin: Standin) -> None:
    async with AsyncClient(standin.url, "portal", "right") as client:
        results = [
            result
            async for result in client.appeals.submit_batch(appeals(25, external=False), chunk_lines=10)
        ]
    assert [result.line for result in results] == list(range(1, 26))
    keys = [request[2]["idempotency-key"] for request in standin.seen(BATCH)]
    assert len(set(keys)) == 3


def test_the_same_key_and_appeals_find_the_same_register(client: Client, standin: Standin) -> None:
    for _ in range(2):
        results = list(
            client.appeals.submit_batch(appeals(25, external=False), idempotency_key="run-1", chunk_lines=10)
        )
    assert {result.status for result in results} == {200}
    assert len(standin.register) == 25


def test_one_line_without_an_identity_gives_its_chunk_a_key() -> None:
    mixed = appeals(4)
    del mixed[3]["external_id"]
    chunks = list(cut_into_chunks(mixed, "key", 2))
    assert [chunk.key for chunk in chunks] == [None, "key-3"]


def test_chunks_are_limited_in_bytes_too() -> None:
    big = [{"text": "я" * 50_000, "external_id": str(n)} for n in range(200)]
    chunks = list(cut_into_chunks(big, "key", 1000))
    assert len(chunks) == 2
    assert all(sum(map(len, chunk.lines)) <= CHUNK_BYTES for chunk in chunks)
    assert [chunk.first for chunk in chunks] == [1, 1 + len(chunks[0].lines)]


def test_half_a_surrogate_pair_can_travel() -> None:
    [chunk] = cut_into_chunks([{"text": "\ud800", "external_id": "1"}], "key", 1000)
    assert json.loads(chunk.lines[0])["text"] == "\ud800"
