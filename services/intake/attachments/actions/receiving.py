"""A form with a file is read as it comes, and its file written as it comes: of no file more than a piece is in memory."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect

from chassis.faults import Wording
from chassis.problems import Problem, TooLarge, Unprocessable, WrongMediaType
from services.intake.attachments.rules.kinds import MOST_BYTES

FILE: Final = "file"
FIELDS: Final = frozenset({"region", "form_token"})
LONGEST_FIELD: Final = 4096  # bytes
LARGEST_FORM: Final = MOST_BYTES + 64 * 1024

# Called before the first byte of a file is kept, with the fields that came before it.
Admit = Callable[[Mapping[str, str]], Awaitable[None]]


@dataclass
class Received:
    """The file of a form as it lies at `path`: its name and media type as they were sent, its bytes, and the form's fields."""

    path: Path
    name: str = ""
    declared: str = ""
    size: int = 0
    sha256: bytes = b""
    fields: dict[str, str] = field(default_factory=dict)


async def receive_file(request: Request, path: Path, admit: Admit) -> Received:
    """Read the form, its file into `path`. 400, 413, 415 and 422 for a form that is none, too large, or not as described."""
    reading = _Form(_boundary_of(request), Received(path))
    received_bytes = 0
    try:
        with path.open("xb") as target:
            reading.target = target
            async for chunk in request.stream():
                received_bytes += len(chunk)
                if received_bytes > LARGEST_FORM:
                    raise TooLarge("A file has at most {most} bytes.", values={"most": MOST_BYTES})
                await asyncio.to_thread(reading.take, chunk)
                if reading.file_begins and not reading.is_admitted:
                    await admit(reading.received.fields)
                    reading.is_admitted = True
            return await asyncio.to_thread(reading.end)
    except FormParserError:
        raise Problem("The form is no well-formed multipart/form-data.") from None
    except ClientDisconnect:
        raise Problem("The form broke off.") from None


def is_form(request: Request) -> bool:
    """Whether a request says that it is one."""
    return request.headers.get("content-type", "").lower().startswith("multipart/form-data")


def _boundary_of(request: Request) -> bytes:
    media_type, options = parse_options_header(request.headers.get("content-type", ""))
    if media_type != b"multipart/form-data":
        raise WrongMediaType("Send multipart/form-data with a part `file`.")
    boundary = options.get(b"boundary", b"")
    if not 0 < len(boundary) <= 70:  # RFC 2046 §5.1.1
        raise Problem("The form names no boundary of 1 to 70 characters.")
    return boundary


class _Form:
    """What the parser finds. Pieces of a file that nobody has admitted yet are held back: at most what came in one chunk."""

    def __init__(self, boundary: bytes, received: Received) -> None:
        self.received = received
        self.target: BinaryIO | None = None
        self.file_begins = self.is_admitted = self._is_complete = False
        self._waiting = bytearray()
        self._digest = hashlib.sha256()
        self._name = ""
        self._seen: set[str] = set()
        self._headers: dict[bytes, bytes] = {}
        self._header = self._value = self._field = b""
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin_part,
                "on_header_field": self._add_header,
                "on_header_value": self._add_value,
                "on_header_end": self._end_header,
                "on_headers_finished": self._end_headers,
                "on_part_data": self._add_data,
                "on_part_end": self._end_part,
                "on_end": self._end_form,
            },
        )

    def take(self, chunk: bytes) -> None:
        """Read on."""
        if self.is_admitted:
            self._write_waiting()
        self._parser.write(chunk)

    def end(self) -> Received:
        """What was received. 400 for half a form, 422 for one without a file."""
        if not self._is_complete:
            raise Problem("The form broke off.")
        if FILE not in self._seen:
            raise _unacceptable(FILE, "is missing: the form has no file")
        self._write_waiting()
        self.received.sha256 = self._digest.digest()
        return self.received

    def _begin_part(self) -> None:
        self._headers = {}
        self._header = self._value = self._field = b""

    def _add_header(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _add_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _end_header(self) -> None:
        self._headers[self._header.lower()] = self._value
        self._header = self._value = b""

    def _end_headers(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        self._name = options.get(b"name", b"").decode("utf-8", "replace")
        if self._name in self._seen:
            raise _unacceptable(self._name, "is sent more than once")
        if self._name != FILE and self._name not in FIELDS:
            raise _unacceptable(self._name[:100], "is not known")
        self._seen.add(self._name)
        if self._name == FILE:
            self.file_begins = True
            self.received.name = options.get(b"filename", b"").decode("utf-8", "replace")
            self.received.declared = self._headers.get(b"content-type", b"").decode("latin-1")

    def _add_data(self, data: bytes, start: int, end: int) -> None:
        if self._name != FILE:
            self._field += data[start:end]
            if len(self._field) > LONGEST_FIELD:
                raise _unacceptable(
                    self._name, Wording("has more than {most} bytes", {"most": LONGEST_FIELD})
                )
            return
        self.received.size += end - start
        if self.received.size > MOST_BYTES:
            raise TooLarge("A file has at most {most} bytes.", values={"most": MOST_BYTES})
        self._digest.update(data[start:end])
        self._waiting += data[start:end]
        if self.is_admitted:
            self._write_waiting()

    def _end_part(self) -> None:
        if self._name in FIELDS:
            self.received.fields[self._name] = self._field.decode("utf-8", "replace")

    def _end_form(self) -> None:
        self._is_complete = True

    def _write_waiting(self) -> None:
        assert self.target is not None
        self.target.write(self._waiting)
        self._waiting.clear()


def _unacceptable(name: str, message: str | Wording) -> Unprocessable:
    return Unprocessable("See errors.", errors=[{"pointer": f"/{name}", "message": message}])
