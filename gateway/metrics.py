"""Figures for Prometheus: of this process, and of all processes at one place."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cache

from fastapi import APIRouter, Request
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from chassis.problems import Problem
from chassis.security import AllowEverywhere
from chassis.serve import split_address
from gateway.proxy.upstreams import Upstream
from gateway.resources import GatewayResources, resources_of

ANSWER_SECONDS = 4.0
UP = "otklik_part_up"
router = APIRouter(include_in_schema=False)
_require_admin = AllowEverywhere("admin")


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """Of this process: open on the internal listener and that of metrics, elsewhere for admins of all regions."""
    await _require_right(request)
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


@router.get("/metrics/system")
async def metrics_of_all(request: Request) -> Response:
    """Of every process, each series with the label `job`: what asks the processes one by one calls it so, too. A process that
    does not answer is missing, and `otklik_part_up` of it is 0."""
    await _require_right(request)
    others = parts_of(resources_of(request))
    found = await asyncio.gather(*map(_fetch, others.values()))
    texts = {"gateway": generate_latest().decode()} | dict(zip(others, found, strict=True))
    return Response(together(texts), media_type=CONTENT_TYPE_LATEST)


async def _require_right(request: Request) -> None:
    settings = resources_of(request).settings
    came_in = request.scope.get("server")
    if not any(came_in_by(came_in, each) for each in (settings.internal_listen, settings.metrics_listen)):
        await _require_admin(request)


def parts_of(resources: GatewayResources) -> dict[str, Upstream]:
    """Every process behind this one."""
    return {**resources.known.upstreams, **resources.workers, **resources.bulkheads.pages.upstreams}


def came_in_by(server: tuple[str, int | None] | None, listener: str) -> bool:
    """Whether an end of a connection (host and port, or a socket's path) is one of that listener's (`HOST:PORT`, `[V6]:PORT`,
    `unix:PATH`); one that listens everywhere is known by its port, one at a name by what that means."""
    if server is None or not listener:
        return False
    host, port = server
    if port is None or listener.startswith("unix:"):
        return port is None and listener == f"unix:{host}"
    own_host, own_port = split_address(listener)
    meant = _addresses_of(own_host)
    return own_port == port and (
        host in meant or any(ipaddress.ip_address(each).is_unspecified for each in meant)
    )


@cache
def _addresses_of(host: str) -> frozenset[str]:
    """None of a name that nobody knows."""
    with suppress(ValueError):
        return frozenset({str(ipaddress.ip_address(host))})
    try:
        return frozenset(str(each[4][0]) for each in socket.getaddrinfo(host, None))
    except OSError:
        return frozenset()


async def _fetch(upstream: Upstream) -> str:
    """Empty where nothing comes."""
    try:
        answer = await upstream.fetch("/metrics", seconds=ANSWER_SECONDS)
    except (Problem, OSError):
        return ""
    return answer.body.decode(errors="replace") if answer.status == 200 else ""


def together(texts: Mapping[str, str]) -> str:
    """Expositions of several processes as one: the series of one metric have to stand together."""
    families: dict[str, tuple[list[str], list[str]]] = {}
    for part, text in texts.items():
        name = ""
        for line in text.splitlines():
            if line.startswith("# HELP "):
                name = line.split(" ", 3)[2]
            heads, series = families.setdefault(name, ([], []))
            if not line.startswith("#"):
                series.append(_labelled(line, part))
            elif len(heads) < 2:
                heads.append(line)
    ups = [f'{UP}{{job="{part}"}} {int(bool(text))}' for part, text in texts.items()]
    families[UP] = ([f"# HELP {UP} Whether a process answers the gateway", f"# TYPE {UP} gauge"], ups)
    return "\n".join(_lines(families.values())) + "\n"


def _lines(families: Iterable[tuple[list[str], list[str]]]) -> Iterable[str]:
    for heads, series in families:
        yield from heads
        yield from series


def _labelled(line: str, part: str) -> str:
    """A line of one series, with whose it is."""
    name, brace, rest = line.partition("{")
    if brace:
        return f'{name}{{job="{part}",{rest}'
    name, _, value = line.partition(" ")
    return f'{name}{{job="{part}"}} {value}'
