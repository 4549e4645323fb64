"""Requests changed at random places, by what makes readers disagree."""

from __future__ import annotations

from random import Random

from tests.chassis.http1.requests import NEXT

FRAGMENTS = [
    b"Content-Length: 4\r\n",
    b"Content-Length: 31\r\n",
    b"Content-Length: 0\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: identity\r\n",
    b"Connection: Upgrade\r\n",
    b"Connection: close\r\n",
    b"Connection: keep-alive, Content-Length\r\n",
    b"Upgrade: h2c\r\n",
    b"Expect: 100-continue\r\n",
    b"Host: y\r\n",
    b"0\r\n\r\n",
    b"4\r\nabcd\r\n",
    b"\r\n",
    b"\n",
    b"\r",
    b" ",
    b"\t",
    b":",
    b",",
    b"\x00",
    b"\x0b",
    b"\x85",
    b"\xa0",
    NEXT,
]


class Mutation:
    """Changes bytes by the numbers of `random`."""

    def __init__(self, random: Random) -> None:
        self.random = random

    def of(self, data: bytes) -> bytes:
        """Up to four changes."""
        for _ in range(self.random.randint(1, 4)):
            data = self._change(data)
        return data

    def _change(self, data: bytes) -> bytes:
        at, span = self.random.randint(0, len(data)), self.random.randint(0, 12)
        part = data[at : at + span]
        instead = self.random.choice(
            [b"", part * 2, part.swapcase(), self._noise(), self._fragment(), self._fragment()]
        )
        return data[:at] + instead + data[at + self.random.choice([0, span]) :]

    def _noise(self) -> bytes:
        return bytes(self.random.randrange(256) for _ in range(self.random.randint(1, 3)))

    def _fragment(self) -> bytes:
        """A piece of framing; where a line is meant it mostly stands on its own."""
        return self.random.choice(FRAGMENTS)
