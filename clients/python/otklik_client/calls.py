"""One request of the interface as a value: what is sent, and as what its answer is read. Sends nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Generic, Protocol, Self, TypeVar, cast
from urllib.parse import quote
from uuid import UUID, uuid4

from pydantic import BaseModel, TypeAdapter

T = TypeVar("T")
B = TypeVar("B", bound=BaseModel)


class Versioned(Protocol):
    """Something that was read, and says in which version."""

    @property
    def version(self) -> int:
        """Counted up by every change."""


@dataclass(frozen=True)
class File:
    """A file to send."""

    name: str
    content: bytes
    media_type: str | None = None

    @classmethod
    def read(cls, path: Path | str) -> Self:
        """From a disk; OSError when it cannot be read."""
        return cls(Path(path).name, Path(path).read_bytes())


@dataclass(frozen=True)
class Call(Generic[T]):
    """A request. `answer`: what its body is read as; `key`: its Idempotency-Key; `revalidates`: an answer that was kept may
    serve again; `is_safe`: it may be repeated, though its method and headers do not say so."""

    method: str
    path: str
    answer: type[T]
    query: Mapping[str, object] = field(default_factory=dict)
    body: object = None
    content: bytes | None = None
    form: Mapping[str, str] | None = None
    file: File | None = None
    if_match: Versioned | int | None = None
    key: str | None = None
    last_event_id: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    revalidates: bool = False
    authorised: bool = True
    follows: bool = False
    is_safe: bool = False

    @property
    def is_repeatable(self) -> bool:
        """Whether it may be sent again when nobody knows what became of it: a read, a write that is known by its key, one that
        says how all is to be whatever was there."""
        is_whole = self.method == "PUT" and self.if_match is None
        return self.is_safe or self.method in ("GET", "HEAD") or self.key is not None or is_whole

    def with_query(self, **query: object) -> Call[T]:
        """The same with other parameters."""
        return replace(self, query={**self.query, **query})

    def all_headers(self) -> dict[str, str]:
        """But for the token."""
        version = getattr(self.if_match, "version", self.if_match)
        stated = {
            "If-Match": version is not None and f'"{version}"',
            "Idempotency-Key": self.key,
            "Last-Event-ID": self.last_event_id,
            "Content-Type": self.body is not None and "application/json",
        }
        return {**self.headers, **{name: value for name, value in stated.items() if value}}

    def all_query(self) -> dict[str, Any]:
        """What is None is not sent."""
        return {name: _in_query(value) for name, value in self.query.items() if value is not None}

    def all_content(self) -> bytes | None:
        """The body as it is sent, unless it is a form."""
        return self.content if self.body is None else encode_json(self.body)

    def read(self, content: bytes) -> T:
        """The answer. pydantic.ValidationError when it is none that the interface promises."""
        if self.answer is type(None) or (self.answer is object and not content):
            return cast("T", None)
        if self.answer is str:
            return cast("T", content.decode())
        answer: Any = self.answer
        return cast("T", _adapter_of(answer).validate_json(content))


@cache
def _adapter_of(answer: Any) -> TypeAdapter[Any]:
    return TypeAdapter(answer)


def segment(value: object) -> str:
    """One segment of a path, whatever is in it; `..` leads nowhere."""
    made = quote(str(value), safe="")
    return made if made.strip(".") else made.replace(".", "%2E")


def key_or_new(key: str | None) -> str:
    """An Idempotency-Key, so that every request that takes one may be repeated."""
    return key or str(uuid4())


def stated(fields: Mapping[str, str | None]) -> dict[str, str]:
    """Fields of a form that are given."""
    return {name: value for name, value in fields.items() if value is not None}


def under_lease(body: B, held: Versioned | int) -> B:
    """The body of an act with the lease of what it is done to, where that is leased and the body names none."""
    lease = getattr(held, "lease_token", None)
    if lease is None or "lease_token" in body.model_fields_set:
        return body
    return body.model_copy(update={"lease_token": lease})


def encode_json(body: object) -> bytes:
    """JSON in UTF-8; of a model what was set. TypeError for what has no usual text."""
    if isinstance(body, BaseModel):
        return body.model_dump_json(by_alias=True, exclude_unset=True).encode()
    try:
        return json.dumps(body, ensure_ascii=False, default=_as_text).encode()
    except UnicodeEncodeError:
        # Half a surrogate pair: escaped it can travel, and the server says what is wrong with it.
        return json.dumps(body, default=_as_text).encode()


def _as_text(value: object) -> object:
    """Of the types that have one usual form; anything else (bytes above all) would arrive as something nobody meant."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True, exclude_unset=True)
    if isinstance(value, date):  # datetime is one
        return value.isoformat()
    if isinstance(value, UUID | Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be sent; give text, numbers, dates or UUIDs")


def _in_query(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
