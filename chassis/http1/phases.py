"""What is expected of the caller of a connection."""

from __future__ import annotations

import enum


class Phase(enum.Enum):
    """Between two requests nothing; a head; a body; nothing any more, for a refusal is on its way."""

    IDLE = enum.auto()
    HEAD = enum.auto()
    BODY = enum.auto()
    REFUSED = enum.auto()


# Compared several times a request, and members of an enumeration are found slowly.
IDLE, HEAD, BODY, REFUSED = Phase.IDLE, Phase.HEAD, Phase.BODY, Phase.REFUSED
