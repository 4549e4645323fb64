"""Pages with settings of their own, served beside a running system, and a source of tiles."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from threading import Thread

import httpx2
from PIL import Image

from harness.system import PROJECT, System, free_port
from tests.journeys.steps import until


@contextmanager
def pages_beside(system: System, **settings: str) -> Iterator[str]:
    """The address of pages that ask this system; `settings`: `OTKLIK_…` without the beginning."""
    port = free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OTKLIK_")}
    own = {
        "OTKLIK_LISTEN": f"127.0.0.1:{port}",
        "OTKLIK_GATEWAY_URL": system.url,
        "OTKLIK_PAGES_KEY": json.loads((system.home / "secrets.json").read_text())["pages_key"],
        "OTKLIK_LOG_LEVEL": "ERROR",
        **{f"OTKLIK_{name.upper()}": value for name, value in settings.items()},
    }
    process = subprocess.Popen([sys.executable, "-m", "web.main"], cwd=PROJECT, env=kept | own)
    url = f"http://127.0.0.1:{port}"
    try:
        until(lambda: _answers(url), 90)
        yield url
    finally:
        process.terminate()
        process.wait(30)


def _answers(url: str) -> bool:
    try:
        return httpx2.get(f"{url}/health/live", timeout=5).status_code == 200
    except httpx2.TransportError:
        return False


class _Tiles(BaseHTTPRequestHandler):
    """Answers every address with a grey picture."""

    def do_GET(self) -> None:
        """Of the server."""
        content = BytesIO()
        Image.new("RGB", (256, 256), (200, 200, 200)).save(content, "PNG")
        self.send_response(200)
        self.send_header("Content-Type", "image/png")
        self.send_header("Content-Length", str(len(content.getvalue())))
        self.end_headers()
        self.wfile.write(content.getvalue())

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@contextmanager
def tiles() -> Iterator[str]:
    """A source of tiles, as the setting takes it."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Tiles)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/{{z}}/{{x}}/{{y}}.png"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
