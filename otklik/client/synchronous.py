"""The synchronous client: the asynchronous one, run on an event loop in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Iterable, Iterator, Mapping
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Self, TypeVar, cast
from uuid import UUID, uuid4

from otklik.client.asynchronous import AsyncClient
from otklik.client.batches import CHUNK_LINES, IMPORTS, ChunkSender, cut_into_chunks
from otklik.models import LineResult, NewAppeal

P = ParamSpec("P")
R = TypeVar("R")


def _waiting(
    method: Callable[Concatenate[AsyncClient, P], Coroutine[Any, Any, R]],
) -> Callable[Concatenate[Client, P], R]:
    @wraps(method)
    def call(self: Client, /, *args: P.args, **kwargs: P.kwargs) -> R:
        return self._wait(method(self._client, *args, **kwargs))

    call.__doc__ = _without_await(method.__doc__)
    return cast("Callable[Concatenate[Client, P], R]", call)


def _iterating(
    method: Callable[Concatenate[AsyncClient, P], AsyncIterator[R]],
) -> Callable[Concatenate[Client, P], Iterator[R]]:
    @wraps(method)
    def call(self: Client, /, *args: P.args, **kwargs: P.kwargs) -> Iterator[R]:
        return self._iterate(cast("AsyncGenerator[R, None]", method(self._client, *args, **kwargs)))

    call.__doc__ = _without_await(method.__doc__)
    return cast("Callable[Concatenate[Client, P], Iterator[R]]", call)


def _without_await(text: str | None) -> str:
    return (text or "").replace("await ", "").replace("async for", "for")


class Client:
    """Otklik over HTTP. May be shared by threads.

    Every call is safe to repeat, and is repeated on lost connections, 429 and 503 for up to `patience` seconds.
    Answers that are no success raise ProblemError, silence raises NotReachable.

    >>> with Client("http://127.0.0.1:8080", client_id, client_secret) as otklik:
    ...     receipt = otklik.submit({"text": "Не горит фонарь", "region": "46"})
    ...     print(receipt.number, receipt.tracking_code)
    """

    def __init__(
        self,
        url: str,
        client_id: str,
        client_secret: str,
        *,
        patience: float = 60.0,
        timeout: float = 60.0,
        connections: int = 100,
    ) -> None:
        self._client = AsyncClient(
            url, client_id, client_secret, patience=patience, timeout=timeout, connections=connections
        )
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="otklik", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give back the sockets and end the thread; a second call does nothing."""
        if self._loop.is_closed():
            return
        self._wait(self._loop.shutdown_asyncgens())
        self._wait(self._client.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    authenticate = _waiting(AsyncClient.authenticate)
    request = _waiting(AsyncClient.request)
    items = _iterating(AsyncClient.items)
    submit = _waiting(AsyncClient.submit)
    appeal = _waiting(AsyncClient.appeal)
    appeals = _iterating(AsyncClient.appeals)
    history = _waiting(AsyncClient.history)
    follow_changes = _iterating(AsyncClient.follow_changes)
    track = _waiting(AsyncClient.track)
    rate = _waiting(AsyncClient.rate)
    queue = _iterating(AsyncClient.queue)
    claim = _waiting(AsyncClient.claim)
    follow_queue = _iterating(AsyncClient.follow_queue)
    assignment = _waiting(AsyncClient.assignment)
    accept = _waiting(AsyncClient.accept)
    release = _waiting(AsyncClient.release)
    extend_lease = _waiting(AsyncClient.extend_lease)
    redirect = _waiting(AsyncClient.redirect)
    interim = _waiting(AsyncClient.interim)
    answer = _waiting(AsyncClient.answer)
    request_documents = _waiting(AsyncClient.request_documents)
    receive_documents = _waiting(AsyncClient.receive_documents)
    deadlines = _iterating(AsyncClient.deadlines)
    preview_deadline = _waiting(AsyncClient.preview_deadline)
    summary = _waiting(AsyncClient.summary)
    timeseries = _waiting(AsyncClient.timeseries)
    breakdown = _waiting(AsyncClient.breakdown)
    figure_rows = _waiting(AsyncClient.figure_rows)
    export = _waiting(AsyncClient.export)
    stream = _iterating(AsyncClient.stream)
    public_summary = _waiting(AsyncClient.public_summary)

    def submit_batch(
        self,
        appeals: Iterable[NewAppeal | Mapping[str, Any]],
        *,
        idempotency_key: str | None = None,
        chunk_lines: int = CHUNK_LINES,
    ) -> Iterator[LineResult]:
        # Not `_iterating`: the caller's iterable has to be read in the caller's thread.
        for chunk in cut_into_chunks(appeals, idempotency_key or str(uuid4()), chunk_lines):
            yield from self._wait(ChunkSender(self._client.connection, chunk).send())

    submit_batch.__doc__ = _without_await(AsyncClient.submit_batch.__doc__)

    def import_cases(
        self,
        cases: Iterable[Mapping[str, Any]],
        *,
        import_id: UUID | None = None,
        chunk_lines: int = CHUNK_LINES,
    ) -> Iterator[LineResult]:
        params = {"import_id": import_id or uuid4()}
        for chunk in cut_into_chunks(cases, "", chunk_lines):
            yield from self._wait(ChunkSender(self._client.connection, chunk, IMPORTS, params).send())

    import_cases.__doc__ = _without_await(AsyncClient.import_cases.__doc__)

    def _wait(self, work: Coroutine[Any, Any, R]) -> R:
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()  # the caller was interrupted; without effect when the work itself has failed
            raise

    def _iterate(self, items: AsyncGenerator[R, None]) -> Iterator[R]:
        end = object()

        async def following() -> R | object:
            return await anext(items, end)

        try:
            while (item := self._wait(following())) is not end:
                yield cast("R", item)
        finally:
            if not self._loop.is_closed():
                self._wait(items.aclose())
