"""What can go wrong when talking to Otklik."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime
from typing import Any

import httpx2

from otklik.models import FieldError

PASSING = frozenset({429, 502, 503, 504})


class OtklikError(Exception):
    """Base of everything this client raises itself."""


class NotReachable(OtklikError):
    """Nobody answered, however patiently we asked."""


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
        super().__init__(str(self))

    def __str__(self) -> str:
        parts = [f"{self.status} {self.title}", self.detail]
        parts += [f"{error.pointer}: {error.message}" for error in self.errors]
        return " – ".join(part for part in parts if part)

    @property
    def slug(self) -> str:
        """The stable name of the kind of problem, e.g. `not-allowed-now`."""
        return self.type.rstrip("/").rsplit("/", 1)[-1]

    @property
    def is_passing(self) -> bool:
        """Whether the very same request may succeed a little later."""
        return self.status in PASSING or self.slug == "same-key-in-progress"

    @classmethod
    def of(cls, response: httpx2.Response) -> ProblemError:
        """From a response whose body was read; also a refusal of OAuth or a proxy's page."""
        try:
            document = response.json()
        except ValueError:
            document = None
        known: dict[str, Any] = document if isinstance(document, dict) else {}
        return cls(
            response.status_code,
            str(known.get("title") or known.get("error") or response.reason_phrase or "Unexpected answer"),
            type=str(known.get("type") or "about:blank"),
            detail=str(known.get("detail") or known.get("error_description") or ""),
            instance=str(known.get("instance") or ""),
            errors=_errors_of(known.get("errors")),
            retry_after=seconds_of(response.headers.get("retry-after")),
            request_id=response.headers.get("x-request-id", ""),
        )


def _errors_of(found: Any) -> list[FieldError]:
    items = found if isinstance(found, list) else []
    return [
        FieldError(pointer=str(item.get("pointer", "")), message=str(item.get("message", "")))
        for item in items
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
