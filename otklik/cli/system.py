"""Which running system is meant, and with whose credentials it is asked."""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

from otklik.cli.failures import Failed
from otklik_client import Client

DEFAULT_URL = "http://127.0.0.1:8080"
DEFAULT_PORTS = {"http": 80, "https": 443}
PROBE_SECONDS = 1.0


@dataclass(frozen=True)
class Target:
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
        found = _read_object(file).get(role) or self._first_admin(role)
        if not isinstance(found, dict):
            raise Failed(
                f"{file} has no credentials of a client `{role}`. Start the demo with `make run`, set OTKLIK_HOME "
                f"to its home, or pass --client-id and --client-secret."
            )
        return str(found["client_id"]), str(found["client_secret"])

    def _first_admin(self, role: str) -> Mapping[str, object] | None:
        """Of a home that is no demo: who makes all other clients."""
        file = self.home / "secrets.json"
        if role != "admin" or not os.access(file, os.R_OK):
            return None
        secrets = _read_object(file)
        names = {"client_id": "bootstrap_admin_id", "client_secret": "bootstrap_admin_secret"}
        return {name: secrets[stored] for name, stored in names.items() if stored in secrets} or None

    def credentials_of_organisation(self, wanted: str) -> tuple[str, str]:
        """Of an organisation's client in `<home>/credentials.json`: its id, or words of its name that no other has."""
        file = self.home / "credentials.json"
        entries = _read_object(file).get("agencies")
        found = [
            entry
            for entry in (entries if isinstance(entries, list) else [])
            if wanted == entry["organisation_id"]
            or wanted.casefold() in str(entry["organisation"]).casefold()
        ]
        if len(found) != 1:
            names = ", ".join(str(entry["organisation"]) for entry in found[:5]) or "none"
            raise Failed(
                f"{wanted!r} has to mean one organisation of {file}; it means {len(found)}: {names}."
            )
        return str(found[0]["client_id"]), str(found[0]["client_secret"])

    def identity(self, role: str) -> tuple[str, str]:
        """Which system it is, and as whom it is spoken to: two installations behind one address have other clients. The client is
        empty where none is known."""
        with suppress(Failed):
            return self.find_url(), self.credentials(role)[0]
        return self.find_url(), ""

    def agencies(self) -> Mapping[UUID, tuple[str, str]]:
        """Id and secret of each organisation's client in `<home>/credentials.json`, by the organisation; none where the
        system is not a demo."""
        found = _read_object(self.home / "credentials.json").get("agencies")
        entries = [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []
        return {
            UUID(str(entry["organisation_id"])): (str(entry["client_id"]), str(entry["client_secret"]))
            for entry in entries
        }

    def client(self, role: str, patience: float = 30.0) -> Client:
        """A client with the rights of `role`, when somebody answers there."""
        url, credentials = self.find_url(), self.credentials(role)
        require_answer(url)
        return Client(url, *credentials, patience=patience)


def require_answer(url: str) -> None:
    """Nobody wants to wait out a client's whole patience for a system that was never started."""
    address = _address_of(url)
    deadline = time.monotonic() + PROBE_SECONDS
    while True:
        try:
            with socket.create_connection(address, timeout=PROBE_SECONDS):
                return
        except OSError as error:
            if time.monotonic() > deadline:
                raise Failed(
                    f"{url} does not answer ({error.strerror or error}). "
                    f"Start the system with `make run`, or set OTKLIK_URL."
                ) from None
            time.sleep(0.1)


def _address_of(url: str) -> tuple[str, int]:
    with suppress(ValueError):  # no port, or no URL at all
        parts = urlsplit(url)
        if parts.scheme in DEFAULT_PORTS and parts.hostname:
            return parts.hostname, parts.port or DEFAULT_PORTS[parts.scheme]
    raise Failed(f"{url!r} is no address like {DEFAULT_URL}.")


def _read_object(file: Path) -> Mapping[str, object]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise Failed(f"{file} cannot be read: {error}.") from None
    return content if isinstance(content, dict) else {}
