"""Loopback ports that stay the same across restarts, so that clients find their server again."""

import json
import random
import socket
from pathlib import Path

from infra.local.errors import StartError
from infra.local.files import write_private

# Below the range from which the kernel takes the ports of outgoing connections: a client that keeps dialling
# a stopped server in that range can be given the very port it dials, connect to itself and block the restart.
_LOWEST, _HIGHEST = 20_000, 32_000


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether one could listen there now."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError:
        return False
    return True


def free_port() -> int:
    """One that nobody listens at now."""
    source = random.SystemRandom()
    port = next(filter(is_free, (source.randrange(_LOWEST, _HIGHEST) for _ in range(200))), None)
    if port is None:
        raise StartError(f"No free port on 127.0.0.1 between {_LOWEST} and {_HIGHEST}.")
    return port


def assigned_port(file: Path, name: str) -> int:
    """The port noted for `name`; chosen and noted the first time."""
    ports = _read(file)
    if name not in ports:
        ports[name] = free_port()
        write_private(file, json.dumps(ports))
    return ports[name]


def unassign_port(file: Path, name: str) -> None:
    """Another one is chosen the next time."""
    ports = _read(file)
    if ports.pop(name, None) is not None:
        write_private(file, json.dumps(ports))


def _read(file: Path) -> dict[str, int]:
    try:
        return {str(name): int(port) for name, port in json.loads(file.read_text()).items()}
    except (FileNotFoundError, ValueError, AttributeError, TypeError):
        return {}


def bracketed(host: str) -> str:
    """A host as it stands before a colon and a port."""
    return f"[{host}]" if ":" in host else host
