"""Many things in few requests (NDJSON): cut into chunks, sent until every line has its own final answer."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from pydantic import BaseModel

from otklik_client.calls import Call, encode_json, key_or_new
from otklik_client.errors import OtklikError
from otklik_client.exchange import Backoff, Exchange
from otklik_client.line import AsyncLine, Line
from otklik_client.models.shared import BatchLine, Problem
from otklik_client.steps import Body, Close, NextPiece, Pause, Steps

CHUNK_BYTES: Final = 16 * 1024 * 1024
LONGEST_LINE: Final = 128 * 1024
SEND_AGAIN: Final = 503
_HEADERS: Final = {"Content-Type": "application/x-ndjson"}
Lines = Iterable[BaseModel | Mapping[str, object]]


@dataclass(frozen=True)
class Chunk:
    """Consecutive lines of a batch. `first` is the number of the first one in the whole batch.

    `key` is the Idempotency-Key, there when a line has no external_id: its identity then is key + line number, so
    such a chunk is always sent whole.
    """

    first: int
    lines: tuple[bytes, ...]
    key: str | None


@dataclass
class _OpenChunk:
    """A chunk that lines are still added to."""

    first: int
    lines: list[bytes] = field(default_factory=list)
    size: int = 0
    needs_key: bool = False

    def has_room(self, line: bytes, most: int) -> bool:
        return not self.lines or (len(self.lines) < most and self.size + len(line) <= CHUNK_BYTES)

    def add(self, line: bytes, has_id: bool) -> None:
        self.lines.append(line)
        self.size += len(line)
        self.needs_key |= not has_id

    def closed(self, key: str) -> Chunk:
        return Chunk(self.first, tuple(self.lines), f"{key}-{self.first}" if self.needs_key else None)


def cut_into_chunks(things: Lines, key: str, most: int) -> Iterator[Chunk]:
    """Chunks of at most `most` lines and 16 MiB. One that needs a key gets `<key>-<its first line's number>`."""
    chunk = _OpenChunk(first=1)
    for thing in things:
        line = encode_json(thing) + b"\n"
        if not chunk.has_room(line, most):
            yield chunk.closed(key)
            chunk = _OpenChunk(chunk.first + len(chunk.lines))
        named = (
            getattr(thing, "external_id", None) if isinstance(thing, BaseModel) else thing.get("external_id")
        )
        chunk.add(line, bool(named))
    if chunk.lines:
        yield chunk.closed(key)


class LineReader:
    """Makes objects of pieces of NDJSON. Cut at \\n only: U+2028 and the like may stand in a string."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, piece: bytes) -> list[BatchLine]:
        """The lines that this piece ends; the empty piece ends the last one. ValueError for what is none."""
        *whole, self._rest = (self._rest + piece).split(b"\n")
        if not piece:
            whole, self._rest = [self._rest], b""
        return [BatchLine.model_validate(json.loads(line)) for line in whole if line.strip()]


@dataclass(frozen=True)
class Sent:
    """What became of a chunk: answers of its lines, and what kept it from having all."""

    answers: Sequence[BatchLine]
    failure: OtklikError | None = None

    def require_all(self, key: str) -> None:
        """Raise what failed, with the key of the batch."""
        if self.failure is not None:
            self.failure.idempotency_key = key
            raise self.failure


class ChunkSender:
    """Sends one chunk as often as it takes; keeps the first final answer of every line."""

    def __init__(self, exchange: Exchange, call: Call[bytes], chunk: Chunk) -> None:
        self._exchange = exchange
        self._call = replace(call, key=chunk.key, headers=_HEADERS, is_safe=True)
        self._chunk = chunk
        self._answers: dict[int, BatchLine] = {
            position: _too_long(chunk.first + position)
            for position, line in enumerate(chunk.lines)
            if not _fits(line)
        }

    def send(self) -> Steps[Sent]:
        """One answer per line, in order.

        Lines still answered 503 when the patience is over are returned as such. Where the chunk as a whole was not taken,
        the failure comes with the answers that are final.
        """
        backoff = self._exchange.backoff()
        while pending := self._pending():
            failure = self._hindrance((yield from self._send_once(self._sendable(pending), backoff)))
            left = self._pending()
            if len(left) < len(pending):
                backoff.reset()
            pause = self._pause_after(failure, backoff) if left else 0.0
            if pause is None:
                return self._sent(failure)
            yield Pause(pause)
        return self._sent(None)

    def _sent(self, failure: OtklikError | None) -> Sent:
        if failure is None:
            return Sent([self._answers[position] for position in range(len(self._chunk.lines))])
        failure.line = self._chunk.first + self._pending()[0]
        final = [position for position in range(len(self._chunk.lines)) if self._is_final(position)]
        return Sent([self._answers[position] for position in final], failure)

    def _pending(self) -> list[int]:
        return [position for position in range(len(self._chunk.lines)) if not self._is_final(position)]

    def _is_final(self, position: int) -> bool:
        return position in self._answers and self._answers[position].status != SEND_AGAIN

    def _sendable(self, pending: Sequence[int]) -> Sequence[int]:
        """Under a key the line number is part of the identity, so every line keeps its place."""
        return range(len(self._chunk.lines)) if self._chunk.key else pending

    def _send_once(self, positions: Sequence[int], backoff: Backoff) -> Steps[OtklikError | None]:
        content = b"".join(self._line(position) for position in positions)
        try:
            body = Body((yield from self._exchange.opened(replace(self._call, content=content), backoff)))
        except OtklikError as error:
            return error
        failure = yield from self._read(body, positions)
        yield Close(body)
        return failure

    def _read(self, body: Body, positions: Sequence[int]) -> Steps[OtklikError | None]:
        reader = LineReader()
        try:
            with self._exchange.reporting_loss():
                piece: bytes | None = None
                while piece != b"":
                    piece = yield NextPiece(body)
                    self._record(positions, reader.feed(piece))
        except OtklikError as error:
            return error
        except ValueError:  # an answer cut short in the middle of a line
            return self._exchange.not_reachable(EOFError("an answer was cut short"))
        return None

    def _line(self, position: int) -> bytes:
        line = self._chunk.lines[position]
        return line if _fits(line) else b"{}\n"  # keeps the numbering of the others

    def _record(self, positions: Sequence[int], answers: Sequence[BatchLine]) -> None:
        for answer in answers:
            if not 1 <= answer.line <= len(positions):
                continue
            position = positions[answer.line - 1]
            if not self._is_final(position):
                self._answers[position] = answer.model_copy(update={"line": self._chunk.first + position})

    def _hindrance(self, failure: OtklikError | None) -> OtklikError | None:
        """What went wrong, if only that lines were left out."""
        unanswered = len(self._chunk.lines) - len(self._answers)
        if failure is None and unanswered:
            return self._exchange.not_reachable(EOFError(f"{unanswered} lines were not answered"))
        return failure

    def _pause_after(self, failure: OtklikError | None, backoff: Backoff) -> float | None:
        """Seconds until the next try; None when there is none."""
        if failure is None:
            return backoff.next_pause()
        return self._exchange.pause_after(failure, self._call, backoff)


class Batch:
    """Answers to the lines of a batch, one each, in order, `line` counting from 1 over everything that was given.

    Lines answered 503 and chunks whose connection was lost are sent again, which is safe: a line is known by its `external_id`,
    or by the Idempotency-Key and its number. When it fails, answers that are final come first, and the error names the first
    `line` without one. To go on then, or after a crash of your own, give everything an `external_id`, or the same lines and
    `idempotency_key` again (the error's, if you gave none).

    >>> for result in otklik.appeals.submit_batch(appeals):
    ...     print(result.line, result.number or result.problem)
    """

    def __init__(self, line: Line, call: Call[bytes], things: Lines, chunk_lines: int) -> None:
        self._line = line
        self._call = call
        self._key = key_or_new(call.key)
        self._chunks = cut_into_chunks(things, self._key, chunk_lines)

    def __iter__(self) -> Iterator[BatchLine]:
        for chunk in self._chunks:
            sent = self._line.run(ChunkSender(self._line.exchange, self._call, chunk).send())
            yield from sent.answers
            sent.require_all(self._key)


class AsyncBatch:
    """Answers to the lines of a batch, one each, in order, `line` counting from 1 over everything that was given. See `Batch`.

    >>> async for result in otklik.appeals.submit_batch(appeals):
    ...     print(result.line, result.number or result.problem)
    """

    def __init__(self, line: AsyncLine, call: Call[bytes], things: Lines, chunk_lines: int) -> None:
        self._line = line
        self._call = call
        self._key = key_or_new(call.key)
        self._chunks = cut_into_chunks(things, self._key, chunk_lines)

    async def __aiter__(self) -> AsyncIterator[BatchLine]:
        for chunk in self._chunks:
            sent = await self._line.run(ChunkSender(self._line.exchange, self._call, chunk).send())
            for result in sent.answers:
                yield result
            sent.require_all(self._key)


def _fits(line: bytes) -> bool:
    return len(line) <= LONGEST_LINE + len(b"\n")


def _too_long(line: int) -> BatchLine:
    problem = Problem(
        type="/problems/too-large",
        title="The line is larger than allowed",
        status=422,
        detail=f"A line may have {LONGEST_LINE} bytes; this one was not sent.",
    )
    return BatchLine(line=line, status=422, problem=problem)
