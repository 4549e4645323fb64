"""What can go wrong when talking to Otklik."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from email.utils import parsedate_to_datetime
from typing import Any, ClassVar, Self

import httpx2
from pydantic import ValidationError

from otklik_client.models.shared import Fault

_PASSING = frozenset({429, 502, 503, 504})
_MOST_SHOWN = 3


class OtklikError(Exception):
    """Base of everything this package raises itself.

    `is_passing`: whether the very same request may succeed a little later; `is_unheard`: nothing of it was done; `retry_after`:
    in how many seconds it may be repeated, if the server said so; `idempotency_key`: of the request that failed, so that a repeat
    that names it does nothing twice; `line`: in a batch, the first one that has no final answer.
    """

    is_passing: bool = False
    is_unheard: bool = False
    retry_after: float | None = None
    idempotency_key: str | None = None
    line: int | None = None


class NotReachable(OtklikError):
    """Nobody answered, however patiently we asked. What was asked may have been done.

    >>> try:
    ...     otklik.appeals.submit_appeal(appeal)
    ... except NotReachable as error:
    ...     key = error.idempotency_key  # keep it: `submit_appeal(appeal, idempotency_key=key)` registers once
    """

    def __init__(self, message: str, *, is_passing: bool = False, is_unheard: bool = False) -> None:
        super().__init__(message)
        self.is_passing = is_passing
        self.is_unheard = is_unheard


class UnexpectedAnswer(OtklikError):
    """An answer that this version cannot read: the other side is older, or is no Otklik."""

    @classmethod
    def of(cls, asked: str, error: ValueError) -> Self:
        """Where it is not as it should be; nothing of what came is repeated."""
        found = error.errors(include_input=False) if isinstance(error, ValidationError) else []
        places = [f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in found[:_MOST_SHOWN]]
        return cls(f"{asked} is not answered as it should be: {'; '.join(places) or 'it is no JSON'}")


class ProblemError(OtklikError):
    """An answer that is not a success, with the members of its problem document (RFC 9457).

    >>> try:
    ...     otklik.assignments.answer(task.id, answer, if_match=task)
    ... except VersionStale:
    ...     task = otklik.assignments.read_assignment(task.id)
    """

    _by_slug: ClassVar[dict[str, type[ProblemError]]] = {}
    _by_status: ClassVar[dict[int, type[ProblemError]]] = {}

    def __init_subclass__(cls, *, slug: str = "", status: int = 0, **more: Any) -> None:
        super().__init_subclass__(**more)
        if slug:
            cls._by_slug[slug] = cls
        if status:
            cls._by_status[status] = cls

    def __init__(
        self,
        status: int,
        title: str,
        *,
        type: str = "about:blank",
        detail: str = "",
        instance: str = "",
        errors: Sequence[Fault] = (),
        retry_after: float | None = None,
        request_id: str = "",
    ) -> None:
        self.status = status
        self.title = title
        self.type = type
        self.detail = detail
        self.instance = instance
        self.errors = list(errors)
        self.retry_after = retry_after
        self.request_id = request_id
        self.is_passing = status in _PASSING or self.slug == "same-key-in-progress"
        super().__init__(str(self))

    def __str__(self) -> str:
        parts = [f"{self.status} {self.title}", self.detail]
        parts += [f"{error.pointer}: {error.message}" for error in self.errors]
        return " – ".join(part for part in parts if part)

    @property
    def slug(self) -> str:
        """The stable name of the kind of problem, e.g. `not-allowed-now`."""
        return self.type.rstrip("/").rsplit("/", 1)[-1]

    @staticmethod
    def of(response: httpx2.Response) -> ProblemError:
        """From a response whose body was read; also a refusal of OAuth or a proxy's page."""
        document = _document_of(response)
        kind = _text(document, "type") or "about:blank"
        by_status = ProblemError._by_status.get(response.status_code, ProblemError)
        found = ProblemError._by_slug.get(kind.rstrip("/").rsplit("/", 1)[-1], by_status)
        return found(
            response.status_code,
            _text(document, "title", "error") or response.reason_phrase or "Unexpected answer",
            type=kind,
            detail=_text(document, "detail", "error_description"),
            instance=_text(document, "instance"),
            errors=_errors_of(document),
            retry_after=seconds_of(response.headers.get("retry-after")),
            request_id=response.headers.get("x-request-id", ""),
        )


class Unauthorised(ProblemError, status=401):
    """Id, secret or token are not known there."""


class Forbidden(ProblemError, status=403):
    """The client's role or region does not allow it."""


class NotFound(ProblemError, status=404):
    """There is no such thing, or it is out of reach."""


class NotAllowedNow(ProblemError, slug="not-allowed-now"):
    """The present status does not allow it: read again, somebody has moved it on."""


class LeaseLost(ProblemError, slug="lease-lost"):
    """The lease has run out or is another's: claim again."""


class VersionStale(ProblemError, slug="version-stale"):
    """It was changed since it was read: read again, decide again."""


class VersionRequired(ProblemError, slug="version-required"):
    """A change names the version that was read."""


class Invalid(ProblemError, status=422):
    """The content is not acceptable; `errors` names every place."""


class ExternalIdReused(Invalid, slug="external-id-reused"):
    """This `external_id` was used with another body."""


class KeyReused(Invalid, slug="idempotency-key-reused"):
    """This Idempotency-Key was used with another body."""


class RateLimited(ProblemError, status=429):
    """Too many requests, for longer than the client was willing to wait; `retry_after` says for how long."""

    is_unheard = True


class Unavailable(ProblemError, status=503):
    """A part of the system cannot do its work, for longer than the client was willing to wait."""


def _document_of(response: httpx2.Response) -> Mapping[str, object]:
    """The JSON object that came, or an empty one."""
    try:
        document = response.json()
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _text(document: Mapping[str, object], *names: str) -> str:
    """The first of these members that holds something."""
    return next((str(document[name]) for name in names if document.get(name)), "")


def _errors_of(document: Mapping[str, object]) -> list[Fault]:
    items = document.get("errors")
    return [
        Fault(pointer=str(item.get("pointer", "")), message=str(item.get("message", "")))
        for item in (items if isinstance(items, list) else [])
        if isinstance(item, dict)
    ]


def seconds_of(retry_after: str | None) -> float | None:
    """`Retry-After` as seconds from now: a number or an HTTP date; None when absent or unreadable."""
    if retry_after is None:
        return None
    try:
        return max(0.0, float(retry_after))
    except ValueError:
        pass
    try:
        moment = parsedate_to_datetime(retry_after)
        return max(0.0, moment.timestamp() - time.time())
    except (ValueError, OverflowError):
        return None
