"""Run an app with uvicorn on the addresses of the settings: host:port or unix:/path."""

from __future__ import annotations

import ctypes
import gc
import os
import resource
import socket
from contextlib import suppress
from typing import Any, Protocol

import structlog
import uvicorn
from starlette.types import ASGIApp

from chassis.ending import EXIT_CODE, is_ending, on_ending
from chassis.http1 import Limits, strict_protocol
from chassis.http1.limits import BEHIND_THE_GATEWAY
from chassis.logs import log_as_a_process

BACKLOG = 4096
GROUP_UMASK = 0o007
# New objects at which the collector looks for cycles (Python: 700). Nearly everything here is freed without it.
NEW_OBJECTS = 50_000
_ARENA_MAX, _MMAP_THRESHOLD = -8, -3  # malloc.h: M_ARENA_MAX, M_MMAP_THRESHOLD
_LARGE = 128 * 1024  # bytes
log = structlog.get_logger()


class Listening(Protocol):
    """Settings of whatever answers: `unix:/path` or `host:port`."""

    @property
    def listen(self) -> str: ...


def serve(
    app: ASGIApp, settings: Listening, *more_addresses: str, limits: Limits = BEHIND_THE_GATEWAY
) -> None:
    """Serve until SIGTERM or SIGINT; blocks. The same app may listen on several addresses."""
    share_memory()
    log_as_a_process()
    addresses = [settings.listen, *filter(None, more_addresses)]
    _allow_many_connections()
    _spare_the_collector()
    sockets = [bind(address) for address in addresses]
    log.info("listening", addresses=addresses)
    server = uvicorn.Server(server_config(app, limits))
    on_ending(lambda: setattr(server, "should_exit", True))
    server.run(sockets=sockets)
    if is_ending():
        raise SystemExit(EXIT_CODE)


def server_config(app: ASGIApp, limits: Limits, **changes: Any) -> uvicorn.Config:
    """How every process of ours speaks HTTP; `changes` for tests and measurements."""
    options: dict[str, Any] = {
        "loop": "uvloop",
        "http": strict_protocol(limits),
        "access_log": False,
        "log_config": None,
        "timeout_keep_alive": 75,
        "timeout_graceful_shutdown": 10,
        "server_header": False,
        "date_header": False,
        "proxy_headers": False,  # whom to believe is the gateway's own decision
        "ws": "none",
        "backlog": BACKLOG,
    }
    return uvicorn.Config(app, **{**options, **changes})


def bind(address: str) -> socket.socket:
    """A socket for `host:port`, `[v6]:port` or `unix:/path`; a unix socket belongs to its owner alone, or, in a process
    that was started with the umask 007, to its group too."""
    if address.startswith("unix:"):
        path = address.removeprefix("unix:")
        if os.path.exists(path):
            os.unlink(path)
        bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        before = os.umask(0o177)
        if before == GROUP_UMASK:
            os.umask(0o117)
        try:
            bound.bind(path)
        finally:
            os.umask(before)
        return bound
    host, port = split_address(address)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named, so that the event loop knows it for TCP and sends small pieces at once.
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind((host, port))
    return bound


def split_address(address: str) -> tuple[str, int]:
    """`host:port` or `[v6]:port` as a pair."""
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)


def share_memory() -> None:
    """All threads take memory from one heap (glibc, mallopt(3)); call it before there are others.

    With a heap for each, what a batch took in one thread is not there for the next batch in another: under a flood routing
    held 200 MB in five of them. The interpreter's lock lets one thread at a time ask for memory anyway. Large pieces (bodies,
    batches) are the kernel's own again as soon as they are given back; by itself the bound rises with what was large once.
    """
    with suppress(AttributeError, OSError):  # another C library
        library = ctypes.CDLL(None)
        library.mallopt(_ARENA_MAX, 1)
        library.mallopt(_MMAP_THRESHOLD, _LARGE)


def _spare_the_collector() -> None:
    """What has been imported stays for the life of the process: cycles are not looked for in it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, 20, 20)


def _allow_many_connections() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(
        resource.RLIMIT_NOFILE, (hard if hard != resource.RLIM_INFINITY else max(soft, 65536), hard)
    )
