"""Large bodies and endless answers: both directions flow at once, so that neither side can block the other.

A caller may read nothing before it has sent everything, while the service already answers line by line. As long as
the body is under way the answer is therefore taken from the service without waiting for the caller.
"""

from __future__ import annotations

import asyncio

from starlette.types import Receive, Send

from chassis.problems import Problem
from gateway.proxy.bodies import CALLER_IDLE_SECONDS, piece_of, receive_within, require_room
from gateway.proxy.connections import Connection, WrongLength
from gateway.proxy.exchanges import Exchange
from gateway.proxy.failures import Gone, UpstreamTimeout
from gateway.proxy.requests import Outgoing
from gateway.proxy.upstreams import Upstream


class Upload:
    """One request with a large body."""

    def __init__(self, upstream: Upstream, exchange: Exchange) -> None:
        self.upstream = upstream
        self.route = exchange.route
        self.receive = exchange.receive
        self.send = exchange.send
        self.failure: Problem | Gone | None = None

    async def run(self, request: Outgoing) -> int:
        """Send head and body, pass the answer on; returns its status."""
        connection = await self.upstream.acquire()
        with connection:
            connection.begin_upload(request)
        sending = asyncio.create_task(self._send_body(connection))
        try:
            await connection.head()
            await pass_answer(connection, self.send, None)
            return connection.answer.status
        except OSError:
            raise self.failure or self.upstream.unavailable() from None
        finally:
            sending.cancel()
            connection.finish()

    async def _send_body(self, connection: Connection) -> None:
        try:
            await self._pump(connection)
        except OSError:
            return  # the service hung up: its answer, if it gave one, is being passed on
        except (Problem, Gone) as failure:
            self._fail(connection, failure)
            return
        except WrongLength:
            self._fail(connection, Gone())
            return
        silence = asyncio.get_running_loop().call_later(self.route.seconds, self._give_up, connection)
        try:
            await watch_caller(self.receive, connection)
        finally:
            silence.cancel()

    async def _pump(self, connection: Connection) -> None:
        size, more = 0, True
        while more:
            data, more = piece_of(await receive_within(self.receive))
            size += len(data)
            require_room(size, self.route.max_body)
            await connection.send(data)
        connection.end()

    def _give_up(self, connection: Connection) -> None:
        """The service has the whole request and says nothing."""
        if not connection.answer.status:
            self._fail(connection, UpstreamTimeout())

    def _fail(self, connection: Connection, failure: Problem | Gone) -> None:
        self.failure = failure
        connection.abort()


async def pass_answer(connection: Connection, send: Send, silence: float | None) -> None:
    """Start the answer and pass its body on piece by piece. Gone when it breaks off.

    `silence`: seconds the service may pause. An answer that breaks off is not ended, so that the caller notices.
    """
    try:
        answer = connection.answer
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
        while True:
            data, last = connection.take(), answer.complete
            if data or last:
                async with asyncio.timeout(CALLER_IDLE_SECONDS):
                    await send({"type": "http.response.body", "body": data, "more_body": not last})
            if last:
                return
            async with asyncio.timeout(silence):
                await connection.more()
    except OSError:  # TimeoutError is one
        raise Gone from None


async def watch_caller(receive: Receive, connection: Connection) -> None:
    """Cut the service off when the caller hangs up."""
    while (await receive())["type"] != "http.disconnect":
        pass
    if not connection.answer.complete:
        connection.abort()
