"""Many appeals in few requests: cut into chunks, sent until every line has its own final answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from otklik.client.connection import LOST, Call, Connection, Effort, encode_json, read_lines
from otklik.client.errors import ProblemError
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


def body_of(appeal: NewAppeal | Mapping[str, Any]) -> dict[str, Any]:
    """The JSON object to send; fields nobody set are left out."""
    if isinstance(appeal, NewAppeal):
        return appeal.model_dump(mode="json", exclude_none=True)
    return dict(appeal)


def cut_into_chunks(
    appeals: Iterable[NewAppeal | Mapping[str, Any]], key: str, lines: int = CHUNK_LINES
) -> Iterator[Chunk]:
    """Chunks of at most `lines` lines and 16 MiB. One that needs a key gets `<key>-<its first line's number>`."""
    first, size, needs_key = 1, 0, False
    gathered: list[bytes] = []

    def cut() -> Chunk:
        return Chunk(first, tuple(gathered), f"{key}-{first}" if needs_key else None)

    for appeal in appeals:
        body = body_of(appeal)
        line = encode_json(body) + b"\n"
        if gathered and (len(gathered) == lines or size + len(line) > CHUNK_BYTES):
            yield cut()
            first, size, needs_key, gathered = first + len(gathered), 0, False, []
        gathered.append(line)
        size += len(line)
        needs_key = needs_key or not body.get("external_id")
    if gathered:
        yield cut()


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
        self.answers: dict[int, LineResult] = {}
        for position, line in enumerate(chunk.lines):
            if not _fits(line):
                self.answers[position] = _too_long(chunk.first + position)

    async def send(self) -> list[LineResult]:
        """One answer per line, in order.

        Lines still answered 503 when the patience is over are returned as such. Raises NotReachable or
        ProblemError when the chunk as a whole was not taken.
        """
        effort = self.connection.effort()
        while pending := self._pending():
            failure = await self._send_once(self._sendable(pending), effort)
            if len(self._pending()) < len(pending):
                effort.renew()
            if not self._pending():
                break
            if isinstance(failure, ProblemError) and not failure.is_passing:
                raise failure
            retry_after = failure.retry_after if isinstance(failure, ProblemError) else None
            if not await effort.pause(retry_after):
                self._give_up(failure)
                break
        return [self.answers[position] for position in range(len(self.chunk.lines))]

    def _pending(self) -> list[int]:
        return [
            position
            for position in range(len(self.chunk.lines))
            if position not in self.answers or self.answers[position].status == SEND_AGAIN
        ]

    def _sendable(self, pending: Sequence[int]) -> Sequence[int]:
        """Under a key the line number is part of the identity, so every line keeps its place."""
        return range(len(self.chunk.lines)) if self.chunk.key else pending

    async def _send_once(self, positions: Sequence[int], effort: Effort) -> Exception | None:
        headers = {"Content-Type": "application/x-ndjson"}
        if self.chunk.key:
            headers["Idempotency-Key"] = self.chunk.key
        content = b"".join(self._line(position) for position in positions)
        call = Call("POST", self.path, params=self.params, headers=headers, content=content)
        try:
            response = await self.connection.open(call, effort)
            try:
                async for answer in read_lines(response):
                    self._note(positions, LineResult.model_validate(answer))
            finally:
                await response.aclose()
        except (*LOST, ProblemError) as error:
            return error
        except ValueError as error:  # an answer cut short in the middle of a line
            return error
        return None

    def _line(self, position: int) -> bytes:
        line = self.chunk.lines[position]
        return line if _fits(line) else b"{}\n"  # keeps the numbering of the others

    def _note(self, positions: Sequence[int], answer: LineResult) -> None:
        if not 1 <= answer.line <= len(positions):
            return
        position = positions[answer.line - 1]
        known = self.answers.get(position)
        if known is None or known.status == SEND_AGAIN:
            self.answers[position] = answer.model_copy(update={"line": self.chunk.first + position})

    def _give_up(self, failure: Exception | None) -> None:
        if isinstance(failure, ProblemError):
            raise failure
        if failure is not None:
            raise self.connection.not_reachable(failure) from failure
        unanswered = [position for position in self._pending() if position not in self.answers]
        if unanswered:
            raise self.connection.not_reachable(EOFError(f"{len(unanswered)} lines were not answered"))


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
