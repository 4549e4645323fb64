"""What `otklik up` starts, as data, and the environment each process gets."""

import os
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from contracts.parts import PAGES
from infra.local.child import Child, Forks
from infra.local.credentials import Secrets
from infra.local.files import private_directory
from infra.local.identity import CAP_NET_BIND_SERVICE, Identity, homeless
from infra.local.nats import inbox_prefix
from infra.local.orphans import MARK
from infra.local.paths import Home

PROJECT = Path(__file__).resolve().parents[2]

# Which secrets exist, and under which name a process finds them.
SECRETS: Mapping[str, str] = {
    "encryption_key": "OTKLIK_ENCRYPTION_KEY",
    "routing_encryption_key": "OTKLIK_ENCRYPTION_KEY",
    "sla_encryption_key": "OTKLIK_ENCRYPTION_KEY",
    "words_key": "OTKLIK_WORDS_KEY",
    "words_public_key": "OTKLIK_WORDS_PUBLIC_KEY",
    "hash_key": "OTKLIK_HASH_KEY",
    "cursor_key": "OTKLIK_CURSOR_KEY",
    "pages_key": "OTKLIK_PAGES_KEY",
    "bootstrap_admin_id": "OTKLIK_BOOTSTRAP_ADMIN_ID",
    "bootstrap_admin_secret": "OTKLIK_BOOTSTRAP_ADMIN_SECRET",
}
COMMON_SECRETS = ("hash_key", "cursor_key")
GATEWAY = "gateway"
MIGRATIONS = "chassis.migrations"
# What every part of ours reads: the interpreter, its library, what is installed in it, and the project itself.
CODE = (
    Path(sys.executable),
    Path(os.__file__),
    Path(sysconfig.get_path("purelib"), "uvicorn", "__init__.py"),
    PROJECT / "chassis" / "__init__.py",
)
OWN_FILES = 0o077
SHARED_SOCKETS = 0o007  # parts that run as users of their own reach each other through their group
STOP_GRACE = 15.0  # more than the time uvicorn gives to requests in flight
INTERNAL = "gateway-internal"  # the gateway's second address: its public keys, for the services


@dataclass(frozen=True)
class Process:
    """One process of the system, as it is to be started."""

    part: str
    command: tuple[str, ...]
    migration: tuple[str, ...] = ()  # run to its end before any process starts
    niceness: int = 0
    secrets: tuple[str, ...] = COMMON_SECRETS

    @property
    def is_gateway(self) -> bool:
        """Whether callers from outside reach it."""
        return self.part == GATEWAY

    @property
    def service(self) -> str:
        """Whose schema and streams it works with: a service may be several processes."""
        return self.part.partition("-")[0]


def upstream_variable(part: str) -> str:
    """How the gateway learns where a part listens."""
    return f"OTKLIK_UPSTREAM_{part.upper().replace('-', '_')}"


def _python(*words: str) -> tuple[str, ...]:
    return (sys.executable, "-m", *words)


def _migration(part: str) -> tuple[str, ...]:
    return _python(MIGRATIONS, part, "upgrade")


# The foreground comes first: the parts that may lag behind it have a lower priority when the machine is busy.
MAY_LAG = 10
INTAKE_SECRETS = ("encryption_key", "words_key", *COMMON_SECRETS)
ROUTING_SECRETS = ("routing_encryption_key", "words_public_key", *COMMON_SECRETS)
SLA_SECRETS = ("sla_encryption_key", "words_public_key", *COMMON_SECRETS)
ANALYTICS = "analytics"
INTAKE = "intake"
BOOTSTRAP_ADMIN = ("bootstrap_admin_id", "bootstrap_admin_secret")
GATEWAY_SECRETS = ("encryption_key", "pages_key", *BOOTSTRAP_ADMIN, *COMMON_SECRETS)

PAGES_SECRETS = ("pages_key",)

PROCESSES: tuple[Process, ...] = (
    # Registering is what people wait for; masking, relaying and history are worked off beside it (ADR 9).
    Process("intake", _python("services.intake.main", "front"), _migration("intake"), secrets=INTAKE_SECRETS),
    Process("intake-work", _python("services.intake.main", "work"), niceness=MAY_LAG, secrets=INTAKE_SECRETS),
    Process("routing", _python("services.routing.main"), _migration("routing"), MAY_LAG, ROUTING_SECRETS),
    Process("sla", _python("services.sla.main"), _migration("sla"), MAY_LAG, SLA_SECRETS),
    Process("analytics", _python("services.analytics.main"), _migration("analytics"), niceness=MAY_LAG),
    Process(PAGES, _python("web.main"), secrets=PAGES_SECRETS),
    Process(GATEWAY, _python("gateway.main"), _migration(GATEWAY), secrets=GATEWAY_SECRETS),
)


@dataclass(frozen=True)
class LaunchContext:
    """What the processes of one home are started with."""

    home: Home
    secrets: Secrets
    listen: str  # of the gateway: HOST:PORT
    database_urls: Mapping[str, str]  # by role
    nats_urls: Mapping[str, str]  # by user
    inherited: Mapping[str, str] = field(default_factory=lambda: os.environ)
    forks: Forks | None = None

    def environment_of(self, process: Process, others: tuple[Process, ...]) -> dict[str, str]:
        """Only what this process needs; the administrator's URLs and others' secrets are taken out."""
        withheld = {"OTKLIK_DATABASE_URL", "OTKLIK_NATS_URL", "OTKLIK_NATS_MONITOR_URL", *SECRETS.values()}
        inherited = {name: value for name, value in self.inherited.items() if name not in withheld}
        search_path = [str(PROJECT), *filter(None, [inherited.get("PYTHONPATH")])]
        return {
            **inherited,
            MARK: str(self.home.root),
            "PYTHONPATH": os.pathsep.join(search_path),
            "PYTHONUNBUFFERED": "1",
            "OTKLIK_HOME": str(self.home.root),
            "OTKLIK_SERVICE": process.service,
            **self._database_of(process),
            **{SECRETS[name]: getattr(self.secrets, name) for name in process.secrets},
            **self._servers_of(process),
            **self._figures_of(process),
            **self._attachments_of(process),
            **(self._addresses_of_gateway(others) if process.is_gateway else self._addresses_of(process)),
        }

    def _database_of(self, process: Process) -> dict[str, str]:
        """Of a part that owns a schema."""
        url = self.database_urls.get(process.service)
        return {"OTKLIK_DATABASE_URL": url} if url else {}

    def _servers_of(self, process: Process) -> dict[str, str]:
        servers = {}
        if process.service == PAGES:
            return {"OTKLIK_GATEWAY_URL": self.home.address(INTERNAL)}
        if "OTKLIK_DATABASE_URL" not in self.inherited:
            servers["OTKLIK_DATABASE_FOLDER"] = str(self.home.postgres)
        if process.service in self.nats_urls:
            servers["OTKLIK_NATS_URL"] = self.nats_urls[process.service]
            servers["OTKLIK_NATS_INBOX_PREFIX"] = inbox_prefix(process.service)
        return servers

    def _figures_of(self, process: Process) -> dict[str, str]:
        """A home that has a copy of the facts goes on with it, unless it is told otherwise."""
        if process.service != ANALYTICS:
            return {}
        usual = "on" if self.home.figures.exists() else "off"
        return {
            "OTKLIK_FIGURES_COPY": self.inherited.get("OTKLIK_FIGURES_COPY", usual),
            "OTKLIK_FIGURES_FOLDER": str(self.home.figures),
            "OTKLIK_EXPORTS_FOLDER": str(self.home.exports),
        }

    def _attachments_of(self, process: Process) -> dict[str, str]:
        return {"OTKLIK_ATTACHMENTS_FOLDER": str(self.home.attachments)} if process.service == INTAKE else {}

    def _make_folders(self, process: Process, identity: Identity | None) -> None:
        """The services may not make folders in a home of root's. Files are the front's alone: it deletes them, too."""
        if process.part == INTAKE:
            private_directory(self.home.attachments, identity)
        if process.service == ANALYTICS:
            private_directory(self.home.exports, identity)
        if self._figures_of(process).get("OTKLIK_FIGURES_COPY") == "on":
            private_directory(self.home.figures, identity)

    def _addresses_of(self, process: Process) -> dict[str, str]:
        return {
            "OTKLIK_LISTEN": self.home.address(process.part),
            "OTKLIK_JWKS_URL": self.home.address(INTERNAL),
        }

    def _addresses_of_gateway(self, others: tuple[Process, ...]) -> dict[str, str]:
        return {
            "OTKLIK_LISTEN": self.listen,
            "OTKLIK_INTERNAL_LISTEN": self.home.address(INTERNAL),
            "OTKLIK_HOLD_FILE": str(self.home.hold_file),
            **{
                upstream_variable(other.part): self.home.address(other.part)
                for other in others
                if not other.is_gateway
            },
        }

    def child_of(self, process: Process, others: tuple[Process, ...]) -> Child:
        """The part itself, as a user that holds its secrets and no other's."""
        identity = Identity.of(process.part, self.home.root)
        environment = self.environment_of(process, others)
        self._make_folders(process, identity)
        return Child(
            name=process.part,
            command=process.command,
            log=self.home.log_file(process.part),
            environment=homeless(environment, identity),
            directory=PROJECT,
            niceness=process.niceness,
            identity=identity,
            capabilities=self._capabilities(process, identity),
            umask=OWN_FILES if identity is None else SHARED_SOCKETS,
            forks=self.forks,
        )

    def migration_of(self, process: Process, others: tuple[Process, ...]) -> Child:
        """Its migration, as yet another user: it may change the tables."""
        identity = Identity.of(process.part, self.home.root, migration=True)
        return Child(
            name=f"migration of {process.part}",
            command=process.migration,
            log=self.home.log_file(f"migration-{process.part}"),
            environment=homeless(self.migration_environment_of(process, others), identity),
            directory=PROJECT,
            identity=identity,
            capabilities=self._capabilities(process, identity),
            forks=self.forks,
        )

    def _capabilities(self, process: Process, identity: Identity | None) -> tuple[int, ...]:
        if identity is None:
            return ()
        model = filter(None, [self.inherited.get("OTKLIK_CLASSIFIER_MODEL")])
        reach = identity.capability_to_read([*CODE, *map(Path, model)]) or identity.capability_to_reach(
            [self.home.socket(process.part).parent]
        )
        binds = process.is_gateway and int(self.listen.rpartition(":")[2]) < _first_free_port()
        return tuple(filter(None, (reach, CAP_NET_BIND_SERVICE * binds)))

    def migration_environment_of(self, process: Process, others: tuple[Process, ...]) -> dict[str, str]:
        """The same with the rights of the schema's owner."""
        return self.environment_of(process, others) | {
            "OTKLIK_DATABASE_URL": self.database_urls[f"{process.service}_owner"]
        }


def _first_free_port() -> int:
    """The first port that needs no right of its own."""
    try:
        return int(Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text())
    except (OSError, ValueError):
        return 1024
