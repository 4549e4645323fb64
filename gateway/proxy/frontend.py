"""The frontend: finds the route, checks token and limits, and lets the request through. Raw ASGI, no framework."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import structlog
from prometheus_client import Counter
from starlette.types import ASGIApp, Receive, Scope, Send

from chassis.limits import TooMany, address_key
from chassis.problems import NotFound, Problem, problem_of, problem_response
from chassis.spans import are_exported, begin_span
from chassis.telemetry import REQUEST_SECONDS, RequestContext, end_request, identified
from chassis.unpacking import unpacked
from gateway.callers import CallerAddresses
from gateway.clients.registry import ClientRegistry
from gateway.origins import PREFLIGHT, Origins, is_preflight
from gateway.proxy.allowances import Allowance
from gateway.proxy.api_keys import KeyedRequest, find_api_key, reads_form
from gateway.proxy.exchanges import Bulkheads, Exchange
from gateway.proxy.failures import Gone
from gateway.proxy.forwarding import forward
from gateway.proxy.headers import Headers
from gateway.proxy.own import serve_own
from gateway.proxy.refusals import problem_page, reads_pages
from gateway.proxy.revalidation import revalidated
from gateway.proxy.upstreams import Upstream
from gateway.routes import Route, RouteTree
from gateway.settings import GatewaySettings
from gateway.shared_limits import SharedLimits
from gateway.tokens.api_keys import ApiKeys
from gateway.tokens.authenticator import Authenticator
from gateway.tokens.known_results import AuthResult

log = structlog.get_logger()
REFUSED = Counter("otklik_gateway_refused_total", "Requests the gateway refused itself", ("problem",))


class Broken(Problem):
    status, slug, title = 500, "internal", "Something went wrong on our side"


@dataclass
class Frontend:
    """Everything a request passes before a service sees it."""

    settings: GatewaySettings
    authenticator: Authenticator
    api_keys: ApiKeys
    registry: ClientRegistry
    limits: SharedLimits
    bulkheads: Bulkheads

    def __post_init__(self) -> None:
        self.callers = CallerAddresses(
            self.settings.proxy_networks, self.settings.pages_key.get_secret_value()
        )
        self.origins = Origins(self.settings.origins)
        self.tree = RouteTree()

    async def serve(self, scope: Scope, receive: Receive, send: Send, own: ASGIApp) -> None:
        """Answer one request: from a service, from `own` (the gateway's routes), or with a problem.

        OPTIONS needs no token: it tells what the interface's document tells everybody.
        """
        headers = _by_name(scope)
        scope = identified(scope, headers.get(b"x-request-id", b""))
        route = self.tree.find(scope["path"])
        readable = self._readable_by(route, headers.get(b"origin"))
        send = self.origins.mark(send, readable)
        if readable and is_preflight(scope["method"], headers):
            await PREFLIGHT(scope, receive, send)
            return
        started = time.perf_counter()
        try:
            exchange = await self._admit(route, scope, receive, send, headers)
            upstream = exchange.bulkhead.upstreams.get(exchange.route.service)
            if upstream is None:
                await serve_own(own, exchange)
                return
            status = (
                await _forward_traced(upstream, exchange)
                if are_exported()
                else await forward(upstream, exchange)
            )
            timer = _timer(scope["method"], exchange.route.prefix, status)
            timer.observe(time.perf_counter() - started)
        except Gone:
            REFUSED.labels("gone").inc()
        except Exception as error:
            as_page = route is not None and route.limit == "page" and reads_pages(headers)
            await RequestContext(_Refusal(error, as_page))(scope, receive, send)

    def _readable_by(self, route: Route | None, origin: bytes | None) -> Headers:
        """What lets the page of a site read the answer; nothing where the service itself says it."""
        if route is not None and route.own_origins:
            return []
        return self.origins.headers_for(origin, any_origin=route is not None and route.any_origin)

    async def _admit(
        self, route: Route | None, scope: Scope, receive: Receive, send: Send, headers: dict[bytes, bytes]
    ) -> Exchange:
        """Check token and rate of a request, and say with what it goes on."""
        if route is None:
            raise NotFound("There is nothing at this path.")
        asks_options = scope["method"] == "OPTIONS"
        result = authorization = None
        if route.limit != "none" and not asks_options:
            result = await self._authenticate(route, headers.get(b"authorization", b""))
        if route.takes_api_key and result is None and not asks_options:
            keyed = await self._find_key(route, scope, receive, headers)
            scope, receive = keyed.scope, keyed.receive
            result = await self._by_key(keyed)
        if result is not None:
            client_id, authorization = result.principal.client_id, result.forwarded_as
            if route.by_role:
                route = route.of_role(result.principal.role)
            send = await self._count(client_id, self.registry.rate(client_id), send)
        elif route.limit != "none":  # an open route, or OPTIONS
            send = await self._count(*self._address_limit(route, scope, asks_options), send)
        if route.revalidates(scope["path"]):
            send = revalidated(scope, headers, send)
        if b"content-encoding" in headers:
            scope, receive = unpacked(scope, receive)
            headers = _by_name(scope)
        bulkhead = self.bulkheads.of(route, is_known=result is not None)
        caller = address_key(self.callers.of(scope)) if route.names_caller else None
        return Exchange(route, scope, headers, receive, send, authorization, bulkhead, caller)

    async def _find_key(
        self, route: Route, scope: Scope, receive: Receive, headers: dict[bytes, bytes]
    ) -> KeyedRequest:
        if reads_form(scope, headers):
            # Whoever is to wait anyhow has no body read first; it is counted once it is known whose the request is.
            wait = await self.limits.wait(*self._address_limit(route, scope, asks_options=False))
            if wait > 0:
                raise TooMany(wait)
        return await find_api_key(scope, receive, headers, route.max_body, self.bulkheads.anybody.budget)

    async def _by_key(self, keyed: KeyedRequest) -> AuthResult | None:
        """The client behind a key; None without one, or where it is nobody's: the service says what that means."""
        if keyed.key is None:
            return None
        return await self.api_keys.authenticate(keyed.key, self.callers.of(keyed.scope))

    async def _authenticate(self, route: Route, header: bytes) -> AuthResult | None:
        """The checked token; None only on open routes, where a token is welcome but not needed."""
        if route.open and not header:
            return None
        known = self.authenticator.recall(header, time.time())
        if known is not None:
            return known
        try:
            return await self.authenticator.authenticate(header)
        except Problem:
            if route.open:
                return None
            raise

    def _address_limit(self, route: Route, scope: Scope, asks_options: bool) -> tuple[str, int]:
        """What a caller without a token counts as, and how much it may ask a minute."""
        address = address_key(self.callers.of(scope))
        if route.limit == "network" and not asks_options:
            return f"network {address}", self.settings.network_requests_per_minute
        if route.limit == "page":
            return f"page {address}", self.settings.page_requests_per_minute
        return address, self.settings.open_requests_per_minute

    async def _count(self, key: str, per_minute: int, send: Send) -> Send:
        """`send`, so that the answer says what is left; TooMany where nothing is."""
        wait = await self.limits.hit(key, per_minute)
        allowance = Allowance(per_minute, *self.limits.state(key, per_minute))
        if wait:
            raise allowance.refusal(wait)
        return allowance.mark(send)


async def _forward_traced(upstream: Upstream, exchange: Exchange) -> int:
    """With a span of our own, of which the service's is a part."""
    scope, name = exchange.scope, b"traceparent"
    span = begin_span(exchange.headers.get(name, b"").decode("latin-1"), "server")
    others = [pair for pair in scope["headers"] if pair[0] != name]
    exchange = replace(exchange, scope={**scope, "headers": [*others, (name, span.traceparent.encode())]})
    status = 500
    try:
        status = await forward(upstream, exchange)
    finally:
        end_request(span, scope["method"], exchange.route.prefix, status)
    return status


@dataclass(frozen=True, slots=True)
class _Refusal:
    """Answers with the problem that an error is, or with a page of it; what is written of it has the answer's X-Request-ID."""

    error: Exception
    as_page: bool

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        problem = _explain(self.error, scope)
        REFUSED.labels(problem.slug).inc()
        answer = problem_page(problem) if self.as_page else problem_response(problem)
        await answer(scope, receive, send)


def _by_name(scope: Scope) -> dict[bytes, bytes]:
    """The headers; of one that is sent twice the first counts."""
    return dict(reversed(scope["headers"]))


@lru_cache(maxsize=4096)
def _timer(method: str, route: str, status: int) -> Any:
    """The metric under its labels: looking them up costs more than counting."""
    return REQUEST_SECONDS.labels(method, route, status)


def _explain(error: Exception, scope: Scope) -> Problem:
    problem = problem_of(error)
    if problem is None:
        log.error("unhandled error at the frontend", route=scope["path"].split("/")[:4], exc_info=error)
        return Broken()
    return problem
