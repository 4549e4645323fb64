"""Where everything lies below one home folder, and the lock that lets only one `otklik up` use it."""

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from infra.local.errors import StartError
from infra.local.ports import assigned_port, is_free, unassign_port

LONGEST_SOCKET_PATH = 100  # the kernel takes 107 bytes
_LONGEST_SOCKET_NAME = "gateway-internal/http"


@dataclass(frozen=True)
class Home:
    """One folder with everything that one system keeps."""

    root: Path

    @classmethod
    def at(cls, directory: str | os.PathLike[str]) -> "Home":
        """The home in `directory`, its folders made if they are missing."""
        home = cls(Path(directory).expanduser().resolve())
        # Others may pass through (Postgres and NATS run as another user when we are root) not look around.
        home.root.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
        home.run.mkdir(mode=0o711, exist_ok=True)
        home.log.mkdir(mode=0o700, exist_ok=True)
        return home

    @property
    def postgres(self) -> Path:
        """The database's data."""
        return self.root / "postgres"

    @property
    def nats(self) -> Path:
        """The broker's store and configuration."""
        return self.root / "nats"

    @property
    def figures(self) -> Path:
        """The copy of the facts that figures are read from; where it is, figures are read from it."""
        return self.root / "figures"

    @property
    def attachments(self) -> Path:
        """Files of appeals and of answers, sealed; a copy of the database is whole with this folder only."""
        return self.root / "attachments"

    @property
    def exports(self) -> Path:
        """Where files that go out are written, before they are sent."""
        return self.run / "exports"

    @property
    def log(self) -> Path:
        """The logs of all processes."""
        return self.root / "log"

    @property
    def run(self) -> Path:
        """What is of use only while it runs: sockets, ports, addresses."""
        return self.root / "run"

    @property
    def postgres_socket(self) -> Path:
        """The folder of Postgres's socket, which Postgres's own user may write to."""
        return self.run / "pg"

    @property
    def secrets_file(self) -> Path:
        """Keys and passwords."""
        return self.root / "secrets.json"

    @property
    def ports_file(self) -> Path:
        """Which ports were chosen."""
        return self.run / "ports.json"

    @property
    def hold_file(self) -> Path:
        """While it is there, /health/ready says "not ready": first data are still being loaded."""
        return self.run / "loading"

    @property
    def addresses_file(self) -> Path:
        """Where the running system is reached."""
        return self.run / "addresses.json"

    def log_file(self, name: str) -> Path:
        """Of the process of that name."""
        return self.log / f"{name}.log"

    @property
    def has_sockets(self) -> bool:
        """Unix sockets wherever their paths are short enough for the kernel; loopback ports otherwise."""
        return len(os.fsencode(self.run / _LONGEST_SOCKET_NAME)) <= LONGEST_SOCKET_PATH

    def socket(self, name: str) -> Path:
        """In a folder of its own, which belongs to the process that listens: only it may put a socket there."""
        return self.run / name / "http"

    def address(self, name: str) -> str:
        """Where the process of that name listens inside this home: `unix:PATH` or `127.0.0.1:PORT`."""
        if self.has_sockets:
            return f"unix:{self.socket(name)}"
        return f"127.0.0.1:{assigned_port(self.ports_file, name)}"

    def reassign_taken_ports(self, names: Iterable[str]) -> None:
        """Before the start: a remembered port that a stranger took meanwhile is chosen anew."""
        for name in names:
            if not self.has_sockets and not is_free(assigned_port(self.ports_file, name)):
                unassign_port(self.ports_file, name)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the home for this process; the kernel lets go of it however the process ends."""
        with (self.run / "lock").open("a+", encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                holder = file.read().strip() or "unknown"
                raise StartError(
                    f"{self.root} is already in use by a running otklik (process {holder}). "
                    f"Stop that one first, or choose another --home."
                ) from None
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            yield
