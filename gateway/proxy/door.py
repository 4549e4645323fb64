"""The door: finds the route, checks token and limits, and lets the request through. Raw ASGI, no framework."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import structlog
from prometheus_client import Counter
from starlette.types import ASGIApp, Receive, Scope, Send

from chassis.problems import NotFound, Problem, Unauthorised, problem_of, problem_response
from chassis.telemetry import REQUEST_SECONDS, RequestContext
from chassis.unpacking import unpacked
from gateway.callers import CallerAddresses
from gateway.clients.directory import Directory
from gateway.limits import TooMany, address_key
from gateway.origins import PREFLIGHT, Origins, is_preflight
from gateway.proxy.answers import Headers
from gateway.proxy.bodies import BodyBudget
from gateway.proxy.failures import Gone
from gateway.proxy.forwarding import forward
from gateway.proxy.own import serve_own
from gateway.proxy.upstreams import Upstream
from gateway.routes import Route, RouteTree
from gateway.settings import GatewaySettings
from gateway.shared_limits import SharedLimits
from gateway.tokens.verifying import Admission, Doorkeeper

log = structlog.get_logger()
REFUSED = Counter("otklik_gateway_refused_total", "Requests refused at the door", ("problem",))


class Broken(Problem):
    status, slug, title = 500, "internal", "Something went wrong on our side"


class Door:
    """Everything a request passes before a service sees it."""

    def __init__(
        self,
        settings: GatewaySettings,
        doorkeeper: Doorkeeper,
        directory: Directory,
        limits: SharedLimits,
        upstreams: Mapping[str, Upstream],
        open_upstreams: Mapping[str, Upstream],
    ) -> None:
        self.doorkeeper = doorkeeper
        self.directory = directory
        self.upstreams = upstreams
        self.open_upstreams = open_upstreams
        self.callers = CallerAddresses(settings.proxy_networks)
        self.origins = Origins(settings.origins)
        self.budget = BodyBudget(settings.open_body_bytes)
        self.limits = limits
        self.tree = RouteTree()
        self._address_rates = {
            "address": settings.open_requests_per_minute,
            "channel": settings.channel_requests_per_minute,
        }
        self._timers: dict[tuple[str, str, int], Any] = {}

    async def pass_through(self, scope: Scope, receive: Receive, send: Send, own: ASGIApp) -> None:
        """Answer one request: from a service, from `own` (the gateway's routes), or with a problem.

        OPTIONS needs no token: it tells what the interface's document tells everybody.
        """
        route = self.tree.find(scope["path"])
        origin = _header(scope["headers"], b"origin")
        any_origin = route is not None and route.any_origin
        send = self.origins.mark(send, origin, any_origin)
        if is_preflight(scope) and self.origins.permit(origin, any_origin) is not None:
            await PREFLIGHT(scope, receive, send)
            return
        await self._answer(route, scope, receive, send, own)

    async def _answer(
        self, route: Route | None, scope: Scope, receive: Receive, send: Send, own: ASGIApp
    ) -> None:
        started = time.perf_counter()
        try:
            if route is None:
                raise NotFound("There is nothing at this path.")
            authorization = await self._check(route, scope)
            scope, receive = unpacked(scope, receive)
            anybody = route.open or scope["method"] == "OPTIONS"
            upstream = (self.open_upstreams if anybody else self.upstreams).get(route.service)
            budget = self.budget if anybody else None
            if upstream is None:
                scope = _with_authorization(scope, authorization)
                await serve_own(own, route, scope, receive, send, budget)
                return
            status = await forward(upstream, route, scope, receive, send, authorization, budget)
        except Problem as problem:
            await _answer_problem(problem, scope, receive, send)
        except Gone:
            REFUSED.labels("gone").inc()
        except Exception as error:
            problem_met = problem_of(error)
            if problem_met is None:
                log.error("unhandled error at the door", route=scope["path"].split("/")[:4], exc_info=error)
            await _answer_problem(problem_met or Broken(), scope, receive, send)
        else:
            self._observe(scope["method"], route, status, time.perf_counter() - started)

    async def _check(self, route: Route, scope: Scope) -> bytes | None:
        """Token and rate. Returns what the Authorization header is to be replaced by, if anything."""
        admission = None
        if route.limit != "none" and scope["method"] != "OPTIONS":
            admission = await self._admit(route, _header(scope["headers"], b"authorization"))
        if admission is None:
            per_minute = self._address_rates.get("address" if route.limit == "client" else route.limit)
            if per_minute is not None:
                await self._count(address_key(self.callers.of(scope)), per_minute)
            return None
        client_id = admission.principal.client_id
        await self._count(client_id, self.directory.rate(client_id))
        return admission.forward

    async def _admit(self, route: Route, header: bytes | None) -> Admission | None:
        """The checked token; None only on open routes, where a token is welcome but not needed."""
        if header is None:
            if route.open:
                return None
            raise Unauthorised("Send `Authorization: Bearer <access token>`.")
        known = self.doorkeeper.recall(header, time.time())
        if known is not None:
            return known
        try:
            return await self.doorkeeper.admit(header)
        except Problem:
            if route.open:
                return None
            raise

    async def _count(self, key: str, per_minute: int) -> None:
        wait = await self.limits.hit(key, per_minute)
        if wait:
            raise TooMany(wait)

    def _observe(self, method: str, route: Route, status: int, seconds: float) -> None:
        labels = (method, route.prefix, status)
        timer = self._timers.get(labels)
        if timer is None:
            timer = self._timers[labels] = REQUEST_SECONDS.labels(*labels)
        timer.observe(seconds)


def _header(headers: Headers, name: bytes) -> bytes | None:
    for each, value in headers:
        if each == name:
            return value
    return None


def _with_authorization(scope: Scope, authorization: bytes | None) -> Scope:
    if authorization is None:
        return scope
    headers = [pair for pair in scope["headers"] if pair[0] != b"authorization"]
    return {**scope, "headers": [*headers, (b"authorization", authorization)]}


async def _answer_problem(problem: Problem, scope: Scope, receive: Receive, send: Send) -> None:
    REFUSED.labels(problem.slug).inc()
    await RequestContext(problem_response(problem))(scope, receive, send)
