"""What every group stands on."""

from __future__ import annotations

from otklik_client.line import AsyncLine


class AsyncGroup:
    """Operations that are sent over one line."""

    def __init__(self, line: AsyncLine) -> None:
        self._line = line
