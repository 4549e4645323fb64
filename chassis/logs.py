"""Logs: JSON lines on standard error, one for each event, whoever logs; without personal data, with what they belong to.

A line has `event`, `level`, `timestamp` (UTC) and `service`; one of a library `logger`, too. What is written while a request is
answered has its `request_id`, as the answer's X-Request-ID, and everything of one trace `trace_id`.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
from collections.abc import MutableMapping, Sequence
from contextvars import ContextVar
from types import TracebackType
from typing import Any, Final

import structlog
from structlog.types import Processor

from chassis.errors import describe_traceback
from chassis.lines import LineHandler, LineLogger, NeverRaises

traceparent_now: ContextVar[str | None] = ContextVar("traceparent", default=None)
request_id_now: ContextVar[str | None] = ContextVar("request id", default=None)
_PERSONAL_KEYS = frozenset(
    {"text", "name", "email", "phone", "applicant", "address", "comment", "question", "body", "authorization"}
)
# These have much to tell that nobody asks for.
_NOISY: Final = ("nats", "httpx2", "uvicorn.access", "sqlalchemy.engine", "asyncio", "pymorphy3", "alembic")
Entry = MutableMapping[str, Any]


def configure_logging(service: str, level: str) -> None:
    """Logging never raises: lost lines are counted (see `lines`)."""
    logging.raiseExceptions = False
    processors = _processors(service)
    handler = LineHandler()
    handler.setFormatter(_Formatter(processors))
    root = logging.getLogger()
    for former in [each for each in root.handlers if isinstance(each, LineHandler)]:
        root.removeHandler(former)
    logging.basicConfig(level=level, handlers=[handler])
    for noisy in _NOISY:
        logging.getLogger(noisy).setLevel(logging.WARNING)
    filtering = structlog.make_filtering_bound_logger(logging.getLevelNamesMapping().get(level, 20))
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, structlog.processors.add_log_level, *processors],
        wrapper_class=type("Log", (NeverRaises, filtering), {}),
        logger_factory=lambda *_: LineLogger(),
        cache_logger_on_first_use=True,
    )


def log_as_a_process() -> None:
    """Of a process that is ours alone: warnings, and what ends it or a thread of it, are lines like the others."""
    logging.captureWarnings(True)
    sys.excepthook = _log_end
    threading.excepthook = _log_end_of_thread


def _processors(service: str) -> Sequence[Processor]:
    """What makes a line of an entry, whoever logs it."""

    def name_service(_: Any, __: str, event: Entry) -> Entry:
        event.setdefault("service", service)
        return event

    return (
        name_service,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_context,
        drop_personal_data,
        _describe_exception,
        structlog.processors.JSONRenderer(ensure_ascii=False),
    )


class _Formatter(logging.Formatter):
    """The same for libraries that log by themselves."""

    def __init__(self, processors: Sequence[Processor]) -> None:
        super().__init__()
        self._processors = processors

    def format(self, record: logging.LogRecord) -> str:
        """One line of JSON."""
        entry: Any = {
            "event": record.getMessage(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "exc_info": record.exc_info,
        }
        for processor in self._processors:
            entry = processor(None, record.levelname, entry)
        return str(entry)


def _log_end(_: type[BaseException], error: BaseException, __: TracebackType | None) -> None:
    """What ends the process."""
    if not isinstance(error, (KeyboardInterrupt, asyncio.CancelledError)):
        structlog.get_logger().critical("the process ends", exc_info=error)


def _log_end_of_thread(ended: threading.ExceptHookArgs) -> None:
    """What ends a thread."""
    structlog.get_logger().error("a thread ends", exc_info=ended.exc_value)


def _describe_exception(_: Any, __: str, event: Entry) -> Entry:
    """`exc_info` as types and places: messages of exceptions quote values."""
    error = event.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()[1]
    if isinstance(error, tuple):
        error = error[1]
    if isinstance(error, BaseException):
        event["exception"] = describe_traceback(error)
    return event


def drop_personal_data(_: Any, __: str, event: Entry) -> Entry:
    """The last gate: fields that may hold what a citizen wrote are never printed."""
    for key in _PERSONAL_KEYS & event.keys():
        event[key] = "[masked]"
    return event


def _add_context(_: Any, __: str, event: Entry) -> Entry:
    parent, request_id = traceparent_now.get(), request_id_now.get()
    if parent:
        event["trace_id"] = parent.split("-")[1]
    if request_id:
        event["request_id"] = request_id
    return event
