"""Run an app with uvicorn on the address of the settings: host:port or unix:/path."""

from __future__ import annotations

import os

import uvicorn
from starlette.types import ASGIApp

from chassis.settings import Settings


def serve(app: ASGIApp, settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; blocks."""
    options: dict[str, object] = {
        "loop": "uvloop",
        "http": "httptools",
        "access_log": False,
        "log_config": None,
        "timeout_keep_alive": 75,
        "timeout_graceful_shutdown": 10,
        "server_header": False,
        "date_header": False,
        "ws": "none",
        "backlog": 4096,
    }
    if settings.listen.startswith("unix:"):
        path = settings.listen.removeprefix("unix:")
        if os.path.exists(path):
            os.unlink(path)
        os.umask(0o077)
        uvicorn.run(app, uds=path, **options)  # type: ignore[arg-type]
    else:
        host, _, port = settings.listen.rpartition(":")
        uvicorn.run(app, host=host, port=int(port), **options)  # type: ignore[arg-type]
