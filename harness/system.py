"""The whole system as an outsider sees it: `otklik up --demo` in a home of its own, spoken to over HTTP."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import psutil

PROJECT = Path(__file__).resolve().parent.parent
START_SECONDS = 180
# Everybody who tries pages here has one address.
FROM_ONE_ADDRESS = {"OTKLIK_PAGE_REQUESTS_PER_MINUTE": "100000"}
# Receivers of webhooks are on this machine, too.
ON_THIS_MACHINE = {"OTKLIK_WEBHOOK_NETWORKS": "127.0.0.0/8"}


def free_port() -> int:
    """A port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Account:
    """A client of the API: credentials in, fresh tokens out."""

    system: System
    client_id: str
    client_secret: str
    organisation: str = ""
    organisation_id: str = ""
    _token: str = ""
    _until: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def headers(self, **more: str) -> dict[str, str]:
        """Authorization (and more) for a request."""
        with self._lock:
            if time.monotonic() > self._until:
                answer = self.system.http.post(
                    "/oauth/token",
                    data={
                        "grant_type": "client_credentials",
                        "client_id": self.client_id,
                        "client_secret": self.client_secret,
                    },
                )
                answer.raise_for_status()
                self._token = answer.json()["access_token"]
                self._until = time.monotonic() + answer.json()["expires_in"] / 2
        return {"Authorization": f"Bearer {self._token}", **more}

    def request(self, method: str, path: str, **options: Any) -> httpx2.Response:
        """One request under this account; extra headers go into `headers`."""
        headers = self.headers(**options.pop("headers", {}))
        return self.system.http.request(method, path, headers=headers, **options)

    def get(self, path: str, **options: Any) -> httpx2.Response:
        """GET."""
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> httpx2.Response:
        """POST."""
        return self.request("POST", path, **options)


@dataclass
class PersonAccount(Account):
    """A person who signs in; `client_id` and `client_secret` are login and password."""

    person_id: str = ""

    def headers(self, **more: str) -> dict[str, str]:
        """Authorization (and more) for a request."""
        with self._lock:
            if time.monotonic() > self._until:
                body = {"login": self.client_id, "password": self.client_secret}
                answer = self.system.http.post("/api/v1/sessions", json=body)
                answer.raise_for_status()
                self.person_id = answer.json()["person"]["id"]
                self._token = answer.json()["access_token"]
                self._until = time.monotonic() + answer.json()["expires_in"] / 2
        return {"Authorization": f"Bearer {self._token}", **more}


@dataclass
class System:
    """A running `otklik up`."""

    home: Path
    port: int
    process: subprocess.Popen[bytes]
    http: httpx2.Client
    credentials: dict[str, Any] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """The gateway."""
        return f"http://127.0.0.1:{self.port}"

    def account(self, role: str) -> Account:
        """portal, coordinator, analyst, federal or admin."""
        entry = self.credentials[role]
        return Account(self, entry["client_id"], entry["client_secret"])

    def agency(self, organisation_id: str) -> Account:
        """The agency client of an organisation."""
        for entry in self.credentials["agencies"]:
            if entry["organisation_id"] == organisation_id:
                return Account(
                    self, entry["client_id"], entry["client_secret"], entry["organisation"], organisation_id
                )
        raise LookupError(organisation_id)

    def person(self, role: str) -> PersonAccount:
        """The demo's person of a role: agency, coordinator, analyst, federal or admin."""
        entry = next(each for each in self.credentials["people"] if each["role"] == role)
        organisation_id = entry.get("organisation_id", "")
        return PersonAccount(self, entry["login"], entry["password"], "", organisation_id)

    def agencies(self) -> list[Account]:
        """All agency clients."""
        return [self.agency(entry["organisation_id"]) for entry in self.credentials["agencies"]]

    def descendants(self) -> list[psutil.Process]:
        """Every process that `up` started."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def process_of(self, part: str) -> psutil.Process:
        """The main process of a part: intake, intake-work, routing, sla, analytics, gateway, nats-server, postgres."""
        direct = psutil.Process(self.process.pid).children()
        for child in direct:
            line = _command_line(child)
            if part.partition("-work")[0] in line and line.endswith(" work") == part.endswith("-work"):
                return child
        raise LookupError(f"{part} among {[_command_line(child) for child in direct]}")

    def kill(self, part: str) -> None:
        """kill -9 of one part."""
        self.process_of(part).send_signal(signal.SIGKILL)

    def is_ready(self) -> bool:
        """Whether /health/ready is 200 now."""
        try:
            return self.http.get("/health/ready").status_code == 200
        except httpx2.HTTPError:
            return False

    def wait_ready(self, seconds: float = START_SECONDS) -> None:
        """Until /health/ready is 200."""
        deadline = time.monotonic() + seconds
        while not self.is_ready():
            if self.process.poll() is not None:
                raise AssertionError(f"otklik up ended: {self.tail('up')}")
            if time.monotonic() > deadline:
                detail = self.http.get("/health/ready").text
                raise AssertionError(f"not ready after {seconds} s: {detail}\n{self.tail('up')}")
            time.sleep(0.1)

    def tail(self, name: str, lines: int = 30) -> str:
        """The end of a log."""
        file = self.home / "log" / f"{name}.log"
        return "\n".join(file.read_text(errors="replace").splitlines()[-lines:]) if file.exists() else ""


def _command_line(process: psutil.Process) -> str:
    """Empty for one that has ended, also while nobody has asked how."""
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return ""


def launch(home: Path, port: int, *, demo: bool = True) -> System:
    """Start `otklik up` and wait for nothing."""
    (home / "log").mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "otklik", "up", "--home", str(home), "--port", str(port)]
    if demo:
        command.append("--demo")
    environment = {key: value for key, value in os.environ.items() if not key.startswith("OTKLIK_")}
    with (home / "log" / "up.log").open("ab") as log:
        process = subprocess.Popen(
            command,
            cwd=PROJECT,
            env=environment | FROM_ONE_ADDRESS | ON_THIS_MACHINE,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    http = httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=30)
    return System(home, port, process, http)


def start(home: Path, port: int, *, demo: bool = True) -> System:
    """Start `otklik up` and wait until it answers (and until the demo is loaded)."""
    system = launch(home, port, demo=demo)
    try:
        system.wait_ready()
        if demo:
            _wait_for_demo(system)
    except BaseException:
        stop(system)
        raise
    return system


def _wait_for_demo(system: System) -> None:
    deadline = time.monotonic() + START_SECONDS
    file = system.home / "credentials.json"
    while not file.exists():
        if time.monotonic() > deadline or system.process.poll() is not None:
            raise AssertionError(f"no credentials.json: {system.tail('up')}")
        time.sleep(0.1)
    system.credentials = json.loads(file.read_text())


def attach(home: Path) -> System:
    """A system that somebody has started: whoever writes pages tries them again and again beside one that goes on."""
    gateway = json.loads((home / "run" / "addresses.json").read_text())["url"]
    pid = (home / "run" / "lock").read_text().strip()
    alive = subprocess.Popen(["tail", f"--pid={pid}", "-f", "/dev/null"])  # ends when the system does
    http = httpx2.Client(base_url=gateway, timeout=30)
    credentials = json.loads((home / "credentials.json").read_text())
    return System(home, int(gateway.rpartition(":")[2]), alive, http, credentials)


def stop(system: System, seconds: float = 40) -> list[psutil.Process]:
    """Ctrl-C; returns the processes that were left behind (and ends them)."""
    children = system.descendants() if system.process.poll() is None else []
    if system.process.poll() is None:
        system.process.send_signal(signal.SIGINT)
    try:
        system.process.wait(seconds)
    except subprocess.TimeoutExpired:
        system.process.kill()
    left = [child for child in children if lives(child)]
    for child in left:
        with suppress(psutil.NoSuchProcess):
            child.kill()
    system.http.close()
    return left


def lives(process: psutil.Process) -> bool:
    """Whether it still runs (a zombie does not)."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def kill_everything(system: System) -> None:
    """kill -9 of `up` and all it started, at once."""
    victims = [psutil.Process(system.process.pid), *system.descendants()]
    for victim in victims:
        try:
            victim.kill()
        except psutil.NoSuchProcess:
            continue
    system.process.wait(10)
    psutil.wait_procs(victims, timeout=10)
    system.http.close()


@contextmanager
def running(home: Path) -> Iterator[System]:
    """A demo system for the block."""
    system = start(home, free_port())
    try:
        yield system
    finally:
        stop(system)


def drained(system: System) -> bool:
    """Whether no event is waiting anywhere: outboxes empty, consumers without lag, no log that is being sent again."""
    admin = system.account("admin")
    for service in ("intake", "routing", "sla", "analytics"):
        backlog = admin.get(f"/api/v1/operations/{service}/backlog").json()
        if any(backlog[waiting] for waiting in ("unsaid", "outbox_pending", "consumer_lag", "replays")):
            return False
    return True
