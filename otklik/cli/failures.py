"""Failures a person can do something about. Light: imported at every start."""

from __future__ import annotations

import sys


class Failed(Exception):
    """A command cannot do its work. The message says what happened and what to do."""


def message_of(error: BaseException) -> str | None:
    """What to tell the person; None for an error that is a mistake of ours and deserves its traceback.

    Looks up only modules that are loaded already: an error of a module that is not cannot be here.
    """
    if isinstance(error, Failed):
        return str(error)
    for module, names in (
        ("otklik.client.errors", ("OtklikError",)),
        ("otklik.files", ("FileError",)),
        ("infra.local.errors", ("StartError",)),
    ):
        known = tuple(getattr(sys.modules[module], name) for name in names) if module in sys.modules else ()
        if isinstance(error, known):
            return _with_advice(error)
    return None


def _with_advice(error: BaseException) -> str:
    kind = type(error).__name__
    if kind == "NotReachable":
        return f"{error}\nIf the system is not running, start it with `make run`; otherwise set OTKLIK_URL."
    status = getattr(error, "status", None)
    if kind == "ProblemError" and status == 401:
        return f"{error}\nThe credentials are not known there. Check OTKLIK_HOME, or pass --client-id and --client-secret."
    if kind == "ProblemError" and status == 403:
        return f"{error}\nThis client may not do that; operations need an administrator's credentials."
    return str(error)
