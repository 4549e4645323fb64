"""One process of the system itself, as its supervisor keeps it running."""

import json

from infra.local.files import private_directory
from infra.local.probe import http_get_at
from infra.local.processes import GATEWAY, INTERNAL, STOP_GRACE, LaunchContext, Process
from infra.local.readiness import SECRETS as SECRETS_PROBLEM

UNREADY_SECONDS = 40.0  # so long a part may be not ready by its own fault
ANSWER_SECONDS = 4.0


class ManagedProcess:
    """One process of the system itself."""

    unready_limit = UNREADY_SECONDS

    def __init__(self, process: Process, context: LaunchContext, others: tuple[Process, ...]) -> None:
        home = context.home
        self.process = process
        self.name = process.part
        inner = INTERNAL if process.is_gateway else self.name
        self.socket = home.socket(inner)
        self.address = home.address(inner)
        self.child = context.child_of(process, others)
        # Servers that somebody else runs are somebody else's to mend, and a wrong key stays wrong.
        given = {"postgres": "OTKLIK_DATABASE_URL", "nats": "OTKLIK_NATS_URL"}
        theirs = (name for name in given if context.inherited.get(given[name]))
        self.not_its_fault = {"start", SECRETS_PROBLEM, *theirs}

    async def start(self) -> None:
        """In its folder of sockets, without waiting for it."""
        folder, identity = self.socket.parent, self.child.identity
        private_directory(folder, identity)
        folder.chmod(0o700 if identity is None else 0o710)
        self.socket.unlink(missing_ok=True)  # of one that was killed
        self.child.start()

    async def is_live(self) -> bool:
        """Whether its event loop turns."""
        status, _ = await http_get_at(self.address, "/health/live", ANSWER_SECONDS)
        return status != 0

    async def unready_reason(self) -> str:
        """Its own problems; the gateway names those of others too, which are not its fault."""
        status, body = await http_get_at(self.address, "/health/ready", ANSWER_SECONDS)
        if status in (0, 200):
            return ""
        try:
            problems = json.loads(body)["problems"]
            own = problems.get(GATEWAY, {}) if self.process.is_gateway else problems
            words = [f"{name}: {what}" for name, what in own.items() if name not in self.not_its_fault]
        except (ValueError, KeyError, TypeError, AttributeError):
            return f"answers {status}"
        return "; ".join(words)

    async def exited(self) -> int:
        """Its exit code, when it has ended."""
        return await self.child.exited()

    async def stop(self, grace: float = STOP_GRACE) -> None:
        """In order; by force after `grace` seconds."""
        await self.child.stop(grace)
