"""What every group stands on."""

from __future__ import annotations

from otklik_client.line import Line


class Group:
    """Operations that are sent over one line."""

    def __init__(self, line: Line) -> None:
        self._line = line
