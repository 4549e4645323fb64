"""POST /api/v1/appeals/batch and /api/v1/imports: NDJSON in, NDJSON out, as raw ASGI.

Starlette's StreamingResponse loses body chunks to its disconnect listener when it answers while reading. Here
everything is read first, so that limits are answered before anything is stored and a client that reads only after
having sent everything never blocks us.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Annotated, Any, TypeVar
from uuid import UUID

import orjson
import structlog
from fastapi import Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from chassis.bodies import NDJSON, Location, read_body, require_ndjson
from chassis.idempotency import IdempotencyKey
from chassis.json_text import MalformedJson
from chassis.logs import traceparent_now
from chassis.moments import utc_now
from chassis.principals import Principal
from chassis.problems import (
    Forbidden,
    Problem,
    TooLarge,
    Unavailable,
    Unprocessable,
)
from chassis.resources import resources_in
from chassis.security import allowed
from chassis.strict_routes import Router, ignored_by, log_ignored
from services.intake.registration.actions.entering import check_entry
from services.intake.registration.actions.preparing import (
    BATCH_LINE,
    Outcome,
    Submission,
    make_key,
    prepare_submission,
)
from services.intake.registration.api.receptions import find_wrong_receptions
from services.intake.registration.api.submissions import check_key, describe_body
from services.intake.registration.group_commit import GroupCommit
from services.intake.registration.schemas import AppealFields, BatchLine, NewAppeal
from services.intake.resources import IntakeResources

log = structlog.get_logger()
router = Router(prefix="/api/v1", tags=["appeals"])
MOST_LINES = 10_000
MOST_BYTES = 64 * 1024 * 1024
LONGEST_LINE = 128 * 1024
Fields = TypeVar("Fields", bound=AppealFields)
LINES_AT_ONCE = 200
# Problems of a line itself; whatever else went wrong did so for others too.
_OF_A_LINE = (403, 422, 503)
# All batches being read or worked on in this process together.
MOST_BUFFERED_BYTES = 3 * MOST_BYTES


class LineResponse(JSONResponse):
    """What such a route answers: a JSON object per line."""

    media_type = NDJSON


def ndjson_route(what: str, line: type[BaseModel], example: str) -> dict[str, Any]:
    """What a route of this kind is in the OpenAPI document and to the framework; `what`, `line`: one line's content, in words and
    as `x-line` shows it."""
    schema = {"type": "string", "description": f"One {what} per line", "examples": [example]}
    content = {NDJSON: {"schema": schema, "x-line": describe_body(line)}}
    return {
        "response_model": BatchLine,
        "response_class": LineResponse,
        "response_description": "One line per line that was sent, in their order.",
        "max_body_size": MOST_BYTES * 16,  # such a route counts itself and answers with a problem document
        "openapi_extra": {
            "requestBody": {
                "required": True,
                "description": f"One {what} per line, a JSON object each; the last newline may be missing.",
                "content": content,
            }
        },
    }


_EXAMPLE = '{"external_id": "2026-1", "region": "46", "text": "Яма на дороге у дома 5"}'


@router.post("/appeals/batch", **ndjson_route("appeal", NewAppeal, _EXAMPLE))
async def submit_batch(
    principal: Annotated[Principal, allowed("portal", "coordinator")],
    request: Request,
    key: IdempotencyKey = None,
) -> Response:
    """Register up to 10,000 appeals; a bad line never spoils the others."""
    require_ndjson(request.headers.get("content-type", ""))
    if key is not None:
        check_key(key)
    groups = resources_in(request.app, IntakeResources).groups
    ignored = ignored_by(request)

    def prepare(number: int, line: bytes) -> Submission:
        new = read_line(NewAppeal, line, principal, ignored)
        check_entry(principal, new, utc_now())
        if new.external_id is None and key is None:
            raise Unprocessable("Every line needs an external_id, or the request an Idempotency-Key.")
        once = key and make_key(groups.secrets, BATCH_LINE, principal.client_id, f"{key}\n{number}")
        return prepare_submission(
            groups.secrets,
            new,
            client_id=principal.client_id,
            now=utc_now(),
            once=once or None,
            traceparent=traceparent_now.get(),
        )

    done = partial(log_ignored, request, ignored, NewAppeal)
    return BatchAnswer(groups, prepare, done, refuse=partial(find_wrong_receptions, request))


def read_line(
    model: type[Fields], line: bytes, principal: Principal, ignored: list[Location] | None
) -> Fields:
    """One line; 422 when it cannot be read, 403 for a region out of reach."""
    if len(line) > LONGEST_LINE:
        raise Unprocessable("A line holds at most {most} bytes.", values={"most": LONGEST_LINE})
    try:
        read = read_body(model, line, ignored)
    except MalformedJson as problem:
        raise Unprocessable("The line is not JSON. {reason}", values={"reason": problem.wording}) from None
    if not principal.may_see(read.region):
        raise Forbidden("This region is outside your scope.")
    return read


# Line number (from 1) and line → what to store; raises the problem that answers the line.
Prepare = Callable[[int, bytes], Submission]
# What has to be there before any of them is stored.
MakeRoom = Callable[[Iterable[Submission]], Awaitable[None]]
# Which of them may not be stored after all, and why: what only the database knows.
Refuse = Callable[[Sequence[Submission]], Awaitable[Mapping[UUID, Problem]]]


class BatchAnswer(Response):
    """Reads the whole body, then answers chunk by chunk."""

    buffered = 0

    def __init__(
        self,
        groups: GroupCommit,
        prepare: Prepare,
        done: Callable[[], None],
        make_room: MakeRoom | None = None,
        refuse: Refuse | None = None,
    ) -> None:
        super().__init__(media_type=NDJSON)
        del self.headers["content-length"]
        self.groups = groups
        self.prepare = prepare
        self.done = done
        self.make_room = make_room
        self.refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI. Raises problems only before the first byte of the answer."""
        body = bytearray()
        try:
            await self._read(Request(scope, receive), body)
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            for lines in _in_chunks(body):
                answer = await self._register(lines)
                await send({"type": "http.response.body", "body": answer, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            self.done()
        except ClientDisconnect:
            log.info("batch given up by its sender")
        finally:
            BatchAnswer.buffered -= len(body)

    async def _read(self, request: Request, body: bytearray) -> None:
        """The whole body. ClientDisconnect when the sender leaves before it is complete."""
        lines = 0
        async for chunk in request.stream():
            body += chunk
            lines += chunk.count(b"\n")
            BatchAnswer.buffered += len(chunk)
            if len(body) > MOST_BYTES:
                raise TooLarge("A batch holds at most {most} bytes.", values={"most": MOST_BYTES})
            if lines > MOST_LINES or (lines == MOST_LINES and not body.endswith(b"\n")):
                raise TooLarge("A batch holds at most {most} lines.", values={"most": MOST_LINES})
            if BatchAnswer.buffered > MOST_BUFFERED_BYTES:
                raise Unavailable("Too many large batches at once; repeat this one later.")
        if not body:
            raise Unprocessable("The batch is empty.")

    async def _register(self, lines: Sequence[tuple[int, bytes]]) -> bytes:
        """Answers for a chunk of lines."""
        prepared = {number: await self._prepare(number, line) for number, line in lines}
        if self.refuse is not None:
            prepared = await self._without_refused(prepared, self.refuse)
        items = {number: item for number, item in prepared.items() if isinstance(item, Submission)}
        if items and self.make_room is not None:
            await self.make_room(items.values())
        committed = await self.groups.commit(list(items.values())) if items else []
        outcomes: dict[int, Outcome] = {
            number: item for number, item in prepared.items() if isinstance(item, Problem)
        }
        outcomes |= zip(items, committed, strict=True)
        notices = {number: item.notice for number, item in items.items()}
        return b"".join(
            orjson.dumps(
                _line(number, outcomes[number], notices.get(number)), option=orjson.OPT_APPEND_NEWLINE
            )
            for number, _ in lines
        )

    async def _without_refused(
        self, prepared: Mapping[int, Submission | Problem], refuse: Refuse
    ) -> dict[int, Submission | Problem]:
        problems = await refuse([item for item in prepared.values() if isinstance(item, Submission)])
        return {
            number: problems.get(item.id, item) if isinstance(item, Submission) else item
            for number, item in prepared.items()
        }

    async def _prepare(self, number: int, line: bytes) -> Submission | Problem:
        if number % 50 == 0:
            await asyncio.sleep(0)  # a large batch must not keep single posts waiting
        try:
            return self.prepare(number, line)
        except Problem as problem:
            return problem


def _line(number: int, outcome: Outcome, notice: str | None) -> Mapping[str, object]:
    """The answer to one line, with a notice where there is one. What concerns more than the line is to be repeated."""
    if isinstance(outcome, Problem):
        status = outcome.status if outcome.status in _OF_A_LINE else Unavailable.status
        return {"line": number, "status": status, "problem": outcome.document()}
    noticed = {} if notice is None else {"notice": notice}
    return {
        "line": number,
        "status": outcome.answer,
        "id": str(outcome.id),
        "number": outcome.number,
        "tracking_code": outcome.code,
        **noticed,
    }


def _in_chunks(body: bytearray) -> Iterator[list[tuple[int, bytes]]]:
    """Numbered lines, from 1, without copying the whole body."""
    lines = enumerate(_lines_of(body), 1)
    while chunk := list(islice(lines, LINES_AT_ONCE)):
        yield chunk


def _lines_of(body: bytearray) -> Iterator[bytes]:
    start = 0
    while start < len(body):
        end = body.find(b"\n", start)
        end = len(body) if end < 0 else end
        yield bytes(body[start:end])
        start = end + 1
