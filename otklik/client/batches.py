"""Many appeals in few requests: cut into chunks, sent until every line has its own final answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from otklik.client.connection import Backoff, Call, Connection, encode_json, read_lines
from otklik.client.errors import OtklikError
from otklik.models import LineResult, NewAppeal, ProblemDocument

CHUNK_LINES = 1_000
CHUNK_BYTES = 16 * 1024 * 1024
LONGEST_LINE = 128 * 1024
SEND_AGAIN = 503
APPEALS, IMPORTS = "/api/v1/appeals/batch", "/api/v1/imports"


@dataclass(frozen=True)
class Chunk:
    """Consecutive lines of a batch. `first` is the number of the first one in the whole batch.

    `key` is the Idempotency-Key, there when a line has no external_id: its identity then is key + line number, so
    such a chunk is always sent whole.
    """

    first: int
    lines: tuple[bytes, ...]
    key: str | None


def body_of(appeal: NewAppeal | Mapping[str, Any]) -> Mapping[str, Any]:
    """The JSON object to send; fields nobody set are left out."""
    if isinstance(appeal, NewAppeal):
        return appeal.model_dump(mode="json", exclude_none=True)
    return appeal


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


def cut_into_chunks(
    appeals: Iterable[NewAppeal | Mapping[str, Any]], key: str, lines: int = CHUNK_LINES
) -> Iterator[Chunk]:
    """Chunks of at most `lines` lines and 16 MiB. One that needs a key gets `<key>-<its first line's number>`."""
    chunk = _OpenChunk(first=1)
    for appeal in appeals:
        body = body_of(appeal)
        line = encode_json(body) + b"\n"
        if not chunk.has_room(line, lines):
            yield chunk.closed(key)
            chunk = _OpenChunk(chunk.first + len(chunk.lines))
        chunk.add(line, bool(body.get("external_id")))
    if chunk.lines:
        yield chunk.closed(key)


class ChunkSender:
    """Sends one chunk to a path as often as it takes; keeps the first final answer of every line."""

    def __init__(
        self,
        connection: Connection,
        chunk: Chunk,
        path: str = APPEALS,
        params: Mapping[str, Any] | None = None,
    ) -> None:
        self.connection = connection
        self.chunk = chunk
        self.path = path
        self.params = params or {}
        self.answers: dict[int, LineResult] = {
            position: _too_long(chunk.first + position)
            for position, line in enumerate(chunk.lines)
            if not _fits(line)
        }

    async def send(self) -> list[LineResult]:
        """One answer per line, in order.

        Lines still answered 503 when the patience is over are returned as such. Raises NotReachable or
        ProblemError when the chunk as a whole was not taken.
        """
        backoff = self.connection.backoff()
        while pending := self._pending():
            failure = await self._send_once(self._sendable(pending), backoff)
            left = self._pending()
            if len(left) < len(pending):
                backoff.reset()
            if left and not await self._may_send_again(failure, backoff):
                break
        return [self.answers[position] for position in range(len(self.chunk.lines))]

    def _pending(self) -> list[int]:
        return [position for position in range(len(self.chunk.lines)) if not self._is_final(position)]

    def _is_final(self, position: int) -> bool:
        return position in self.answers and self.answers[position].status != SEND_AGAIN

    def _sendable(self, pending: Sequence[int]) -> Sequence[int]:
        """Under a key the line number is part of the identity, so every line keeps its place."""
        return range(len(self.chunk.lines)) if self.chunk.key else pending

    async def _send_once(self, positions: Sequence[int], backoff: Backoff) -> OtklikError | None:
        headers = {"Content-Type": "application/x-ndjson"}
        if self.chunk.key:
            headers["Idempotency-Key"] = self.chunk.key
        content = b"".join(self._line(position) for position in positions)
        call = Call("POST", self.path, params=self.params, headers=headers, content=content)
        try:
            async with self.connection.opened(call, backoff) as response:
                async for answer in read_lines(response):
                    self._record(positions, LineResult.model_validate(answer))
        except OtklikError as error:
            return error
        except ValueError as error:  # an answer cut short in the middle of a line
            return self.connection.not_reachable(error, is_passing=True)
        return None

    def _line(self, position: int) -> bytes:
        line = self.chunk.lines[position]
        return line if _fits(line) else b"{}\n"  # keeps the numbering of the others

    def _record(self, positions: Sequence[int], answer: LineResult) -> None:
        if not 1 <= answer.line <= len(positions):
            return
        position = positions[answer.line - 1]
        if not self._is_final(position):
            self.answers[position] = answer.model_copy(update={"line": self.chunk.first + position})

    async def _may_send_again(self, failure: OtklikError | None, backoff: Backoff) -> bool:
        """Wait before the next try; False when there is none and every line has an answer, else what failed is raised."""
        if await (backoff.wait_after(failure) if failure else backoff.wait()):
            return True
        unanswered = len(self.chunk.lines) - len(self.answers)
        if failure is None and unanswered:
            error = EOFError(f"{unanswered} lines were not answered")
            failure = self.connection.not_reachable(error, is_passing=True)
        if failure is not None:
            raise failure
        return False


def _fits(line: bytes) -> bool:
    return len(line) <= LONGEST_LINE + len(b"\n")


def _too_long(line: int) -> LineResult:
    problem = ProblemDocument(
        type="/problems/too-large",
        title="The line is larger than allowed",
        status=422,
        detail=f"A line may have {LONGEST_LINE} bytes; this one was not sent.",
    )
    return LineResult(line=line, status=422, problem=problem)
