"""Run an app with uvicorn on the addresses of the settings: host:port or unix:/path."""

from __future__ import annotations

import os
import resource
import socket

import structlog
import uvicorn
from starlette.types import ASGIApp

from chassis.settings import Settings

BACKLOG = 4096
GROUP_UMASK = 0o007
log = structlog.get_logger()


def serve(app: ASGIApp, settings: Settings, *more_addresses: str) -> None:
    """Serve until SIGTERM or SIGINT; blocks. The same app may listen on several addresses."""
    addresses = [settings.listen, *filter(None, more_addresses)]
    _allow_many_connections()
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_config=None,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=10,
        server_header=False,
        date_header=False,
        ws="none",
        backlog=BACKLOG,
    )
    sockets = [bind(address) for address in addresses]
    log.info("listening", addresses=addresses)
    uvicorn.Server(config).run(sockets=sockets)


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
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind((host, port))
    return bound


def split_address(address: str) -> tuple[str, int]:
    """`host:port` or `[v6]:port` as a pair."""
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)


def _allow_many_connections() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(
        resource.RLIMIT_NOFILE, (hard if hard != resource.RLIM_INFINITY else max(soft, 65536), hard)
    )
