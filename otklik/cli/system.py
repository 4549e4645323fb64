"""Which running system is meant, and with whose credentials it is asked."""

from __future__ import annotations

import json
import os
import socket
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from otklik.cli.failures import Failed
from otklik.client import Client

DEFAULT_URL = "http://127.0.0.1:8080"
PROBE_SECONDS = 1.0


@dataclass(frozen=True)
class Place:
    """Where the system is, as far as options and environment say."""

    url: str | None
    home: Path
    client_id: str | None = None
    client_secret: str | None = None

    def find_url(self) -> str:
        """`--url` / OTKLIK_URL, else the port in OTKLIK_PORT, else what runs on the home, else the default."""
        if self.url:
            return self.url
        if port := os.environ.get("OTKLIK_PORT"):
            return f"http://127.0.0.1:{port}"
        addresses = _read_object(self.home / "run" / "addresses.json")
        return str(addresses.get("url") or DEFAULT_URL)

    def credentials(self, role: str) -> tuple[str, str]:
        """Id and secret: as given, else those of `role` in `<home>/credentials.json`."""
        if self.client_id and self.client_secret:
            return self.client_id, self.client_secret
        if self.client_id or self.client_secret:
            raise Failed("Give both --client-id and --client-secret, or neither.")
        file = self.home / "credentials.json"
        found = _read_object(file).get(role)
        if not isinstance(found, dict):
            raise Failed(
                f"{file} has no credentials of a client `{role}`. Start the demo with `make run`, set OTKLIK_HOME "
                f"to its home, or pass --client-id and --client-secret."
            )
        return str(found["client_id"]), str(found["client_secret"])

    def client(self, role: str, patience: float = 30.0) -> Client:
        """A client with the rights of `role`, when somebody answers there."""
        url, credentials = self.find_url(), self.credentials(role)
        require_answer(url)
        return Client(url, *credentials, patience=patience)


def require_answer(url: str) -> None:
    """Nobody wants to wait out a client's whole patience for a system that was never started."""
    deadline = time.monotonic() + PROBE_SECONDS
    while True:
        try:
            with socket.create_connection(_address_of(url), timeout=PROBE_SECONDS):
                return
        except OSError as error:
            if time.monotonic() > deadline:
                raise Failed(
                    f"{url} does not answer ({error.strerror or error}). "
                    f"Start the system with `make run`, or set OTKLIK_URL."
                ) from None
            time.sleep(0.1)


def _address_of(url: str) -> tuple[str, int]:
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        parts, port = urlsplit(""), 0
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Failed(f"{url!r} is no address like {DEFAULT_URL}.")
    return parts.hostname, port


def _read_object(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise Failed(f"{file} cannot be read: {error}.") from None
    return content if isinstance(content, dict) else {}
