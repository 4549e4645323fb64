"""Failures a person can do something about. Light: imported at every start."""

from __future__ import annotations

import sys
from collections.abc import Mapping


class Failed(Exception):
    """A command cannot do its work. The message says what happened and what to do."""


# Where the kinds of such failures are defined, and what to do about some of them, by class and HTTP status.
_KINDS = (
    (__name__, "Failed"),
    ("otklik_client.errors", "OtklikError"),
    ("otklik.files", "FileError"),
    ("infra.local.errors", "StartError"),
    ("httpx2", "HTTPError"),
    ("httpx2", "InvalidURL"),
    # A path, a disk or an address that is not as it has to be.
    ("builtins", "OSError"),
)
_ADVICE: Mapping[tuple[str, object], str] = {
    (
        "NotReachable",
        None,
    ): "If the system is not running, start it with `make run`; otherwise set OTKLIK_URL.",
    (
        "Unauthorised",
        401,
    ): "The credentials are not known there. Check OTKLIK_HOME, or pass --client-id and --client-secret.",
    ("Forbidden", 403): "This client may not do that; operations need an administrator's credentials.",
}


def message_of(error: BaseException) -> str | None:
    """What to show the person; None for an error that is a mistake of ours and deserves its traceback.

    Looks up only modules that are loaded already: an error of a module that is not cannot be here.
    """
    kinds = tuple(getattr(sys.modules[module], name) for module, name in _KINDS if module in sys.modules)
    if not isinstance(error, kinds):
        return None
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}."
    advice = _ADVICE.get((type(error).__name__, getattr(error, "status", None)))
    return f"{error}\n{advice}" if advice else str(error)
