"""What can go wrong when talking to Otklik."""

from __future__ import annotations

import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

import httpx2

from otklik.models import FieldError

PASSING = frozenset({429, 502, 503, 504})


class OtklikError(Exception):
    """Base of everything this client raises itself.

    `is_passing`: whether the very same request may succeed a little later; `retry_after`: in how many seconds, if the server
    said so.
    """

    is_passing: bool = False
    retry_after: float | None = None


class NotReachable(OtklikError):
    """Nobody answered, however patiently we asked."""

    def __init__(self, message: str, *, is_passing: bool = False) -> None:
        super().__init__(message)
        self.is_passing = is_passing


class ProblemError(OtklikError):
    """An answer that is not a success, with the members of its problem document (RFC 9457).

    >>> try:
    ...     client.answer(assignment, "Готово", outcome="solved")
    ... except ProblemError as problem:
    ...     if problem.slug == "version-stale":
    ...         assignment = client.assignment(assignment.id)
    """

    def __init__(
        self,
        status: int,
        title: str,
        *,
        type: str = "about:blank",
        detail: str = "",
        instance: str = "",
        errors: list[FieldError] | None = None,
        retry_after: float | None = None,
        request_id: str = "",
    ) -> None:
        self.status = status
        self.title = title
        self.type = type
        self.detail = detail
        self.instance = instance
        self.errors = errors or []
        self.retry_after = retry_after
        self.request_id = request_id
        self.is_passing = status in PASSING or self.slug == "same-key-in-progress"
        super().__init__(str(self))

    def __str__(self) -> str:
        parts = [f"{self.status} {self.title}", self.detail]
        parts += [f"{error.pointer}: {error.message}" for error in self.errors]
        return " – ".join(part for part in parts if part)

    @property
    def slug(self) -> str:
        """The stable name of the kind of problem, e.g. `not-allowed-now`."""
        return self.type.rstrip("/").rsplit("/", 1)[-1]

    @classmethod
    def of(cls, response: httpx2.Response) -> ProblemError:
        """From a response whose body was read; also a refusal of OAuth or a proxy's page."""
        document = _document_of(response)
        return cls(
            response.status_code,
            _text(document, "title", "error") or response.reason_phrase or "Unexpected answer",
            type=_text(document, "type") or "about:blank",
            detail=_text(document, "detail", "error_description"),
            instance=_text(document, "instance"),
            errors=_errors_of(document),
            retry_after=seconds_of(response.headers.get("retry-after")),
            request_id=response.headers.get("x-request-id", ""),
        )


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


def _errors_of(document: Mapping[str, object]) -> list[FieldError]:
    items = document.get("errors")
    return [
        FieldError(pointer=str(item.get("pointer", "")), message=str(item.get("message", "")))
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
