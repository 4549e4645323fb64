"""How one client speaks with one installation: tokens, patience, repeats, problems, answers that are kept. Sends nothing by
itself: its conversations are steps that a line takes."""

from __future__ import annotations

import random
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

import httpx2

from otklik_client.calls import Call
from otklik_client.errors import NotReachable, OtklikError, ProblemError, UnexpectedAnswer
from otklik_client.models.tokens import Token
from otklik_client.steps import OneAtATime, Open, Pause, ReadAll, Steps

T = TypeVar("T")
# `EOFError`: an answer ended too soon.
_PASSING: Final = (httpx2.NetworkError, httpx2.TimeoutException, httpx2.RemoteProtocolError, EOFError)
_UNHEARD: Final = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0
RENEWAL_MARGIN: Final = 60.0
MOST_KEPT: Final = 100


@dataclass(frozen=True)
class Credentials:
    """Of a client: its id and secret, or a token that it was given; neither where only open operations are asked."""

    client_id: str = ""
    client_secret: str = ""
    token: str = ""


class Backoff:
    """How long one call keeps trying: pauses that grow, with jitter, until the patience is over."""

    def __init__(self, patience: float) -> None:
        self.patience = patience
        self.reset()

    def reset(self) -> None:
        """Something was achieved: the patience counts anew."""
        self._ends_at = time.monotonic() + self.patience
        self._pause = FIRST_PAUSE

    def next_pause(self, retry_after: float | None = None) -> float | None:
        """Seconds to wait before the next try; None when the patience would be over by then."""
        jittered = self._pause * random.uniform(0.5, 1.0)
        delay = jittered if retry_after is None else retry_after + random.uniform(0, 0.1)
        if time.monotonic() + delay > self._ends_at:
            return None
        self._pause = min(self._pause * 2, LONGEST_PAUSE)
        return delay


class Exchange:
    """What is known of one installation as one client sees it."""

    def __init__(self, url: str, credentials: Credentials, patience: float) -> None:
        self.url = url
        self.patience = patience
        self._credentials = credentials
        self._token = credentials.token
        self._renew_at = float("inf") if credentials.token else float("-inf")
        self._kept: OrderedDict[str, tuple[str, bytes]] = OrderedDict()  # ETag and body by address

    def backoff(self) -> Backoff:
        """The patience of a new call."""
        return Backoff(self.patience)

    def perform(self, call: Call[T]) -> Steps[T]:
        """The answer, read. A list that has an ETag is fetched only when it has changed. What goes wrong says under which key."""
        try:
            return (yield from self._performed(call))
        except OtklikError as error:
            error.idempotency_key = call.key
            raise

    def _performed(self, call: Call[T]) -> Steps[T]:
        if call.revalidates:
            content = yield from self._revalidated(call)
        else:
            content = (yield from self.answer(call)).content
        try:
            return call.read(content)
        except ValueError as error:
            raise UnexpectedAnswer.of(f"{call.method} {call.path}", error) from None

    def answer(
        self, call: Call[Any], backoff: Backoff | None = None, *, whole: bool = True
    ) -> Steps[httpx2.Response]:
        """The successful answer, read to its end unless only its head is wanted; tried again as far as that does no harm."""
        backoff = backoff or self.backoff()
        while True:
            try:
                response = yield from self.opened(call, backoff)
                if whole:
                    with self.reporting_loss():
                        yield ReadAll(response)
                return response
            except OtklikError as error:
                pause = self.pause_after(error, call, backoff)
                if pause is None:
                    raise
            yield Pause(pause)

    def opened(self, call: Call[Any], backoff: Backoff) -> Steps[httpx2.Response]:
        """One try: the successful answer, its body still to be read. A refused token is renewed once."""
        if not call.authorised:
            return (yield from self._opened_with(call, ""))
        token = yield from self._valid_token(backoff)
        try:
            return (yield from self._opened_with(call, token))
        except ProblemError as problem:
            if problem.status != 401 or not self._credentials.client_id:
                raise
        if self._token == token:
            self._renew_at = float("-inf")
        return (yield from self._opened_with(call, (yield from self._valid_token(backoff))))

    def pause_after(self, error: OtklikError, call: Call[Any], backoff: Backoff) -> float | None:
        """Seconds until a failed call may be tried again; None when that could do harm, or would be in vain."""
        if error.is_passing and (error.is_unheard or call.is_repeatable):
            return backoff.next_pause(error.retry_after)
        return None

    @contextmanager
    def reporting_loss(self) -> Iterator[None]:
        """What httpx2 raises when there is no answer, as what we raise."""
        try:
            yield
        except (httpx2.RequestError, httpx2.InvalidURL) as error:
            raise self.not_reachable(error) from error

    def not_reachable(self, error: Exception) -> NotReachable:
        """What we raise when a try failed with `error`."""
        return NotReachable(
            f"{self.url} does not answer ({type(error).__name__}: {error}).",
            is_passing=isinstance(error, _PASSING),
            is_unheard=isinstance(error, _UNHEARD),
        )

    def authenticate(self) -> Steps[None]:
        """Make sure that there is a token; ProblemError when the credentials are refused."""
        yield from self._valid_token(self.backoff())

    def _opened_with(self, call: Call[Any], token: str) -> Steps[httpx2.Response]:
        headers = call.all_headers() | ({"Authorization": f"Bearer {token}"} if token else {})
        with self.reporting_loss():
            response: httpx2.Response = yield Open(call, headers)
            if response.is_success or response.status_code == httpx2.codes.NOT_MODIFIED:
                return response
            yield ReadAll(response)
        raise ProblemError.of(response)

    def _valid_token(self, backoff: Backoff) -> Steps[str]:
        """Fetched by one of all those who need it at the same time, before it ends."""
        if self._credentials.client_id and time.monotonic() >= self._renew_at:
            yield OneAtATime(self._renew(backoff))
        return self._token

    def _renew(self, backoff: Backoff) -> Steps[None]:
        asked_at = time.monotonic()
        if asked_at < self._renew_at:
            return  # another has just done it
        form = {
            "grant_type": "client_credentials",
            "client_id": self._credentials.client_id,
            "client_secret": self._credentials.client_secret,
        }
        call = Call("POST", "/oauth/token", Token, form=form, authorised=False, is_safe=True)
        token = call.read((yield from self.answer(call, backoff)).content)
        self._token = token.access_token
        self._renew_at = asked_at + token.expires_in - min(RENEWAL_MARGIN, token.expires_in / 4)

    def _revalidated(self, call: Call[Any]) -> Steps[bytes]:
        address = f"{call.path}?{sorted(call.all_query().items())}"
        etag, content = self._kept.get(address, ("", b""))
        asked = replace(call, headers={**call.headers, "If-None-Match": etag}) if etag else call
        response = yield from self.answer(asked)
        if response.status_code != httpx2.codes.NOT_MODIFIED:
            etag, content = response.headers.get("etag", ""), response.content
        if etag:
            self._kept[address] = etag, content
            self._kept.move_to_end(address)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return content
