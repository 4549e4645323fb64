"""What a caller may still ask: the `RateLimit-…` headers of every answer that counts."""

from __future__ import annotations

import math
from dataclasses import dataclass

from starlette.types import Message, Send

from chassis.limits import TooMany
from gateway.proxy.headers import Headers


@dataclass(frozen=True, slots=True)
class Allowance:
    """`limit`: requests a minute; `remaining`: that may come at once; `reset`: seconds until the whole limit may."""

    limit: int
    remaining: int
    reset: float

    def headers(self) -> Headers:
        """As an answer says it."""
        return [
            (b"ratelimit-limit", b"%d" % self.limit),
            (b"ratelimit-remaining", b"%d" % self.remaining),
            (b"ratelimit-reset", b"%d" % math.ceil(self.reset)),
        ]

    def mark(self, send: Send) -> Send:
        """`send`, so that the answer says it."""

        async def send_marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *self.headers()]}
            await send(message)

        return send_marked

    def refusal(self, wait: float) -> TooMany:
        """One request too many: when to come again."""
        problem = TooMany(wait)
        problem.headers |= {name.decode(): value.decode() for name, value in self.headers()}
        return problem
