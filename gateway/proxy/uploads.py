"""Large request bodies: both directions flow at once, so that neither side can block the other.

A caller may read nothing before it has sent everything, while the service already answers line by line. As long as
the body is under way the answer is therefore taken from the service without waiting for the caller.
"""

from __future__ import annotations

import asyncio

from starlette.types import Receive, Send

from chassis.problems import Problem, TooLarge
from gateway.proxy.answers import Gone, UpstreamTimeout, pass_answer, receive_within, watch_caller
from gateway.proxy.connections import Connection
from gateway.proxy.upstreams import Upstream
from gateway.routes import Route


class Upload:
    """One request with a large body."""

    def __init__(
        self,
        upstream: Upstream,
        route: Route,
        receive: Receive,
        send: Send,
        *,
        chunked: bool,
        head_only: bool,
    ) -> None:
        self.upstream = upstream
        self.route = route
        self.receive = receive
        self.send = send
        self.chunked = chunked
        self.head_only = head_only
        self.sent = False
        self.failure: Problem | Gone | None = None

    async def run(self, head: bytes) -> int:
        """Send head and body, pass the answer on; returns its status."""
        connection = await self.upstream.acquire()
        connection.begin(head, head_only=self.head_only, hoard=True)
        sending = asyncio.create_task(self._send_body(connection))
        try:
            await connection.head()
            await pass_answer(connection, self.send, None)
            return connection.status
        except OSError:
            raise self.failure or self.upstream.unavailable() from None
        finally:
            sending.cancel()
            connection.finish(sent=self.sent)

    async def _send_body(self, connection: Connection) -> None:
        try:
            await self._pump(connection)
        except (Problem, Gone) as failure:
            self.failure = failure
            connection.abort()
            return
        except OSError:
            return  # the service hung up: its answer, if it gave one, is being passed on
        self.sent = True
        connection.stop_hoarding()
        silence = asyncio.get_running_loop().call_later(self.route.seconds, self._give_up, connection)
        try:
            await watch_caller(self.receive, connection)
        finally:
            silence.cancel()

    async def _pump(self, connection: Connection) -> None:
        size, more = 0, True
        while more:
            message = await receive_within(self.receive)
            if message["type"] != "http.request":
                raise Gone
            data, more = message.get("body", b""), message.get("more_body", False)
            size += len(data)
            if size > self.route.max_body:
                raise TooLarge(f"At most {self.route.max_body} bytes.")
            if self.chunked:
                data = (b"%x\r\n%s\r\n" % (len(data), data) if data else b"") + (
                    b"" if more else b"0\r\n\r\n"
                )
            if data:
                await connection.write(data)

    def _give_up(self, connection: Connection) -> None:
        """The service has the whole request and says nothing."""
        if not connection.status:
            self.failure = UpstreamTimeout()
            connection.abort()
