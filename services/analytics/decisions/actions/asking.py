"""A child process judges."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

from chassis.child_processes import ask_child
from services.analytics.decisions.rules.effects import ANSWER, ASKED, Asked, Found, Reason

MODULE: Final = "services.analytics.decisions.process"
LONGEST_SECONDS: Final = 300.0


async def ask(asked: Asked) -> Found | Reason:
    """What statistics say. Raises ChildFailed."""
    return ANSWER.validate_json(await ask_child(MODULE, _lines(asked), LONGEST_SECONDS))


async def _lines(asked: Asked) -> AsyncIterator[bytes]:
    yield ASKED.dump_json(asked)
