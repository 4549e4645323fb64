"""What is the matter, in true words: causes outside of a process that an error may have, found in one place.

A cause is weather: the same thing done again later works, and nothing is wrong with what was being done. Whoever asks is
told the words (they hold nothing of a row or a request); an error without a cause is a bug, or the sender's fault.
"""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from asyncpg import InterfaceError, InternalClientError, PostgresError
from sqlalchemy.exc import DBAPIError, PendingRollbackError, ResourceClosedError
from sqlalchemy.exc import InterfaceError as RefusedByDriver
from sqlalchemy.exc import TimeoutError as PoolTimeout

UNREACHABLE = "The database is not reachable."
STOPPED = "The database is stopping or starting."
FULL = "The database's disk is full."
DISK_BROKEN = "The database cannot read or write its disk."
ROOM_BYTES = 16 * 1024 * 1024  # what Postgres needs at least: one segment of its log
SLOW = "A part of the system does not answer in time."
PART_UNREACHABLE = "A part of the system is not reachable."

# By SQLSTATE, of which the longest beginning counts (PostgreSQL documentation, appendix A).
_DATABASE = {
    "08": UNREACHABLE,
    "22": "",  # a value that cannot be stored: the sender's fault
    "25006": "The database can only be read at the moment.",
    "26000": "The database has been started anew.",
    "28": "The database does not let us in.",
    "3D000": "The database does not let us in.",
    "40": "Others were changing the same at the same time.",
    "53": "The database is short of resources.",
    "53100": FULL,
    "53200": "The database is out of memory.",
    "53300": "The database has no connection to spare.",
    "55000": "The database does not let us in.",
    "55P03": "Others are changing the same.",
    "57": STOPPED,
    "57014": "The database did not answer in time.",
    "57P04": UNREACHABLE,
    "58": DISK_BROKEN,
    "XX001": "The database cannot read its disk.",
    "XX002": "The database cannot read its disk.",
}
# The driver's errors without a state, by the names of their types.
_DRIVER = {
    "InvalidCachedStatementError": "The database's tables have been changed.",
    "InternalClientError": UNREACHABLE,
}
_SYSTEM = {
    errno.ENOSPC: "A disk is full.",
    errno.EDQUOT: "A disk is full.",
    errno.EROFS: "A disk can only be read.",
    errno.EIO: "A disk cannot be read or written.",
    errno.EMFILE: "The process has no more files to open.",
    errno.ENFILE: "The machine has no more files to open.",
    errno.ENOMEM: "The machine is out of memory.",
}
BROKER_FULL = "The broker's disk is full."
BROKER_SLOW = "The broker does not answer in time."
BROKER_STORES_NOTHING = "The broker stores no events at the moment."
BROKER_UNREACHABLE = "The broker is not reachable."
# By JetStream's own error code (its server's errors.json); without one its HTTP-like code decides.
_BROKER: dict[int | None, str] = {
    10023: "The broker is short of resources.",
    10028: "The broker is out of memory.",
    10039: BROKER_STORES_NOTHING,
    10047: BROKER_FULL,
    10076: BROKER_STORES_NOTHING,
    10077: "The broker cannot store events.",
}
# By the HTTP-like code of what has no code of its own; other codes are its trouble with storing.
_BROKER_BY_STATUS = {None: BROKER_UNREACHABLE, 400: "", 404: "The broker has no such stream yet."}
_OUR_FAULT = ("MaxPayloadError", "BadSubjectError", "InvalidUserCredentialsError", "BadSubscriptionError")


# Of a full disk Postgres dies without a word, and cannot start again. Who knows where the disk is can say why.
_folders: list[str] = []


def know_disk(folder: str) -> None:
    """Where the database keeps its files, if that is on this machine (`database_folder` in the settings)."""
    _folders[:] = [folder] if folder else []


def cause_of(error: BaseException) -> str:
    """What is the matter in a sentence; empty when no cause outside of us is known."""
    if type(error).__module__.startswith("nats."):  # not imported: the gateway has no need of it
        return _cause_in_broker(error)
    return next(cause(error) for kinds, cause in _CAUSES if isinstance(error, kinds))


def concerns_all(error: BaseException) -> bool:
    """Whether everything would fail now; not only this statement, which others were in the way of or which took too long."""
    return bool(cause_of(error)) and not sqlstate_of(error).startswith(("40", "55P03", "57014"))


def sqlstate_of(error: BaseException) -> str:
    """The five characters with which Postgres says what is wrong; empty when it was not Postgres."""
    return str(getattr(_original(error), "sqlstate", None) or "")


def is_bad_value(error: BaseException) -> bool:
    """Whether a value that was sent cannot be stored: the sender's fault."""
    return sqlstate_of(error).startswith("22")


def _cause_in_database(error: BaseException) -> str:
    words = _cause_by_state(error)
    return FULL if words in (UNREACHABLE, STOPPED, DISK_BROKEN) and _disk_is_full() else words


def _disk_is_full() -> bool:
    with suppress(OSError):
        return any(shutil.disk_usage(folder).free < ROOM_BYTES for folder in _folders)
    return False


def _cause_by_state(error: BaseException) -> str:
    state = sqlstate_of(error)
    for known in (state, state[:2]):
        if known in _DATABASE:
            return _DATABASE[known]
    # The driver's errors have no state: a connection that is closed, cut off, or out of step with its server.
    lost = getattr(error, "connection_invalidated", False) or isinstance(error, _BROKEN)
    return _DRIVER.get(type(_original(error)).__name__, UNREACHABLE if lost else "")


def _original(error: BaseException) -> BaseException | None:
    return error.orig if isinstance(error, DBAPIError) else error


def _cause_in_broker(error: BaseException) -> str:
    if type(error).__name__ in _OUR_FAULT:
        return ""
    if isinstance(error, TimeoutError):
        return BROKER_SLOW
    if "no space" in str(error).lower():
        return BROKER_FULL
    by_status = _BROKER_BY_STATUS.get(getattr(error, "code", None), BROKER_STORES_NOTHING)
    return _BROKER.get(getattr(error, "err_code", None), by_status)


def _cause_in_system(error: OSError) -> str:
    return _SYSTEM.get(error.errno or 0, PART_UNREACHABLE)


def _cause_in_group(error: BaseExceptionGroup[BaseException]) -> str:
    return next(filter(None, map(cause_of, error.exceptions)), "")


def _cause_in_transport(error: BaseException) -> str:
    """An HTTP client's way to say that nobody answers."""
    is_transport = any(kind.__name__ == "TransportError" for kind in type(error).__mro__)
    return PART_UNREACHABLE if is_transport else ""


_BROKEN = (RefusedByDriver, InterfaceError, InternalClientError)
# The first kind that an error is of tells where its cause is found.
_CAUSES: tuple[tuple[tuple[type[BaseException], ...], Callable[[Any], str]], ...] = (
    ((BaseExceptionGroup,), _cause_in_group),
    ((DBAPIError, PostgresError, InterfaceError, InternalClientError), _cause_in_database),
    ((PoolTimeout,), lambda _: "All connections to the database are in use."),
    # What a lost connection leaves to those who still hold it.
    ((PendingRollbackError, ResourceClosedError), lambda _: UNREACHABLE),
    ((TimeoutError,), lambda _: SLOW),
    ((OSError,), _cause_in_system),
    ((MemoryError,), lambda _: _SYSTEM[errno.ENOMEM]),
    ((BaseException,), _cause_in_transport),
)
